import { FastForward, Hourglass, ListChecks, Pause, Play, RotateCcw, X } from 'lucide-react'
import { useState } from 'react'
import type { Project } from '#contract/project.ts'
import { ExportButton } from '../archive/export-dialog.tsx'
import { Button, IconButton } from '../parts/button.tsx'
import { ConfirmDialog } from '../parts/dialog.tsx'
import { navigate } from '../route.ts'
import { AccessButton } from './access-dialog.tsx'
import { canGoOn } from './can-go-on.ts'
import { projectTexts } from './texts.ts'
import { useProjectCall } from './use-call.ts'
import { useShownState } from './use-shown-state.ts'

/**
 * What can be done with a project in its present state; the most likely one stands out. `isStopped`: the budget stopped
 * it, so going on begins with the limit, which is raised elsewhere.
 */
export function ProjectActions({ project, isStopped }: { project: Project; isStopped: boolean }) {
  const [isAsking, setAsking] = useState(false)
  const { id, state } = project
  const shown = useShownState()(project)
  const plan = useProjectCall(id, (client) => client.projects.plan({ id }))
  const start = useProjectCall(id, (client) => client.projects.start({ id }))
  const pause = useProjectCall(id, (client) => client.projects.pause({ id }))
  const resume = useProjectCall(id, (client) => client.projects.resume({ id }))
  const cancel = useProjectCall(
    id,
    (client) => client.projects.cancel({ id }),
    () => setAsking(false),
  )
  const retry = useProjectCall(id, (client) => client.projects.retry({ id }))
  const skip = useProjectCall(id, (client) => client.projects.skip({ id }))
  const wait = useProjectCall(id, (client, can_wait: boolean) => client.projects.change({ id, can_wait }))
  const texts = projectTexts.actions
  const hasFailedTasks = state === 'failed' && project.task_counts.failed + project.task_counts.cancelled > 0
  const toPlan = () => navigate({ page: 'plan', projectId: id })
  const hasEnded = state === 'succeeded' || state === 'failed' || state === 'cancelled'
  return (
    <div className="flex items-center gap-2">
      <AccessButton project={project} />
      <ExportButton project={project} />
      {project.plan_id !== null && state !== 'awaiting_approval' && (
        <Button variant="quiet" icon={<ListChecks size={14} />} onClick={toPlan}>
          {project.kind === 'plan' && state !== 'cancelled' && project.started_at !== null
            ? texts.changePlan
            : texts.showPlan}
        </Button>
      )}
      {!hasEnded && state !== 'draft' && (
        <Button icon={<X size={14} />} busy={cancel.isBusy} onClick={() => setAsking(true)}>
          {texts.cancel}
        </Button>
      )}
      {project.can_wait && !hasEnded && (
        <Button
          icon={<FastForward size={14} />}
          title={texts.atOnceWhy}
          busy={wait.isBusy}
          onClick={() => wait.run(false)}
        >
          {texts.atOnce}
        </Button>
      )}
      {!project.can_wait && !project.local_only && !hasEnded && (
        <IconButton
          label={`${texts.canWait}. ${texts.canWaitWhy}`}
          icon={<Hourglass size={14} />}
          disabled={wait.isBusy}
          onClick={() => wait.run(true)}
        />
      )}
      {(state === 'executing' || state === 'waiting') && (
        <Button
          variant={shown === 'executing' ? 'primary' : 'plain'}
          icon={<Pause size={14} />}
          busy={pause.isBusy}
          onClick={() => pause.run(undefined)}
        >
          {texts.pause}
        </Button>
      )}
      {state === 'waiting' && project.waiting_on === 'approval' && (
        <Button variant="primary" onClick={() => navigate({ page: 'inbox' })}>
          {texts.answer}
        </Button>
      )}
      {canGoOn(project) && (
        <Button
          variant={isStopped ? 'plain' : 'primary'}
          icon={<Play size={14} />}
          busy={start.isBusy}
          onClick={() => start.run(undefined)}
        >
          {texts.goOn}
        </Button>
      )}
      {hasFailedTasks && (
        <>
          <Button busy={skip.isBusy} title={texts.skipFailedWhy} onClick={() => skip.run(undefined)}>
            {texts.skipFailed}
          </Button>
          <Button
            variant="primary"
            icon={<RotateCcw size={14} />}
            busy={retry.isBusy}
            title={texts.retryFailedWhy}
            onClick={() => retry.run(undefined)}
          >
            {texts.retryFailed}
          </Button>
        </>
      )}
      {state === 'paused' && (
        <Button variant="primary" icon={<Play size={14} />} busy={resume.isBusy} onClick={() => resume.run(undefined)}>
          {texts.resume}
        </Button>
      )}
      {state === 'awaiting_approval' && (
        <Button variant="primary" icon={<ListChecks size={14} />} onClick={toPlan}>
          {texts.review}
        </Button>
      )}
      {(state === 'draft' || (state === 'failed' && project.plan_id === null)) && (
        <Button variant="primary" busy={plan.isBusy} onClick={() => plan.run(undefined)}>
          {state === 'draft' ? texts.plan : texts.again}
        </Button>
      )}
      <ConfirmDialog
        open={isAsking}
        onClose={() => setAsking(false)}
        onConfirm={() => cancel.run(undefined)}
        busy={cancel.isBusy}
        title={texts.cancelTitle}
        action={texts.cancel}
      >
        {texts.cancelWhy}
      </ConfirmDialog>
    </div>
  )
}
