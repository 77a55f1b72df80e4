import type { Sqlite } from '../store/connection.ts'
import { insertMany } from '../store/insert-many.ts'
import type { Tx } from '../store/write-queue.ts'

/** What an account holds, in micro-dollars. */
export interface Sums {
  readonly reserved_micros: number
  readonly settled_micros: number
  readonly unconfirmed_micros: number
}

/**
 * The rows of `budget_account`. Inside a change they are read once and written at its end, however often they move: the
 * accounts of all calls move with each of them. Reading sees what the open change has moved.
 */
export interface AccountBook {
  /** `tx`: the open change, which will probably move the account too. */
  read(scope: string, tx?: Tx): Sums
  move(tx: Tx, scope: string, by: Sums): void
}

export const NOTHING: Sums = { reserved_micros: 0, settled_micros: 0, unconfirmed_micros: 0 }

export function plus(a: Sums, b: Sums): Sums {
  return {
    reserved_micros: a.reserved_micros + b.reserved_micros,
    settled_micros: a.settled_micros + b.settled_micros,
    unconfirmed_micros: a.unconfirmed_micros + b.unconfirmed_micros,
  }
}

/** An account inside the open change. */
interface OpenAccount {
  reserved_micros: number
  settled_micros: number
  unconfirmed_micros: number
  isMoved: boolean
}

export function createAccountBook(sqlite: Sqlite): AccountBook {
  const select = sqlite.prepare<[string], Sums>(
    'SELECT reserved_micros, settled_micros, unconfirmed_micros FROM budget_account WHERE scope = ?',
  )
  const write = insertMany(
    sqlite,
    'budget_account',
    ['scope', 'reserved_micros', 'settled_micros', 'unconfirmed_micros'],
    `ON CONFLICT (scope) DO UPDATE SET reserved_micros = excluded.reserved_micros,
       settled_micros = excluded.settled_micros, unconfirmed_micros = excluded.unconfirmed_micros`,
  )
  /** What the open change has read and moved. */
  const open = new Map<string, OpenAccount>()

  function writeMoved(): void {
    const moved = [...open].filter(([, account]) => account.isMoved)
    write(moved.map(([scope, sums]) => [scope, sums.reserved_micros, sums.settled_micros, sums.unconfirmed_micros]))
    open.clear()
  }

  function opened(tx: Tx, scope: string): OpenAccount {
    const known = open.get(scope)
    if (known !== undefined) return known
    if (open.size === 0) tx.atEnd(writeMoved, () => open.clear())
    const account = { ...(select.get(scope) ?? NOTHING), isMoved: false }
    open.set(scope, account)
    return account
  }

  return {
    read: (scope, tx) => (tx === undefined ? (open.get(scope) ?? select.get(scope) ?? NOTHING) : opened(tx, scope)),
    move(tx, scope, by) {
      const account = opened(tx, scope)
      account.reserved_micros += by.reserved_micros
      account.settled_micros += by.settled_micros
      account.unconfirmed_micros += by.unconfirmed_micros
      account.isMoved = true
    },
  }
}
