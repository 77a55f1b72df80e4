import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.models

export const models = {
  list: route.list.handler(({ context }) => context.core.models.list()),
  put: route.put.handler(async ({ context, input }) => unwrap(await context.core.models.put(input))),
  remove: route.remove.handler(async ({ context, input }) => {
    unwrap(await context.core.models.remove(input.name))
    return { ok: true as const }
  }),
  loaded: route.loaded.handler(async ({ context }) => unwrap(await context.core.models.loaded())),
  outcomes: route.outcomes.handler(({ context }) => context.core.models.outcomes()),
  forgetOutcomes: route.forgetOutcomes.handler(async ({ context }) => {
    await context.core.models.forgetOutcomes()
    return { ok: true as const }
  }),
  pulls: route.pulls.handler(({ context }) => context.core.models.pulls()),
  pull: route.pull.handler(({ context, input }) => context.core.models.pull(input.model)),
  cancelPull: route.cancelPull.handler(({ context, input }) => unwrap(context.core.models.cancelPull(input.model))),
  keys: route.keys.handler(({ context }) => context.core.models.keys()),
  setKey: route.setKey.handler(async ({ context, input }) =>
    unwrap(await context.core.models.setKey(input.provider, input.key)),
  ),
  removeKey: route.removeKey.handler(async ({ context, input }) =>
    unwrap(await context.core.models.removeKey(input.provider)),
  ),
  vault: route.vault.handler(({ context }) => context.core.models.vault()),
  openVault: route.openVault.handler(async ({ context, input }) => unwrap(await context.core.models.openVault(input))),
}
