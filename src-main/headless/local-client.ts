import { createRouterClient } from '@orpc/server'
import { createRouter } from '#api/create-router.ts'
import { ownersContext } from '#api/implementer.ts'
import type { HostedCore } from '#http/host-core.ts'
import type { BatonClient } from './baton-client.ts'

/** Calls the core of this process, through the same contract as everyone. */
export function localClient(hosted: HostedCore): BatonClient {
  const { core } = hosted
  const closed = new AbortController()
  return {
    api: createRouterClient(createRouter(), { context: ownersContext(core) }),
    hosted,
    async *events(filter, signal) {
      let { after } = filter
      const ended = AbortSignal.any([signal, closed.signal])
      while (!ended.aborted) {
        for await (const item of core.events.stream({ ...filter, after }, ended)) {
          if (item.kind === 'event') after = item.event.id
          yield item
        }
      }
    },
    takeUp(projects) {
      core.execute(projects)
    },
    close(graceMs) {
      closed.abort()
      return hosted.close(graceMs)
    },
  }
}
