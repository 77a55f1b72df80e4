import type { ReactNode } from 'react'
import type { PlanProblem, PlanTask, TaskEstimate } from '#contract/plan.ts'
import { costRange } from '../project/words.ts'
import { duration, tokens } from '../texts/figures.ts'
import { CommitLines, CommitText } from './commit-fields.tsx'
import type { TaskChange } from './plan-edit.ts'
import type { HistoryAction } from './plan-history.ts'
import { planTexts } from './texts.ts'

/** Everything about one task of the plan that the table has no room for. */
export function TaskForm({
  task,
  estimate,
  problems,
  isEditable,
  dispatch,
  comments,
}: {
  task: PlanTask
  estimate: TaskEstimate | undefined
  problems: readonly PlanProblem[]
  isEditable: boolean
  dispatch: (action: HistoryAction) => void
  /** What people say of the task. */
  comments: ReactNode
}) {
  const set = (change: TaskChange) => dispatch({ kind: 'edit', edit: { kind: 'set_field', key: task.key, change } })
  const disabled = !isEditable
  const texts = planTexts.form
  return (
    <section aria-label={texts.label(task.key)} className="flex flex-col gap-2 p-4">
      <header>
        <h2 className="text-md font-semibold">
          <span className="mr-2 font-mono text-xs font-normal text-ink-3">{task.key}</span>
          {task.title}
        </h2>
        {estimate !== undefined && <p className="figures text-xs text-ink-3">{estimateLine(estimate)}</p>}
        {problems
          .filter((problem) => problem.task === task.key)
          .map((problem) => (
            <p key={problem.message} className="text-xs text-bad">
              {problem.message}
            </p>
          ))}
      </header>
      {comments}
      <CommitText
        label={texts.description}
        value={task.description}
        onCommit={(description) => set({ description })}
        disabled={disabled}
        rows={4}
      />
      <CommitLines
        label={texts.acceptance}
        hint={texts.perLine}
        value={task.acceptance}
        onCommit={(acceptance) => set({ acceptance })}
        disabled={disabled}
      />
      <CommitText
        label={texts.verify}
        hint={texts.verifyHint}
        value={task.verify_command ?? ''}
        onCommit={(command) => set({ verify_command: command.trim() === '' ? null : command })}
        disabled={disabled}
        mono
      />
      <CommitLines
        label={texts.artifacts}
        hint={texts.perLine}
        value={task.artifacts}
        onCommit={(artifacts) => set({ artifacts })}
        disabled={disabled}
        mono
      />
      <CommitText
        label={texts.tools}
        hint={texts.toolsHint}
        value={task.tools.join(', ')}
        onCommit={(text) => set({ tools: [...new Set(text.split(/[\s,;]+/).filter(Boolean))] })}
        disabled={disabled}
        mono
      />
      <CommitLines
        label={texts.scope}
        hint={texts.scopeHint}
        value={task.write_scope}
        onCommit={(scope) => set({ write_scope: scope })}
        disabled={disabled}
        mono
      />
      <CommitLines
        label={texts.hosts}
        hint={texts.hostsHint}
        value={task.hosts}
        onCommit={(hosts) => set({ hosts })}
        disabled={disabled}
        mono
      />
    </section>
  )
}

function estimateLine(estimate: TaskEstimate): string {
  const cost =
    estimate.paid || estimate.high_micros > 0 ? costRange(estimate.low_micros, estimate.high_micros) : '0 $ local'
  const time = `${duration(estimate.low_ms)}–${duration(estimate.high_ms)}`
  const model = estimate.profile ?? `no ${estimate.tier} model available`
  return `${model}, ${cost}, ${time}, ${tokens(estimate.input_tokens + estimate.output_tokens)}, ${planTexts.estimate.basis(estimate)}`
}
