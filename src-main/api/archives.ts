import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.archives
const done = { ok: true as const }

export const archives = {
  export: route.export.handler(async ({ context, input }) =>
    unwrap(await context.core.archives.export(input.project_id)),
  ),
  read: route.read.handler(async ({ context, input }) =>
    unwrap(await context.core.archives.read(input.id, input.offset)),
  ),
  discard: route.discard.handler(async ({ context, input }) => {
    unwrap(await context.core.archives.discard(input.id))
    return done
  }),
  begin: route.begin.handler(async ({ context, input }) => unwrap(await context.core.archives.begin(input.bytes))),
  append: route.append.handler(async ({ context, input }) =>
    unwrap(await context.core.archives.append(input.id, input.offset, input.data)),
  ),
  finish: route.finish.handler(async ({ context, input }) => unwrap(await context.core.archives.finish(input.id))),
  abandon: route.abandon.handler(async ({ context, input }) => {
    unwrap(await context.core.archives.abandon(input.id))
    return done
  }),
}
