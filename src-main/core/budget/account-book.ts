import type { Sqlite } from '../store/connection.ts'
import { insertMany } from '../store/insert-many.ts'
import type { Tx } from '../store/write-queue.ts'

/** What an account holds, in micro-dollars. */
export interface Sums {
  readonly reserved_micros: number
  readonly settled_micros: number
  readonly unconfirmed_micros: number
}

/** An account inside the open change, and what it holds by then. */
export interface OpenAccount extends Sums {
  move(by: Sums): void
}

/**
 * The rows of `budget_account`. Inside a change they are read once and written at its end, however often they move: the
 * accounts of all calls move with each of them. Reading sees what the open change has moved.
 */
export interface AccountBook {
  read(scope: string): Sums
  /** For the open change, which will probably move it; good until its end. */
  open(tx: Tx, scope: string): OpenAccount
}

export const NOTHING: Sums = { reserved_micros: 0, settled_micros: 0, unconfirmed_micros: 0 }

export function plus(a: Sums, b: Sums): Sums {
  return {
    reserved_micros: a.reserved_micros + b.reserved_micros,
    settled_micros: a.settled_micros + b.settled_micros,
    unconfirmed_micros: a.unconfirmed_micros + b.unconfirmed_micros,
  }
}

class MovableAccount implements OpenAccount {
  reserved_micros: number
  settled_micros: number
  unconfirmed_micros: number
  isMoved = false

  constructor({ reserved_micros, settled_micros, unconfirmed_micros }: Sums) {
    this.reserved_micros = reserved_micros
    this.settled_micros = settled_micros
    this.unconfirmed_micros = unconfirmed_micros
  }

  move(by: Sums): void {
    this.reserved_micros += by.reserved_micros
    this.settled_micros += by.settled_micros
    this.unconfirmed_micros += by.unconfirmed_micros
    this.isMoved = true
  }
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
  const opened = new Map<string, MovableAccount>()

  function writeMoved(): void {
    const moved = [...opened].filter(([, account]) => account.isMoved)
    write(moved.map(([scope, sums]) => [scope, sums.reserved_micros, sums.settled_micros, sums.unconfirmed_micros]))
    opened.clear()
  }

  return {
    read: (scope) => opened.get(scope) ?? select.get(scope) ?? NOTHING,
    open(tx, scope) {
      const known = opened.get(scope)
      if (known !== undefined) return known
      if (opened.size === 0) tx.atEnd(writeMoved, () => opened.clear())
      const account = new MovableAccount(select.get(scope) ?? NOTHING)
      opened.set(scope, account)
      return account
    },
  }
}
