import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.knowledge

export const knowledge = {
  status: route.status.handler(async ({ context }) => unwrap(await context.core.knowledge.status())),
  list: route.list.handler(async ({ context, input }) => unwrap(await context.core.knowledge.list(input))),
  add: route.add.handler(async ({ context, input }) => unwrap(await context.core.knowledge.add(input))),
  upload: route.upload.handler(async ({ context, input }) => unwrap(await context.core.knowledge.upload(input))),
  get: route.get.handler(async ({ context, input }) => unwrap(await context.core.knowledge.get(input.id))),
  change: route.change.handler(async ({ context, input }) =>
    unwrap(await context.core.knowledge.change(input.id, input.watched)),
  ),
  refresh: route.refresh.handler(async ({ context, input }) => unwrap(await context.core.knowledge.refresh(input.id))),
  remove: route.remove.handler(async ({ context, input }) => {
    unwrap(await context.core.knowledge.remove(input.id))
    return { ok: true as const }
  }),
  files: route.files.handler(async ({ context, input: { id, ...page } }) =>
    unwrap(await context.core.knowledge.files(id, page)),
  ),
  search: route.search.handler(async ({ context, input, signal }) =>
    unwrap(await context.core.knowledge.search(input, signal)),
  ),
  text: route.text.handler(async ({ context, input }) =>
    unwrap(await context.core.knowledge.text(input.id, input.around)),
  ),
}
