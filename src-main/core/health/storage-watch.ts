import type { StorageTrouble } from '#contract/service.ts'
import type { Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Store } from '../store/store.ts'

/** Tells whoever follows of the disk's trouble (D4). While it lasts no event can be kept; its end is one. */
export function watchStorage(store: Store, events: EventLog, log: Log): void {
  let first: StorageTrouble | null = null
  store.onTrouble((now) => {
    events.beat()
    if (now !== null) {
      first ??= now
      log.error(now.message, { kind: now.kind, since: now.since })
      return
    }
    if (first === null) return
    const detail = `Work goes on. It was paused since ${first.since}. ${first.message}`
    first = null
    log.info(detail)
    store
      .write((tx) => events.append(tx, 'service.state', {}, { name: 'disk', state: 'healthy', detail }))
      .catch((cause: unknown) => log.error('The end of a trouble could not be written down', { error: String(cause) }))
  })
}
