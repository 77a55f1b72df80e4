import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.tasks

export const tasks = {
  get: route.get.handler(({ context, input }) => unwrap(context.core.tasks.get(input.id))),
  change: route.change.handler(async ({ context, input: { id, ...change } }) =>
    unwrap(await context.core.tasks.change(id, change)),
  ),
  retry: route.retry.handler(async ({ context, input }) =>
    unwrap(await context.core.tasks.retry(input.id, input.from)),
  ),
  cancel: route.cancel.handler(async ({ context, input }) => unwrap(await context.core.tasks.cancel(input.id))),
  skip: route.skip.handler(async ({ context, input }) => unwrap(await context.core.tasks.skip(input.id))),
  pause: route.pause.handler(async ({ context, input }) => unwrap(await context.core.tasks.pause(input.id))),
  resume: route.resume.handler(async ({ context, input }) => unwrap(await context.core.tasks.resume(input.id))),
  atOnce: route.atOnce.handler(async ({ context, input }) => unwrap(await context.core.tasks.atOnce(input.id))),
  diff: route.diff.handler(async ({ context, input }) => unwrap(await context.core.tasks.diff(input.id))),
  undo: route.undo.handler(async ({ context, input }) => unwrap(await context.core.tasks.undo(input.id))),
  runs: route.runs.handler(({ context, input }) => unwrap(context.core.tasks.runs(input.id))),
}
