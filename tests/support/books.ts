import { join } from 'node:path'
import Database from 'better-sqlite3'

/** What a data folder's database says about money and work, read when no core has it open. */
export interface Books {
  readonly usage_micros: number
  readonly settled_micros: number
  readonly reserved_micros: number
  readonly unconfirmed_micros: number
  readonly open_reservations: number
  /** The most that was ever settled and reserved together, for the whole and for its busiest project. */
  readonly highest_micros: number
  readonly highest_of_a_project_micros: number
  readonly projects: { readonly id: number; readonly state: string }[]
  readonly tasks: { readonly key: string; readonly state: string; readonly attempts: number }[]
  readonly steps: {
    readonly run_id: number
    readonly key: string
    readonly kind: string
    readonly state: string
    readonly input: string
  }[]
}

interface Reservation {
  readonly project_id: number | null
  readonly state: string
  readonly amount_micros: number
  readonly settled_micros: number
  readonly created_at: number
  readonly settled_at: number | null
}

export function readBooks(data_dir: string): Books {
  const db = new Database(join(data_dir, 'baton.db'), { readonly: true })
  try {
    const one = (sql: string): number => db.prepare<[], number>(sql).pluck().get() ?? 0
    const account = "FROM budget_account WHERE scope = 'global'"
    const reservations = db.prepare<[], Reservation>('SELECT * FROM reservation ORDER BY id').all()
    const projects = [...new Set(reservations.map((row) => row.project_id))]
    return {
      usage_micros: one('SELECT coalesce(sum(cost_micros), 0) FROM usage_log'),
      settled_micros: one(`SELECT settled_micros ${account}`),
      reserved_micros: one('SELECT coalesce(sum(reserved_micros), 0) FROM budget_account'),
      unconfirmed_micros: one(`SELECT unconfirmed_micros ${account}`),
      open_reservations: one("SELECT count(*) FROM reservation WHERE state IN ('reserved', 'sent')"),
      highest_micros: highest(reservations),
      highest_of_a_project_micros: Math.max(
        0,
        ...projects.map((id) => highest(reservations.filter((row) => row.project_id === id))),
      ),
      projects: db.prepare<[], Books['projects'][number]>('SELECT id, state FROM project ORDER BY id').all(),
      tasks: db.prepare<[], Books['tasks'][number]>('SELECT key, state, attempts FROM task ORDER BY id').all(),
      steps: db
        .prepare<[], Books['steps'][number]>('SELECT run_id, key, kind, state, input FROM step ORDER BY id')
        .all(),
    }
  } finally {
    db.close()
  }
}

/** Replays the reservations. Within one millisecond what was given back counts before what was taken. */
function highest(rows: readonly Reservation[]): number {
  const changes = rows.flatMap((row) => [
    { at: row.created_at, by: row.amount_micros },
    ...(row.settled_at === null ? [] : [{ at: row.settled_at, by: row.settled_micros - row.amount_micros }]),
  ])
  let sum = 0
  let most = 0
  for (const { by } of changes.sort((a, b) => a.at - b.at || a.by - b.by)) {
    sum += by
    most = Math.max(most, sum)
  }
  return most
}
