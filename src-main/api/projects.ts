import { seesOnly } from '#core/identity/caller.ts'
import { checkScope } from './check-right.ts'
import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.projects

export const projects = {
  list: route.list.handler(({ context, input }) => context.core.projects.list(input, seesOnly(context.caller))),
  create: route.create.handler(async ({ context: { core, caller }, input }) => {
    // A folder of this machine is its owner's to give.
    if (input.workspace !== undefined) unwrap(checkScope(caller, { scope: 'admin' }))
    return unwrap(await core.projects.create(input))
  }),
  sample: route.sample.handler(({ context }) => context.core.projects.sample()),
  get: route.get.handler(({ context, input }) => unwrap(context.core.projects.get(input.id))),
  change: route.change.handler(async ({ context, input: { id, ...change } }) =>
    unwrap(await context.core.projects.change(id, change)),
  ),
  remove: route.remove.handler(async ({ context, input }) => {
    unwrap(await context.core.projects.remove(input.id))
    return { ok: true as const }
  }),
  stopPlanning: route.stopPlanning.handler(async ({ context, input }) =>
    unwrap(await context.core.projects.stopPlanning(input.id)),
  ),
  plan: route.plan.handler(async ({ context, input }) => unwrap(await context.core.projects.plan(input.id))),
  start: route.start.handler(async ({ context, input }) => unwrap(await context.core.projects.start(input.id))),
  pause: route.pause.handler(async ({ context, input }) => unwrap(await context.core.projects.pause(input.id))),
  resume: route.resume.handler(async ({ context, input }) => unwrap(await context.core.projects.resume(input.id))),
  cancel: route.cancel.handler(async ({ context, input }) => unwrap(await context.core.projects.cancel(input.id))),
  retry: route.retry.handler(async ({ context, input }) =>
    unwrap(await context.core.projects.retry(input.id, input.from)),
  ),
  skip: route.skip.handler(async ({ context, input }) => unwrap(await context.core.projects.skip(input.id))),
  plans: route.plans.handler(({ context, input }) => unwrap(context.core.projects.plans(input.id))),
  currentPlan: route.currentPlan.handler(({ context, input }) => unwrap(context.core.projects.currentPlan(input.id))),
  addPlan: route.addPlan.handler(async ({ context, input }) =>
    unwrap(await context.core.projects.addPlan(input.id, input.document, input.source)),
  ),
  tasks: route.tasks.handler(({ context, input: { id, ids, ...page } }) =>
    unwrap(context.core.projects.tasks(id, page, ids)),
  ),
  attempts: route.attempts.handler(({ context, input: { id, ...page } }) =>
    unwrap(context.core.projects.attempts(id, page)),
  ),
  checkpoints: route.checkpoints.handler(async ({ context, input: { id, ...page } }) =>
    unwrap(await context.core.projects.checkpoints(id, page)),
  ),
  restore: route.restore.handler(async ({ context, input }) =>
    unwrap(await context.core.projects.restore(input.id, input.checkpoint)),
  ),
  previewRestore: route.previewRestore.handler(async ({ context, input }) =>
    unwrap(await context.core.projects.previewRestore(input.id, input.checkpoint)),
  ),
  artifacts: route.artifacts.handler(async ({ context, input }) =>
    unwrap(await context.core.projects.artifacts(input.id)),
  ),
  artifact: route.artifact.handler(async ({ context, input }) =>
    unwrap(await context.core.projects.artifact(input.id, input.path)),
  ),
  image: route.image.handler(async ({ context, input }) =>
    unwrap(await context.core.projects.image(input.id, input.path)),
  ),
}
