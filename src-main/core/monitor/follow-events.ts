import type { StoredEvent } from '#contract/event.ts'
import type { Core } from '../core.ts'

/**
 * Hands on every event from now on, in order and without gaps, and a beat every few seconds, until `signal` aborts. Where the
 * stream ends because it was read too slowly, it goes on behind the last event.
 */
export async function followEvents(
  core: Pick<Core, 'events'>,
  signal: AbortSignal,
  listener: { event(event: StoredEvent): void; beat(): void },
): Promise<void> {
  let after = core.events.lastId()
  let isEnded = false
  while (!signal.aborted && !isEnded) {
    // A stream that gives nothing at all is one of a core that closes.
    isEnded = true
    for await (const item of core.events.stream({ after }, signal)) {
      isEnded = false
      if (item.kind === 'heartbeat') listener.beat()
      if (item.kind !== 'event') continue
      after = item.event.id
      listener.event(item.event)
    }
  }
}
