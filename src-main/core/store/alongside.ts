import { AsyncLocalStorage } from 'node:async_hooks'
import type { Sqlite } from './connection.ts'

/** Writes something into the transaction of each change that is asked for within `work`; may be called again for the same. */
export type Alongside = (sqlite: Sqlite) => void

const current = new AsyncLocalStorage<Alongside>()

/** Does `work`; whatever it changes, `write` commits with it or not at all. */
export function writeAlongside<T>(write: Alongside, work: () => T): T {
  return current.run(write, work)
}

/** What goes along with a change that is asked for here. */
export function alongside(): Alongside | undefined {
  return current.getStore()
}
