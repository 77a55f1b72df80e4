import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import { CHAIN_NAMES, type ChainName, GENESIS, hasChains, headReader } from './chain.ts'
import type { Sqlite } from './connection.ts'
import { writeDurably } from './durable-file.ts'

const FILE = 'chain-heads.json'

const head = z.lazy(() =>
  z.strictObject({ seq: z.number().int().nonnegative(), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
)
const headsFile = z.lazy(() =>
  z.strictObject({
    v: z.literal(2),
    epoch: z.string(),
    heads: z.strictObject({
      ledger: head,
      journal: head,
      usage: head,
      // Absent where it was written before there was an audit trail.
      audit: head.default({ seq: 0, hash: GENESIS }),
    } satisfies Record<ChainName, z.ZodType>),
  }),
)
/** Written by a Baton whose chains were of another kind; they began anew since. */
const olderFile = z.looseObject({ v: z.literal(1) })
/** The newest links of all chains, kept outside the database so that cutting their end is noticed (D5). */
export type ChainHeads = z.infer<typeof headsFile>

export function headsPath(dataDir: string): string {
  return join(dataDir, FILE)
}

/** The heads as the database has them. */
export function headsOf(sqlite: Sqlite, epoch: string): ChainHeads {
  const told = hasChains(sqlite) ? headReader(sqlite) : (_: ChainName) => ({ seq: 0, hash: GENESIS })
  const heads = { ledger: told('ledger'), journal: told('journal'), usage: told('usage'), audit: told('audit') }
  return { v: 2, epoch, heads }
}

export function writeHeads(dataDir: string, heads: ChainHeads): void {
  writeDurably(headsPath(dataDir), `${JSON.stringify(heads, null, 2)}\n`)
}

/**
 * The heads as they were last written outside the database; null where there is no file, or one of an older kind. The
 * error is for the user.
 */
export function readHeads(dataDir: string): Result<ChainHeads | null, string> {
  let text: string
  try {
    text = readFileSync(headsPath(dataDir), 'utf8')
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return ok(null)
    return err(`${headsPath(dataDir)} cannot be read: ${(fault as Error).message}.`)
  }
  try {
    const told: unknown = JSON.parse(text)
    return ok(olderFile.safeParse(told).success ? null : headsFile.parse(told))
  } catch {
    return err(`${headsPath(dataDir)} is damaged.`)
  }
}

/** What in `heads` the chains of the database do not contain; empty where all is well. */
export function missingHeads(sqlite: Sqlite, epoch: string, heads: ChainHeads): string[] {
  if (heads.epoch !== epoch) return [`The heads of the chains belong to another history (${heads.epoch}).`]
  const hashAt = sqlite
    .prepare<[string, number], string>('SELECT hash FROM chain_link WHERE chain = ? AND seq = ?')
    .pluck()
  return CHAIN_NAMES.flatMap((chain) => {
    const { seq, hash } = heads.heads[chain]
    const there = seq === 0 ? GENESIS : hashAt.get(chain, seq)
    if (there === hash) return []
    return [`The ${chain} chain once had another link ${seq}: its end was cut off or replaced.`]
  })
}
