import { z } from 'zod'
import { taskDiff } from '../checkpoint.ts'
import { taskId } from '../ids.ts'
import { pageOf } from '../page.ts'
import { run } from '../run.ts'
import { changeTask, task } from '../task.ts'
import { ofTask, route } from './route.ts'

/** Task: read and steer. */
export const tasks = {
  get: route.route({ method: 'GET', path: '/tasks/{id}' }).input(ofTask).output(task),
  change: route
    .route({ method: 'PATCH', path: '/tasks/{id}' })
    .input(changeTask.extend({ id: taskId }))
    .output(task),
  /** `from`: `step` keeps the finished steps of the last attempt, `start` begins afresh. */
  retry: route
    .route({ method: 'POST', path: '/tasks/{id}/retry' })
    .input(z.strictObject({ id: taskId, from: z.enum(['step', 'start']).default('step') }))
    .output(task),
  cancel: route.route({ method: 'POST', path: '/tasks/{id}/cancel' }).input(ofTask).output(task),
  skip: route.route({ method: 'POST', path: '/tasks/{id}/skip' }).input(ofTask).output(task),
  pause: route.route({ method: 'POST', path: '/tasks/{id}/pause' }).input(ofTask).output(task),
  resume: route.route({ method: 'POST', path: '/tasks/{id}/resume' }).input(ofTask).output(task),
  /** Takes it out of batches: what waits in one is taken back, and it goes on at the usual price (R5). */
  atOnce: route.route({ method: 'POST', path: '/tasks/{id}/at-once' }).input(ofTask).output(task),
  runs: route.route({ method: 'GET', path: '/tasks/{id}/runs' }).input(ofTask).output(pageOf(run)),
  /** What the task did to the files of the workspace (E10). */
  diff: route.route({ method: 'GET', path: '/tasks/{id}/diff' }).input(ofTask).output(taskDiff),
  /** Puts its files back as it found them and cancels it; refused where a file changed since. */
  undo: route.route({ method: 'POST', path: '/tasks/{id}/undo' }).input(ofTask).output(task),
}
