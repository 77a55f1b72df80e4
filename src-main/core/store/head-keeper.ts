import type { Failpoint } from '../failpoint.ts'
import { headsOf, missingHeads, readHeads, writeHeads } from './chain-heads.ts'
import type { ChainWriter } from './chain-writer.ts'
import type { Sqlite } from './connection.ts'

/** An end of a chain that is younger than this may be cut off unnoticed, where Baton did not end in order. */
const EVERY_MS = 5_000
const EVERY_LINKS = 500

/** Keeps `chain-heads.json` up with the chains. */
export interface HeadKeeper {
  /** What the file knew at the start and the database does not contain; empty where all is well. */
  readonly findings: readonly string[]
  /** Something was committed. */
  committed(): void
  /** Writes the last heads. */
  close(): void
}

export function createHeadKeeper(
  sqlite: Sqlite,
  dataDir: string,
  epoch: string,
  chains: ChainWriter,
  failpoint: Failpoint,
): HeadKeeper {
  const found = readHeads(dataDir)
  const findings = !found.ok ? [found.error] : found.value === null ? [] : missingHeads(sqlite, epoch, found.value)
  const isUpToDate = found.ok && JSON.stringify(found.value) === JSON.stringify(headsOf(sqlite, epoch))
  let written = isUpToDate ? 0 : -1
  let timer: NodeJS.Timeout | undefined

  function write(): void {
    clearTimeout(timer)
    timer = undefined
    // What the file says against this database is evidence; it is replaced by a person or by a restore.
    if (findings.length > 0 || written === chains.count()) return
    const count = chains.count()
    try {
      failpoint('before-heads-kept')
      writeHeads(dataDir, headsOf(sqlite, epoch))
      failpoint('after-heads-kept')
      written = count
    } catch {
      // An older file stays true, it only covers less; the next commit tries again.
    }
  }
  write()

  return {
    findings,
    committed() {
      const open = chains.count() - written
      if (open === 0) return
      if (open >= EVERY_LINKS) write()
      else timer ??= setTimeout(write, EVERY_MS).unref()
    },
    close: write,
  }
}
