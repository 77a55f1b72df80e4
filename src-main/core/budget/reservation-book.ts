import { getTableColumns } from 'drizzle-orm'
import type { Sqlite } from '../store/connection.ts'
import { insertAlike } from '../store/insert-many.ts'
import { type ReservationRow, reservation } from '../store/schema.ts'
import type { Tx } from '../store/write-queue.ts'
import { NOTHING, plus, type Sums } from './account-book.ts'

type Moved = Partial<Pick<ReservationRow, 'settled_micros' | 'sent_at' | 'settled_at'>> & Pick<ReservationRow, 'state'>

/**
 * The rows of `reservation`. A new one is written at the end of the change that makes it, as it is then: most are reserved
 * and marked as sent in one change, and many calls may begin in it.
 */
export interface ReservationBook {
  get(id: number): ReservationRow | undefined
  /** Answers with the number of the new row. */
  add(tx: Tx, row: Omit<ReservationRow, 'id'>): number
  /** A row that is not written yet says so itself from then on. */
  move(row: ReservationRow, to: Moved): void
  /** What the calls of a task or a run hold and have cost. */
  sums(of: Owner, id: number): Sums
}

export type Owner = 'task' | 'run'

const COLUMNS = Object.keys(getTableColumns(reservation)) as (keyof ReservationRow)[]
/** What the calls that begin in one change have in common, mostly. */
const ALIKE: readonly (keyof ReservationRow)[] = ['state', 'provider', 'model', 'day_key', 'month_key']
const OWN: readonly (keyof ReservationRow)[] = [
  'project_id',
  'amount_micros',
  'settled_micros',
  'created_at',
  'sent_at',
  'settled_at',
  'task_id',
  'run_id',
  'id',
]

export function createReservationBook(sqlite: Sqlite): ReservationBook {
  const select = sqlite.prepare<[number], ReservationRow>(`SELECT ${COLUMNS.join(', ')} FROM reservation WHERE id = ?`)
  const insert = insertAlike(sqlite, 'reservation', ALIKE, OWN)
  const update = sqlite.prepare<[string, number, number | null, number | null, number]>(
    'UPDATE reservation SET state = ?, settled_micros = ?, sent_at = ?, settled_at = ? WHERE id = ?',
  )
  // Numbers are never used again, as AUTOINCREMENT has it.
  const lastId = sqlite.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'reservation'").pluck()
  const summed = (calls: string) =>
    sqlite.prepare<[number], Sums>(
      `SELECT coalesce(sum(amount_micros) FILTER (WHERE state IN ('reserved', 'sent')), 0) AS reserved_micros,
         coalesce(sum(settled_micros), 0) AS settled_micros,
         coalesce(sum(settled_micros) FILTER (WHERE state = 'unconfirmed'), 0) AS unconfirmed_micros
       FROM reservation WHERE ${calls}`,
    )
  // The task of a call is always that of its run.
  const written = {
    task: summed('run_id IN (SELECT id FROM run WHERE task_id = ?)'),
    run: summed('run_id = ?'),
  }
  const added = new Map<number, ReservationRow>()
  let next = 0

  function writeAdded(): void {
    const rows: Parameters<typeof insert>[0][number][] = []
    for (const row of added.values()) {
      rows.push([
        row.state,
        row.provider,
        row.model,
        row.day_key,
        row.month_key,
        row.project_id,
        row.amount_micros,
        row.settled_micros,
        row.created_at,
        row.sent_at,
        row.settled_at,
        row.task_id,
        row.run_id,
        row.id,
      ])
    }
    insert(rows)
    added.clear()
  }

  return {
    get: (id) => added.get(id) ?? select.get(id),
    add(tx, row) {
      if (added.size === 0) {
        next = (lastId.get() ?? 0) + 1
        tx.atEnd(writeAdded, () => added.clear())
      }
      const id = next
      next += 1
      added.set(id, { ...row, id })
      return id
    },
    move(row, to) {
      const { state, settled_micros = row.settled_micros, sent_at = row.sent_at, settled_at = row.settled_at } = to
      const own = added.get(row.id)
      if (own === undefined) update.run(state, settled_micros, sent_at, settled_at, row.id)
      else {
        own.state = state
        own.settled_micros = settled_micros
        own.sent_at = sent_at
        own.settled_at = settled_at
      }
    },
    sums(of, id) {
      const own = [...added.values()].filter((row) => row[`${of}_id`] === id)
      return own.map(sumsOf).reduce(plus, written[of].get(id) ?? NOTHING)
    },
  }
}

function sumsOf({ state, amount_micros, settled_micros }: ReservationRow): Sums {
  return {
    reserved_micros: state === 'reserved' || state === 'sent' ? amount_micros : 0,
    settled_micros,
    unconfirmed_micros: state === 'unconfirmed' ? settled_micros : 0,
  }
}
