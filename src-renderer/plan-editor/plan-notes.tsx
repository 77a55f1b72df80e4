import { Check, ChevronDown, TriangleAlert, Wrench, X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Plan, PlanProblem } from '#contract/plan.ts'
import { IconButton } from '../parts/button.tsx'
import { classNames } from '../parts/class-names.ts'
import { FaultNote } from '../parts/notes.tsx'
import type { PlanHistory } from './plan-history.ts'
import { planTexts } from './texts.ts'
import type { PlanCheck } from './use-plan-check.ts'

/** What Baton has to say about the plan: problems with a jump to each, and what it set right by itself. */
export function PlanNotes({ plan, check, onJump }: { plan: Plan; check: PlanCheck; onJump: (key: string) => void }) {
  if (check.error !== null) return <FaultNote error={check.error} />
  return (
    <div className="flex flex-wrap items-start gap-x-6 gap-y-1">
      {check.problems.length > 0 ? (
        <Fold
          icon={<TriangleAlert size={14} className="text-bad" aria-hidden />}
          label={planTexts.problems(check.problems.length)}
          className="text-bad"
          startsOpen
        >
          {check.problems.map((problem) => (
            <ProblemLine
              key={`${problem.task} ${problem.field} ${problem.message}`}
              problem={problem}
              onJump={onJump}
            />
          ))}
        </Fold>
      ) : (
        <p role="status" className="flex h-6 items-center gap-1.5 text-xs text-ink-2">
          <Check size={14} className={check.isPending ? 'opacity-0' : 'text-good'} aria-hidden />
          {check.isPending ? planTexts.checking : planTexts.noProblems}
        </p>
      )}
      {plan.repairs.length > 0 && (
        <Fold
          icon={<Wrench size={14} aria-hidden />}
          label={planTexts.repairs(plan.repairs.length)}
          className="text-ink-2"
          startsOpen={false}
        >
          {plan.repairs.map((repair) => (
            <li key={`${repair.task} ${repair.what}`} className="flex gap-2">
              {repair.task !== null && <TaskLink task={repair.task} onJump={onJump} />}
              {repair.what}
            </li>
          ))}
        </Fold>
      )}
    </div>
  )
}

function ProblemLine({ problem, onJump }: { problem: PlanProblem; onJump: (key: string) => void }) {
  return (
    <li className="flex gap-2">
      {problem.task !== null && <TaskLink task={problem.task} onJump={onJump} />}
      <span>
        {problem.field !== null && <span className="text-ink-3">{problem.field}: </span>}
        {problem.message}
      </span>
    </li>
  )
}

function TaskLink({ task, onJump }: { task: string; onJump: (key: string) => void }) {
  return (
    <button
      type="button"
      onClick={() => onJump(task)}
      className="h-fit shrink-0 rounded-sm font-mono text-xs leading-5 text-accent underline-offset-2 hover:underline"
    >
      {task}
    </button>
  )
}

function Fold({
  icon,
  label,
  className,
  startsOpen,
  children,
}: {
  icon: ReactNode
  label: string
  className: string
  startsOpen: boolean
  children: ReactNode
}) {
  const [isOpen, setOpen] = useState(startsOpen)
  return (
    <div>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className={classNames('flex h-6 items-center gap-1.5 rounded-sm text-xs hover:underline', className)}
      >
        {icon}
        {label}
        <ChevronDown size={12} aria-hidden className={classNames('transition-transform', !isOpen && '-rotate-90')} />
      </button>
      {isOpen && <ul className="flex max-h-32 flex-col overflow-auto pl-5 text-xs leading-5 text-ink">{children}</ul>}
    </div>
  )
}

/** What the last edit had to say: who depends on what now, or why it was refused. */
export function EditNotice({ history, onDismiss }: { history: PlanHistory; onDismiss: () => void }) {
  return (
    <div aria-live="polite" className="min-w-0 flex-1">
      {history.notice !== '' && (
        <p className={classNames('flex items-center gap-1 text-xs', history.refused ? 'text-bad' : 'text-ink-2')}>
          <span className="truncate" title={history.notice}>
            {history.notice}
          </span>
          <IconButton label="Close this note" icon={<X size={12} />} className="size-5" onClick={onDismiss} />
        </p>
      )}
    </div>
  )
}
