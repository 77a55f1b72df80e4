import { z } from 'zod'
import { attempt } from '../attempt.ts'
import { checkpointList, restorePreview } from '../checkpoint.ts'
import { checkpointId, projectId, taskIds } from '../ids.ts'
import { pageOf, pageQuery } from '../page.ts'
import { currentPlan, plan } from '../plan.ts'
import { artifact, changeProject, imageContent, newProject, project } from '../project.ts'
import { sampleProject } from '../setup.ts'
import { task } from '../task.ts'
import { done, ofProject, route } from './route.ts'

/** Project: create, plan, watch, steer. */
export const projects = {
  list: route.route({ method: 'GET', path: '/projects' }).input(z.strictObject(pageQuery)).output(pageOf(project)),
  create: route.route({ method: 'POST', path: '/projects', successStatus: 201 }).input(newProject).output(project),
  /** A small project with a plan to try Baton with; creating it and adding the plan is up to the caller. */
  sample: route.route({ method: 'GET', path: '/sample-project' }).output(sampleProject),
  get: route.route({ method: 'GET', path: '/projects/{id}' }).input(ofProject).output(project),
  change: route
    .route({ method: 'PATCH', path: '/projects/{id}' })
    .input(changeProject.extend({ id: projectId }))
    .output(project),
  remove: route.route({ method: 'DELETE', path: '/projects/{id}' }).input(ofProject).output(done),
  /** Starts planning in the background; the project tells when the plan is there. */
  plan: route
    .route({ method: 'POST', path: '/projects/{id}/plan', successStatus: 202 })
    .input(ofProject)
    .output(project),
  /** Stops the planner alone: a project without tasks is a draft again, any other goes on by its approved plan. */
  stopPlanning: route.route({ method: 'POST', path: '/projects/{id}/plan/stop' }).input(ofProject).output(project),
  /** Goes on after a budget stop or another wait. */
  start: route.route({ method: 'POST', path: '/projects/{id}/start' }).input(ofProject).output(project),
  pause: route.route({ method: 'POST', path: '/projects/{id}/pause' }).input(ofProject).output(project),
  resume: route.route({ method: 'POST', path: '/projects/{id}/resume' }).input(ofProject).output(project),
  cancel: route.route({ method: 'POST', path: '/projects/{id}/cancel' }).input(ofProject).output(project),
  /** Does again what failed or was cancelled in it; `from` as for one task. */
  retry: route
    .route({ method: 'POST', path: '/projects/{id}/retry' })
    .input(z.strictObject({ id: projectId, from: z.enum(['step', 'start']).default('step') }))
    .output(project),
  /** Goes on without what failed or was cancelled in it. */
  skip: route.route({ method: 'POST', path: '/projects/{id}/skip' }).input(ofProject).output(project),
  plans: route.route({ method: 'GET', path: '/projects/{id}/plans' }).input(ofProject).output(pageOf(plan)),
  /** The approved plan as its tasks are now: what a change of it begins with (P7). */
  currentPlan: route.route({ method: 'GET', path: '/projects/{id}/current-plan' }).input(ofProject).output(currentPlan),
  /** A plan written by hand or taken from a file, as the next version. */
  addPlan: route
    .route({ method: 'POST', path: '/projects/{id}/plans', successStatus: 201 })
    .input(z.strictObject({ id: projectId, document: z.unknown(), source: z.enum(['user', 'file']).default('user') }))
    .output(plan),
  /** In the order of the plan; with `ids`, those of them that are the project's. */
  tasks: route
    .route({ method: 'GET', path: '/projects/{id}/tasks' })
    .input(
      z.strictObject({
        id: projectId,
        ...pageQuery,
        limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
        ids: taskIds.optional(),
      }),
    )
    .output(pageOf(task)),
  artifacts: route.route({ method: 'GET', path: '/projects/{id}/artifacts' }).input(ofProject).output(pageOf(artifact)),
  /** The runs of its tasks as stretches of time, the oldest first: what the timeline is drawn from. */
  attempts: route
    .route({ method: 'GET', path: '/projects/{id}/attempts' })
    .input(z.strictObject({ id: projectId, ...pageQuery }))
    .output(pageOf(attempt)),
  /** Commits in the workspace's private history, newest first (E10). */
  checkpoints: route
    .route({ method: 'GET', path: '/projects/{id}/checkpoints' })
    .input(z.strictObject({ id: projectId, ...pageQuery }))
    .output(checkpointList),
  /** What `restore` would do, without doing it. */
  previewRestore: route
    .route({ method: 'GET', path: '/projects/{id}/restore' })
    .input(z.strictObject({ id: projectId, checkpoint: checkpointId }))
    .output(restorePreview),
  /** Puts the files back as they were after a checkpoint; the tasks whose work goes by it are cancelled. */
  restore: route
    .route({ method: 'POST', path: '/projects/{id}/restore' })
    .input(z.strictObject({ id: projectId, checkpoint: checkpointId }))
    .output(project),
  /** One file of the workspace as text, at most 1 MB; `text` is null where it is not text. */
  artifact: route
    .route({ method: 'GET', path: '/projects/{id}/artifacts/content' })
    .input(z.strictObject({ id: projectId, path: z.string().min(1).max(4_096) }))
    .output(
      z.object({ path: z.string(), bytes: z.number().int(), text: z.string().nullable(), truncated: z.boolean() }),
    ),
  /** One image of the workspace, at most 20 MB; refused where the file is none. */
  image: route
    .route({ method: 'GET', path: '/projects/{id}/artifacts/image' })
    .input(z.strictObject({ id: projectId, path: z.string().min(1).max(4_096) }))
    .output(imageContent),
}
