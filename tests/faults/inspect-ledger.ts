import type Database from 'better-sqlite3'
import type { Findings } from './findings.ts'

interface Reservation {
  readonly id: number
  readonly state: string
  readonly project_id: number | null
  readonly task_id: number | null
  readonly run_id: number | null
  readonly day_key: string
  readonly month_key: string
  readonly amount_micros: number
  readonly settled_micros: number
}

interface Account {
  readonly scope: string
  readonly reserved_micros: number
  readonly settled_micros: number
  readonly unconfirmed_micros: number
}

/** What is settled and still set aside, from the rows of reservations. */
interface Sums {
  reserved: number
  settled: number
  unconfirmed: number
}

/** Holds the books of a database against themselves and against every limit that is set in it (B1, B2). */
export function inspectLedger(db: Database.Database, findings: Findings): { settled: number; reserved: number } {
  const rows = db.prepare<[], Reservation>('SELECT * FROM reservation').all()
  const sums = new Map<string, Sums>()
  for (const row of rows) {
    for (const scope of scopesOf(row)) {
      const sum = sums.get(scope) ?? { reserved: 0, settled: 0, unconfirmed: 0 }
      if (row.state === 'reserved' || row.state === 'sent') sum.reserved += row.amount_micros
      sum.settled += row.settled_micros
      if (row.state === 'unconfirmed') sum.unconfirmed += row.settled_micros
      sums.set(scope, sum)
    }
    findings.hold('unaccounted money', row.settled_micros <= row.amount_micros, () => `reservation ${row.id} overran`)
  }
  const accounts = db.prepare<[], Account>('SELECT * FROM budget_account').all()
  const isSummed = (scope: string): boolean => scope.startsWith('task:') || scope.startsWith('run:')
  const unknown = [...sums.keys()].filter(
    (scope) => !isSummed(scope) && !accounts.some((account) => account.scope === scope),
  )
  findings.hold('unaccounted money', unknown.length === 0, () => `no account for ${unknown.join(', ')}`)
  const limitOf = limitsOf(db)
  for (const [scope, { settled, reserved }] of sums) {
    const limit = limitOf(scope)
    findings.hold(
      'unaccounted money',
      limit === null || settled + reserved <= limit,
      () => `${scope}: ${settled} settled and ${reserved} reserved exceed ${limit}`,
    )
  }
  for (const { scope, reserved_micros, settled_micros, unconfirmed_micros } of accounts) {
    const sum = sums.get(scope) ?? { reserved: 0, settled: 0, unconfirmed: 0 }
    const agrees =
      sum.reserved === reserved_micros && sum.settled === settled_micros && sum.unconfirmed === unconfirmed_micros
    findings.hold('unaccounted money', agrees, () => `account ${scope} is not the sum of its reservations`)
  }
  const all = sums.get('global') ?? { reserved: 0, settled: 0 }
  return { settled: all.settled, reserved: all.reserved }
}

function scopesOf(row: Reservation): string[] {
  return [
    'global',
    `day:${row.day_key}`,
    `month:${row.month_key}`,
    ...(row.project_id === null ? [] : [`project:${row.project_id}`]),
    ...(row.task_id === null ? [] : [`task:${row.task_id}`]),
    ...(row.run_id === null ? [] : [`run:${row.run_id}`]),
  ]
}

function limitsOf(db: Database.Database): (scope: string) => number | null {
  const text = db.prepare<[], string>("SELECT value FROM setting WHERE key = 'budget_limits'").pluck().get()
  const limits = JSON.parse(text ?? '{}') as Record<string, number | null>
  const project = db.prepare<[number], { budget_micros: number | null; authorised_micros: number | null }>(
    'SELECT budget_micros, authorised_micros FROM project WHERE id = ?',
  )
  return (scope) => {
    const [kind = '', key] = scope.split(':')
    if (kind !== 'project')
      return limits[`${kind === 'day' ? 'daily' : kind === 'month' ? 'monthly' : kind}_micros`] ?? null
    const own = project.get(Number(key))
    const known = [own?.budget_micros ?? limits['project_micros'] ?? null, own?.authorised_micros ?? null].filter(
      (limit) => limit !== null,
    )
    return known.length === 0 ? null : Math.min(...known)
  }
}
