import { FastForward, Pause, Pencil, Play, RotateCcw, SkipForward, Square, StepForward } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Task } from '#contract/task.ts'
import type { Client } from '../../client/client.ts'
import { Button } from '../../parts/button.tsx'
import { ConfirmDialog } from '../../parts/dialog.tsx'
import { isEnded } from '../task-line.ts'
import { taskTexts } from '../texts.ts'
import { useCall } from '../use-call.ts'
import { EditTaskDialog } from './edit-task-dialog.tsx'
import { useShowTask } from './use-show-task.ts'

/** What can be done with a task in its present state (E4). */
export function TaskActions({ task }: { task: Task }) {
  const [dialog, setDialog] = useState<'edit' | 'cancel' | null>(null)
  const showAnswer = useShowTask(task.project_id)
  const call = useCall((client, work: (client: Client) => Promise<Task>) => work(client), showAnswer)
  const texts = taskTexts.actions
  const { id, state } = task
  const isStopped = state === 'failed' || state === 'cancelled'
  const isOpen = !isEnded(state)
  const button = (label: string, icon: ReactNode, work: (client: Client) => Promise<Task>, title?: string) => (
    <Button small icon={icon} title={title} disabled={call.isBusy} onClick={() => call.run(work)}>
      {label}
    </Button>
  )
  if (state === 'succeeded') return null
  return (
    <div className="flex flex-wrap gap-1.5 border-b px-4 py-2">
      {isStopped &&
        button(texts.retryStep, <StepForward size={13} />, (client) => client.tasks.retry({ id, from: 'step' }))}
      {isStopped &&
        button(texts.retryStart, <RotateCcw size={13} />, (client) => client.tasks.retry({ id, from: 'start' }))}
      {task.waiting_on === 'batch' &&
        button(texts.atOnce, <FastForward size={13} />, (client) => client.tasks.atOnce({ id }), texts.atOnceWhy)}
      {isOpen && task.held && button(texts.resume, <Play size={13} />, (client) => client.tasks.resume({ id }))}
      {isOpen &&
        !task.held &&
        state !== 'blocked' &&
        button(texts.pause, <Pause size={13} />, (client) => client.tasks.pause({ id }))}
      {state !== 'running' && state !== 'skipped' && (
        <>
          <Button small icon={<Pencil size={13} />} onClick={() => setDialog('edit')}>
            {isStopped ? texts.edit : texts.change}
          </Button>
          {button(texts.skip, <SkipForward size={13} />, (client) => client.tasks.skip({ id }), texts.skipWhy)}
        </>
      )}
      {isOpen && (
        <Button small variant="danger" icon={<Square size={12} />} onClick={() => setDialog('cancel')}>
          {texts.cancel}
        </Button>
      )}
      {dialog === 'edit' && <EditTaskDialog task={task} retries={isStopped} onClose={() => setDialog(null)} />}
      <ConfirmDialog
        open={dialog === 'cancel'}
        onClose={() => setDialog(null)}
        onConfirm={() => {
          call.run((client) => client.tasks.cancel({ id }))
          setDialog(null)
        }}
        title={texts.cancelTitle}
        action={texts.cancel}
      >
        {texts.cancelWhy}
      </ConfirmDialog>
    </div>
  )
}
