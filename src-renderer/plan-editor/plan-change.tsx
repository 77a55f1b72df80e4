import { useState } from 'react'
import type { CurrentPlan, PlanDocument } from '#contract/plan.ts'
import { diffPlans, type TaskDiff } from '#contract/plan-diff.ts'
import type { Project } from '#contract/project.ts'
import { Button } from '../parts/button.tsx'
import { useProjectCall } from '../project/use-call.ts'
import { fixedTasks, putBack, touched } from './fixed-tasks.ts'
import { NoteDialog } from './note-dialog.tsx'
import type { HistoryAction } from './plan-history.ts'
import { planTexts } from './texts.ts'

const texts = planTexts.change

/** How a project whose tasks go on gets another plan: changed by hand, or by the planner (P7). */
export function ChangeActions({ project, onChange }: { project: Project; onChange: () => void }) {
  const [isAsking, setAsking] = useState(false)
  const { plan_id, replan } = project
  const ask = useProjectCall(
    project.id,
    (client, note: string) => client.plans.revise({ id: plan_id ?? '', note }),
    () => setAsking(false),
  )
  const stop = useProjectCall(project.id, (client) => client.projects.stopPlanning({ id: project.id }))
  if (replan?.state === 'planning' || replan?.state === 'waiting') {
    return (
      <div className="flex items-center gap-2">
        <p className="text-ink-2">{replan.reason === '' ? texts.planning : replan.reason}</p>
        <Button busy={stop.isBusy} onClick={() => stop.run(undefined)}>
          {texts.stopPlanning}
        </Button>
      </div>
    )
  }
  return (
    <div className="flex items-center gap-2">
      <Button onClick={() => setAsking(true)}>{texts.ask}</Button>
      <Button variant="primary" onClick={onChange}>
        {texts.change}
      </Button>
      {isAsking && (
        <NoteDialog
          title={texts.ask}
          label={planTexts.reviseLabel}
          hint={texts.askHint}
          action={planTexts.reviseSend}
          isNeeded
          isBusy={ask.isBusy}
          onClose={() => setAsking(false)}
          onSend={ask.run}
        />
      )}
    </div>
  )
}

/** What the plan as it is edited does to the tasks that are there, task by task on demand. */
export function ChangeSummary({
  current,
  document,
  dispatch,
}: {
  current: CurrentPlan
  document: PlanDocument
  dispatch: (action: HistoryAction) => void
}) {
  const fixed = fixedTasks(current)
  const diffs = diffPlans(current.document, document)
  const count = (kind: TaskDiff['kind']) => diffs.filter((diff) => diff.kind === kind).length
  const stateOf = new Map(current.tasks.map(({ key, state }) => [key, state]))
  const stopped = diffs.filter((diff) => diff.kind !== 'added' && stateOf.get(diff.key) === 'running')
  const wrong = touched(document, fixed)
  return (
    <div
      role="status"
      aria-label={texts.summary}
      className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-2"
    >
      <span className="figures">{texts.counts(fixed.size, count('changed'), count('added'), count('removed'))}</span>
      {stopped.length > 0 && <span className="text-needs">{texts.stopped(stopped.map(({ title }) => title))}</span>}
      {wrong.length > 0 && (
        <span className="flex items-center gap-2 text-bad">
          {texts.touched(wrong.map(({ title }) => title))}
          <Button
            small
            onClick={() => dispatch({ kind: 'edit', edit: { kind: 'replace', document: putBack(document, fixed) } })}
          >
            {texts.putBack}
          </Button>
        </span>
      )}
    </div>
  )
}
