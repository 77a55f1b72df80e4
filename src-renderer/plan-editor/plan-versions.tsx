import { useState } from 'react'
import type { Plan, PlanDocument } from '#contract/plan.ts'
import { diffPlans, type TaskDiff } from '#contract/plan-diff.ts'
import { Chip, type Tone } from '../parts/chip.tsx'
import { classNames } from '../parts/class-names.ts'
import { Dialog } from '../parts/dialog.tsx'
import { dateTime } from '../texts/figures.ts'

const SOURCES = { model: 'by the planner', user: 'by hand', file: 'from a file' } as const

/** All versions of a plan, newest first, and what differs between the chosen one and the plan as it stands. */
export function PlanVersions({
  plans,
  current,
  onClose,
}: {
  plans: readonly Plan[]
  /** The plan as it is being edited. */
  current: PlanDocument
  onClose: () => void
}) {
  const newestFirst = [...plans].sort((one, two) => two.version - one.version)
  const [chosenId, setChosenId] = useState((newestFirst[1] ?? newestFirst[0])?.id)
  const chosen = newestFirst.find((plan) => plan.id === chosenId)
  const diffs = chosen === undefined ? [] : diffPlans(chosen.document, current)
  return (
    <Dialog open wide onClose={onClose} title="Versions of the plan">
      <div className="grid grid-cols-[15rem_1fr] gap-4">
        <ul className="flex flex-col gap-1">
          {newestFirst.map((plan) => (
            <li key={plan.id}>
              <button
                type="button"
                aria-pressed={plan.id === chosenId}
                onClick={() => setChosenId(plan.id)}
                className={classNames(
                  'w-full rounded px-2 py-1.5 text-left hover:bg-hover',
                  plan.id === chosenId && 'bg-accent-soft',
                )}
              >
                <span className="flex items-center justify-between gap-2">
                  <span className="font-medium">Version {plan.version}</span>
                  <span className="text-xs text-ink-3">{plan.state}</span>
                </span>
                <span className="block text-xs text-ink-3">
                  {SOURCES[plan.source]}, {dateTime(plan.created_at)}
                </span>
                {plan.note !== '' && <span className="block truncate text-xs text-ink-2">“{plan.note}”</span>}
              </button>
            </li>
          ))}
        </ul>
        <div className="min-w-0">
          {chosen !== undefined && (
            <h3 className="mb-2 text-ink-2">From version {chosen.version} to what the editor shows now</h3>
          )}
          {diffs.length === 0 && <p className="text-ink-3">Nothing differs.</p>}
          <ul className="flex flex-col gap-3">
            {diffs.map((diff) => (
              <DiffOfTask key={`${diff.kind} ${diff.key}`} diff={diff} />
            ))}
          </ul>
        </div>
      </div>
    </Dialog>
  )
}

const TONES: Record<TaskDiff['kind'], Tone> = { added: 'good', removed: 'bad', changed: 'accent' }

function DiffOfTask({ diff }: { diff: TaskDiff }) {
  return (
    <li>
      <p className="flex items-center gap-2">
        <Chip tone={TONES[diff.kind]}>{diff.kind}</Chip>
        <span className="font-mono text-xs text-ink-3">{diff.key}</span>
        <span className="truncate">{diff.title}</span>
      </p>
      {diff.kind === 'changed' && (
        <dl className="mt-1 grid grid-cols-[7rem_1fr] gap-x-3 gap-y-1 pl-2 text-xs">
          {diff.fields.map((field) => (
            <div key={field.field} className="contents">
              <dt className="text-ink-3">{field.field}</dt>
              <dd className="break-words">
                <del className="text-bad">{field.before === '' ? '(empty)' : field.before}</del>
                <span aria-hidden> → </span>
                <ins className="text-good no-underline">{field.after === '' ? '(empty)' : field.after}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  )
}
