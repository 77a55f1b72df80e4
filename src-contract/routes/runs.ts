import { z } from 'zod'
import { newRun } from '../new-run.ts'
import { pageOf, pageQuery } from '../page.ts'
import { runAccepted, runDetail, runEvent, runEventsQuery, step } from '../run.ts'
import { runContext } from '../run-context.ts'
import { runMoment } from '../run-timeline.ts'
import { ofRun, route } from './route.ts'

/** Run: what happened inside one attempt. Free prompts are runs of their own (G6). The routes answer at the root, too. */
export const runs = {
  /** Free prompts, newest first, each with its last attempt. */
  list: route.route({ method: 'GET', path: '/runs' }).input(z.strictObject(pageQuery)).output(pageOf(runDetail)),
  /** Has a prompt carried out in the background, within its budget. */
  create: route.route({ method: 'POST', path: '/runs', successStatus: 202 }).input(newRun).output(runAccepted),
  get: route.route({ method: 'GET', path: '/runs/{id}' }).input(ofRun).output(runDetail),
  /** Ends a run and what it belongs to: the free prompt, or the task. */
  cancel: route.route({ method: 'POST', path: '/runs/{id}/cancel' }).input(ofRun).output(runDetail),
  /** As a stream on HTTP: `GET /runs/{id}/events/stream` (SSE, written by hand). */
  events: route
    .route({ method: 'GET', path: '/runs/{id}/events' })
    .input(ofRun.extend(runEventsQuery))
    .output(z.array(runEvent)),
  steps: route.route({ method: 'GET', path: '/runs/{id}/steps' }).input(ofRun).output(z.array(step)),
  context: route.route({ method: 'GET', path: '/runs/{id}/context' }).input(ofRun).output(runContext),
  /** All that happened in it, in order: phases, calls, waits, questions, its end. */
  timeline: route.route({ method: 'GET', path: '/runs/{id}/timeline' }).input(ofRun).output(z.array(runMoment)),
}
