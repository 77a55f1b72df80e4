import {
  CHAINS,
  type ChainHead,
  type ChainName,
  chainsIn,
  changesIn,
  columnsOf,
  GENESIS,
  isOlderThanChains,
  linkHash,
  rowDigest,
} from './chain.ts'
import { type ChainHeads, missingHeads } from './chain-heads.ts'
import type { Sqlite } from './connection.ts'

export interface ChainReport {
  /** Changes of rows that the chains tell of. */
  readonly changes: number
  /** What was found, for a person; empty where everything is as Baton wrote it. */
  readonly findings: readonly string[]
}

interface StoredLink {
  readonly seq: number
  readonly lines: string
  readonly hash: string
}

interface Newest {
  readonly digest: string
  readonly gone: boolean
  found: boolean
}

/** After so many findings the rest says nothing new. */
const MAX_FINDINGS = 20

/**
 * Walks the chains of a database (D5): hashes link without a gap, every live row is what the newest link with it says,
 * every row of a link is there or has its tombstone, `heads` (read before this is called) is contained, and the budget's accounts are the sums of the
 * reservations. `sqlite` may be a read-only connection; what is seen is one moment.
 */
export function verifyChains(sqlite: Sqlite, heads: ChainHeads | null): ChainReport {
  const findings: string[] = []
  let changes = 0
  try {
    sqlite.transaction(() => {
      if (isOlderThanChains(sqlite)) return
      if (sqlite.prepare("SELECT 1 FROM meta WHERE key = 'chains_begun_at'").get() === undefined) {
        findings.push('The chains were never begun, or the note of it was deleted.')
      }
      for (const chain of chainsIn(sqlite)) {
        const newest = new Map<number, Newest>()
        changes += walk(sqlite, chain, newest, findings)
        compareRows(sqlite, chain, newest, findings)
      }
      const known = sqlite.prepare<[], string>('SELECT DISTINCT chain FROM chain_link').pluck().all()
      for (const chain of known) if (!(chain in CHAINS)) findings.push(`There is an unknown chain "${chain}".`)
      findings.push(...compareAccounts(sqlite))
      if (heads !== null) findings.push(...missingHeads(sqlite, epochOf(sqlite), heads))
    })()
  } catch (fault) {
    findings.push(`The chains cannot be read to their end: ${(fault as Error).message}.`)
  }
  const more = findings.length - MAX_FINDINGS
  return { changes, findings: more > 0 ? [...findings.slice(0, MAX_FINDINGS), `… and ${more} more.`] : findings }
}

/** The name of the history that a database holds. */
export function epochOf(sqlite: Sqlite): string {
  return sqlite.prepare<[], string>("SELECT value FROM meta WHERE key = 'epoch'").pluck().get() ?? ''
}

/** Checks the links of one chain and fills `newest` with the last word on every subject. Answers the number of changes. */
function walk(sqlite: Sqlite, chain: ChainName, newest: Map<number, Newest>, findings: string[]): number {
  const stored = sqlite.prepare<[string], StoredLink>(
    'SELECT seq, lines, hash FROM chain_link WHERE chain = ? ORDER BY seq',
  )
  let before: ChainHead = { seq: 0, hash: GENESIS }
  let count = 0
  for (const { seq, lines, hash } of stored.iterate(chain)) {
    if (seq !== before.seq + 1) findings.push(`The ${chain} chain has no link ${before.seq + 1}.`)
    const changes = changesIn(lines)
    if (changes === null || linkHash(chain, before.hash, seq, lines) !== hash) {
      findings.push(`Link ${seq} of the ${chain} chain is not what was written.`)
    }
    for (const { subject, gone, digest } of changes ?? []) {
      count += 1
      if (gone && newest.get(subject)?.digest !== digest) {
        findings.push(`Row ${subject} of ${CHAINS[chain]} had been changed behind Baton's back when it was deleted.`)
      }
      newest.set(subject, { digest, gone, found: false })
    }
    before = { seq, hash }
  }
  return count
}

function compareRows(sqlite: Sqlite, chain: ChainName, newest: Map<number, Newest>, findings: string[]): void {
  const table = CHAINS[chain]
  const columns = columnsOf(sqlite, table)
  const rows = sqlite.prepare<[], unknown[]>(`SELECT * FROM ${table} ORDER BY id`).raw()
  const idAt = columns.indexOf('id')
  for (const values of rows.iterate()) {
    const id = Number(values[idAt])
    const known = newest.get(id)
    if (known === undefined || known.gone) {
      findings.push(`Row ${id} of ${table} was not written by Baton.`)
      continue
    }
    known.found = true
    if (rowDigest(columns, values) !== known.digest) {
      findings.push(`Row ${id} of ${table} was changed behind Baton's back.`)
    }
  }
  for (const [id, { gone, found }] of newest) {
    if (!gone && !found) findings.push(`Row ${id} of ${table} was deleted behind Baton's back.`)
  }
}

interface Sums {
  scope: string
  reserved_micros: number
  settled_micros: number
  unconfirmed_micros: number
}

/** Compares every account of the budget with the reservations that it sums up. */
function compareAccounts(sqlite: Sqlite): string[] {
  const scopes = ["'global'", "'day:' || day_key", "'month:' || month_key", "'project:' || project_id"]
  const booked = scopes.map(
    (scope) => `SELECT ${scope} AS scope, state, amount_micros, settled_micros FROM reservation`,
  )
  const sums = sqlite
    .prepare<[], Sums>(
      `SELECT scope, sum(CASE WHEN state IN ('reserved', 'sent') THEN amount_micros ELSE 0 END) AS reserved_micros,
         sum(settled_micros) AS settled_micros,
         sum(CASE WHEN state = 'unconfirmed' THEN settled_micros ELSE 0 END) AS unconfirmed_micros
       FROM (${booked.join(' UNION ALL ')}) WHERE scope IS NOT NULL GROUP BY scope`,
    )
    .all()
  const accounts = sqlite
    .prepare<[], Sums>('SELECT scope, reserved_micros, settled_micros, unconfirmed_micros FROM budget_account')
    .all()
  const expected = new Map(sums.map((row) => [row.scope, row]))
  const none = { reserved_micros: 0, settled_micros: 0, unconfirmed_micros: 0 }
  const wrong = accounts.filter((account) => !isSame(account, expected.get(account.scope) ?? none))
  const there = new Set(accounts.map(({ scope }) => scope))
  const absent = sums.filter((row) => !there.has(row.scope) && !isSame(row, none))
  return [...wrong, ...absent].map(({ scope }) => `The account ${scope} is not the sum of its reservations.`)
}

function isSame(a: Omit<Sums, 'scope'>, b: Omit<Sums, 'scope'>): boolean {
  return (
    a.reserved_micros === b.reserved_micros &&
    a.settled_micros === b.settled_micros &&
    a.unconfirmed_micros === b.unconfirmed_micros
  )
}
