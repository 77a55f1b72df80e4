import { seesOnly } from '#core/identity/caller.ts'
import { api } from './implementer.ts'

const route = api.events

export const events = {
  list: route.list.handler(({ context, input: { limit, ...filter } }) =>
    context.core.events.list({ ...filter, owner: seesOnly(context.caller) }, limit),
  ),
  stream: route.stream.handler(async function* ({ context, input, signal }) {
    // A transport without a signal ends the iterator itself, which ends this generator and with it core's.
    yield* context.core.events.stream(
      { ...input, owner: seesOnly(context.caller) },
      signal ?? new AbortController().signal,
    )
  }),
}
