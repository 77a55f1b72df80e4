import { encodeId } from '#contract/ids.ts'
import type { EventLog } from '../event/event-log.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'

/** What keeps queued jobs from being begun, though there may be somebody to do them. */
export interface JobHolds {
  /** Why none is begun now; null where they may be. */
  ofAll(): string | null
  /** Why those of one owner are not begun; null where they may be. */
  of(owner: string): string | null
  /** The owners whose jobs wait, as a JSON list for questions in SQL. */
  owners(): string
  /** The same as the open change sees it, which may be the one that switches somebody off. */
  ownersIn(tx: Tx): string
  /** Some user was switched off or on. */
  ownersChanged(): void
  /** Is told after the commit that something is held, or held no more. */
  onChange(listener: () => void): void
}

/** A person may pause everything (E4), and what somebody wanted who was switched off since (S1) is not begun any more. */
export function createJobHolds(store: Store, events: EventLog, settings: SettingsStore): JobHolds {
  const switchedOff = store.sqlite.prepare<[], number>('SELECT id FROM user WHERE is_active = 0').pluck()
  const listeners = new Set<() => void>()
  const ids = (): string[] => switchedOff.all().map((id) => encodeId('user', id))
  let off: ReadonlySet<string>
  let asJson: string

  function read(): void {
    off = new Set(ids())
    asJson = JSON.stringify([...off])
  }
  const tell = (): void => {
    for (const listener of listeners) listener()
  }

  read()
  events.onEvent(tell, (type) => type === 'executor.paused')
  return {
    ofAll: () => (settings.paused() ? 'Everything is paused. It goes on when somebody resumes it.' : null),
    of: (owner) => (off.has(owner) ? 'Its owner was switched off. It goes on when an admin lets them in again.' : null),
    owners: () => asJson,
    ownersIn: () => JSON.stringify(ids()),
    ownersChanged() {
      read()
      tell()
    },
    onChange: (listener) => {
      listeners.add(listener)
    },
  }
}
