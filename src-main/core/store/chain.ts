import { hash } from 'node:crypto'
import type { Sqlite } from './connection.ts'

/** The chained tables (D5). */
export const CHAINS = { ledger: 'reservation', journal: 'step', usage: 'usage_log' } as const
export type ChainName = keyof typeof CHAINS
export const CHAIN_NAMES = Object.keys(CHAINS) as readonly ChainName[]

/** What an entry says: row `subject` changed to what `digest` sums up, or is gone and was that. */
export interface ChainEntry {
  readonly seq: number
  readonly subject: number
  readonly gone: boolean
  readonly digest: Buffer
}

/** Newest entry of a chain; `seq` is 0 and `hash` is {@link GENESIS} where there is none. */
export interface ChainHead {
  readonly seq: number
  readonly hash: Buffer
}

/** The hash before the first entry. */
export const GENESIS: Buffer = Buffer.alloc(32)

/**
 * SHA-256 of a row: of a JSON array that alternates names and values of its columns in the order of the table. Columns that
 * are null are left out, so that a later migration may add a column that may be null without touching older digests.
 */
export function rowDigest(columns: readonly string[], values: readonly unknown[]): Buffer {
  const told: unknown[] = []
  for (const [index, value] of values.entries()) if (value !== null) told.push(columns[index], value)
  return hash('sha256', JSON.stringify(told), 'buffer')
}

/** SHA-256 of the hash before and of all that the entry says. */
export function entryHash(chain: ChainName, before: Buffer, { seq, subject, gone, digest }: ChainEntry): Buffer {
  const said = Buffer.from(`${chain}|${seq}|${subject}|${gone ? 1 : 0}|`)
  return hash('sha256', Buffer.concat([before, said, digest]), 'buffer')
}

/** Names of a table's columns, in its order. */
export function columnsOf(sqlite: Sqlite, table: string): string[] {
  return sqlite.prepare<[string], string>('SELECT name FROM pragma_table_info(?) ORDER BY cid').pluck().all(table)
}

/** Reads the newest entry of a chain; `known`: the number of an entry that was newest a moment ago. */
export function headReader(sqlite: Sqlite): (chain: ChainName, known?: number) => ChainHead {
  const newest = sqlite.prepare<[string], ChainHead>(
    'SELECT seq, hash FROM chain_entry WHERE chain = ? ORDER BY seq DESC LIMIT 1',
  )
  // SQLite takes ten times as long to look for the end of a chain as for one entry.
  const from = sqlite.prepare<[string, number], ChainHead>(
    'SELECT seq, hash FROM chain_entry WHERE chain = ? AND seq >= ? ORDER BY seq',
  )
  return (chain, known) => {
    const head = known === undefined ? undefined : from.all(chain, known).at(-1)
    return head ?? newest.get(chain) ?? { seq: 0, hash: GENESIS }
  }
}
