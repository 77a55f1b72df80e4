import type { Project } from '#contract/project.ts'
import { Button } from '../parts/button.tsx'
import { Kbd } from '../parts/kbd.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { projectTexts } from '../project/texts.ts'
import { useProjectCall } from '../project/use-call.ts'
import { navigate } from '../route.ts'
import { counted } from '../texts/figures.ts'
import { inboxTexts as texts } from '../texts/inbox.ts'
import { DecisionCard } from './decision-card.tsx'

/** Whether something failed for good, be it that the rest still goes on. */
export function hasFailed({ state, task_counts }: Project): boolean {
  return state === 'failed' || ((state === 'executing' || state === 'waiting') && task_counts.failed > 0)
}

/** Work whose checks or tasks failed: why, and the ways on with what each of them does. */
export function FailureCard({ project }: { project: Project }) {
  const { id, state, task_counts: counts } = project
  const retry = useProjectCall(id, (client) => client.projects.retry({ id }))
  const skip = useProjectCall(id, (client) => client.projects.skip({ id }))
  const plan = useProjectCall(id, (client) => client.projects.plan({ id }))
  const isBusy = retry.isBusy || skip.isBusy || plan.isBusy
  const hasTasks = counts.failed + counts.cancelled > 0
  const isUnplanned = state === 'failed' && project.plan_id === null
  const ways = projectTexts.actions
  const open = () => navigate({ page: 'project', projectId: id, taskId: null })
  const on = (key: string, call: { run: (input: undefined) => void }, isOffered: boolean) =>
    isOffered && !isBusy ? { [key]: () => call.run(undefined) } : {}
  const why =
    state === 'failed'
      ? project.reason
      : texts.failedSomeWhy(counted(counts.failed, 'task'), counts.blocked > 0 ? counted(counts.blocked, 'task') : null)
  return (
    <DecisionCard
      mark={<StateShape state="failed" size={12} label={false} />}
      kind={state !== 'failed' ? texts.failedSome : isUnplanned ? texts.failedPlan : texts.failed}
      title={project.name}
      why={why}
      effect={
        hasTasks && (
          <ul className="text-xs text-ink-3">
            <li>
              {ways.retryFailed}: {ways.retryFailedWhy}
            </li>
            <li>
              {ways.skipFailed}: {ways.skipFailedWhy}
            </li>
          </ul>
        )
      }
      onKey={{ o: open, ...on('s', skip, hasTasks), ...on('r', retry, hasTasks), ...on('a', plan, isUnplanned) }}
    >
      <Button onClick={open}>
        {texts.open} <Kbd keys="O" />
      </Button>
      {hasTasks && (
        <>
          <Button busy={skip.isBusy} onClick={() => skip.run(undefined)}>
            {ways.skipFailed} <Kbd keys="S" />
          </Button>
          <Button variant="primary" busy={retry.isBusy} onClick={() => retry.run(undefined)}>
            {ways.retryFailed} <Kbd keys="R" />
          </Button>
        </>
      )}
      {isUnplanned && (
        <Button variant="primary" busy={plan.isBusy} onClick={() => plan.run(undefined)}>
          {ways.again} <Kbd keys="A" />
        </Button>
      )}
    </DecisionCard>
  )
}
