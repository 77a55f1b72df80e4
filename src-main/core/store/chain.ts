import { hash } from 'node:crypto'
import type { Sqlite } from './connection.ts'

/** The chained tables (D5). */
export const CHAINS = { ledger: 'reservation', journal: 'step', usage: 'usage_log', audit: 'audit' } as const
export type ChainName = keyof typeof CHAINS
export const CHAIN_NAMES = Object.keys(CHAINS) as readonly ChainName[]

/** What a commit did to a row: it became what `digest` sums up, or is gone and was that. */
export interface ChainedChange {
  readonly subject: number
  readonly gone: boolean
  readonly digest: string
}

/** Newest link of a chain; `seq` is 0 and `hash` is {@link GENESIS} where there is none. */
export interface ChainHead {
  readonly seq: number
  readonly hash: string
}

/** The hash before the first link. */
export const GENESIS = '0'.repeat(64)

/** Characters of a digest: of base64url, so 96 bits. */
const DIGEST_LENGTH = 16
const LINE = /^(-?)(\d+) ([\w-]{16})$/

/**
 * SHA-256, cut to 96 bits, of a row: of a JSON array that alternates names and values of its columns in the order of the
 * table. Columns that are null are left out, so that a later migration may add a column that may be null without touching
 * older digests.
 */
export function rowDigest(columns: readonly string[], values: readonly unknown[]): string {
  const told: unknown[] = []
  for (let index = 0; index < values.length; index += 1) {
    if (values[index] !== null) told.push(columns[index], values[index])
  }
  return textDigest(JSON.stringify(told))
}

/** As {@link rowDigest}, of what {@link digestedText} gives. */
export function textDigest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, DIGEST_LENGTH)
}

/**
 * SQL for the JSON that {@link rowDigest} makes of a row, for a strict table of integers and texts whose key comes first.
 * So one text comes out of SQLite instead of all values of a row, which takes a quarter less time.
 */
export function digestedText(sqlite: Sqlite, table: string): string {
  const columns = sqlite
    .prepare<[string], { name: string; type: string; isKey: number; isSet: number }>(
      'SELECT name, type, pk AS isKey, "notnull" AS isSet FROM pragma_table_info(?) ORDER BY cid',
    )
    .all(table)
  const told = columns.flatMap(({ name, type, isKey, isSet }) => {
    if (isKey === 1) return [`'["${name}",'`, `"${name}"`]
    const value = type === 'TEXT' ? `json_quote("${name}")` : `"${name}"`
    if (isSet === 1) return [`',"${name}",'`, value]
    if (type === 'TEXT') return [`iif("${name}" IS NULL, '', ',"${name}",' || ${value})`]
    // What is null is nothing to concat.
    return [`iif("${name}" IS NULL, '', ',"${name}",')`, value]
  })
  return `concat(${told.join(', ')}, ']')`
}

/** The changes of a link as they are stored: a line for each. */
export function linesOf(changes: readonly ChainedChange[]): string {
  return changes.map(({ subject, gone, digest }) => `${gone ? '-' : ''}${subject} ${digest}`).join('\n')
}

/** Reads {@link linesOf} back; null where that is not what it says. */
export function changesIn(lines: string): ChainedChange[] | null {
  const changes: ChainedChange[] = []
  for (const line of lines.split('\n')) {
    const [, minus, subject, digest] = LINE.exec(line) ?? []
    if (subject === undefined || digest === undefined) return null
    changes.push({ subject: Number(subject), gone: minus === '-', digest })
  }
  return changes
}

/** SHA-256 of the hash before and of all that the link says. */
export function linkHash(chain: ChainName, before: string, seq: number, lines: string): string {
  return hash('sha256', `${before}|${chain}|${seq}|${lines}`)
}

/** Names of a table's columns, in its order. */
export function columnsOf(sqlite: Sqlite, table: string): string[] {
  return sqlite.prepare<[string], string>('SELECT name FROM pragma_table_info(?) ORDER BY cid').pluck().all(table)
}

/** The version of the tables that brought the chains as they are. */
const FIRST_VERSION = 11

const hasTable = (sqlite: Sqlite, name: string): boolean =>
  sqlite.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined

export function hasChains(sqlite: Sqlite): boolean {
  return hasTable(sqlite, 'chain_link')
}

/** The version that brought the table of the audit trail. */
const AUDIT_VERSION = 22

function versionOf(sqlite: Sqlite): number {
  if (!hasTable(sqlite, 'migration')) return 0
  return sqlite.prepare<[], number>('SELECT count(*) FROM migration').pluck().get() ?? 0
}

/** Whether the database is older than the chains as they are: what it has of others ends with its next start. */
export function isOlderThanChains(sqlite: Sqlite): boolean {
  return !hasChains(sqlite) && versionOf(sqlite) < FIRST_VERSION
}

/** The chains that a database of its version has. */
export function chainsIn(sqlite: Sqlite): readonly ChainName[] {
  return versionOf(sqlite) < AUDIT_VERSION ? CHAIN_NAMES.filter((name) => name !== 'audit') : CHAIN_NAMES
}

/** Reads the newest link of a chain. */
export function headReader(sqlite: Sqlite): (chain: ChainName) => ChainHead {
  const newest = sqlite.prepare<[string], ChainHead>(
    'SELECT seq, hash FROM chain_link WHERE chain = ? ORDER BY seq DESC LIMIT 1',
  )
  return (chain) => newest.get(chain) ?? { seq: 0, hash: GENESIS }
}
