import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '#contract/result.ts'
import type { StorageTrouble } from '#contract/service.ts'
import type { Failpoint } from '../failpoint.ts'
import type { Refusal } from '../refusal.ts'
import { type ChainWriter, createChainWriter } from './chain-writer.ts'
import type { Orm, Sqlite } from './connection.ts'
import { BUSY_MS, type OpenDatabase, openDatabase, openFailure } from './database.ts'
import { createHeadKeeper } from './head-keeper.ts'
import { createTroubleBoard, troubleOf } from './trouble.ts'
import { createWriteQueue, type Write } from './write-queue.ts'

/**
 * The database: the truth of the product. Reads go to `sqlite` or `orm` at any time; every change goes through `write`
 * (what has happened) or `tryWrite` (what somebody wants; refused while the disk is in trouble).
 */
export interface Store {
  readonly sqlite: Sqlite
  readonly orm: Orm
  readonly write: Write
  readonly tryWrite: Write
  /** Grows with each change of `table`, from the statement on that makes it: while it stays, its rows are what they were. */
  changesOf(table: string): number
  /** Whether a change is being made, which may yet be rolled back. */
  isChanging(): boolean
  /** What keeps changes from being written now (D4); null where all is well. */
  trouble(): StorageTrouble | null
  /** Tells of each beginning and end of trouble. */
  onTrouble(listener: (now: StorageTrouble | null) => void): void
  /** `close` closes what else this process has the file open by. Called before the file is opened anew, perhaps more than once. */
  onReopening(close: () => Promise<void>): void
  /** Something else met the disk's trouble, such as a read. */
  report(cause: unknown): void
  /** Names this history of events; another one after a restore, so that no reader resumes into it. */
  readonly epoch: string
  /** What the heads of the chains tell against this database (D5); empty where all is well. */
  readonly chainFindings: readonly string[]
  close(): void
}

export function openStore(dataDir: string, failpoint: Failpoint): Result<Store, Refusal> {
  const opened = openDatabase(dataDir)
  if (!opened.ok) return opened
  try {
    return ok(storeOn(opened.value, dataDir, failpoint))
  } catch (cause) {
    opened.value.sqlite.close()
    if (troubleOf(cause) === null) throw cause
    return err({ code: 'unavailable', message: openFailure(dataDir, cause) })
  }
}

function storeOn({ sqlite, orm, changes, reopen }: OpenDatabase, dataDir: string, failpoint: Failpoint): Store {
  sqlite
    .prepare("INSERT INTO meta (key, value) VALUES ('epoch', ?) ON CONFLICT DO NOTHING")
    .run(randomBytes(4).toString('hex'))
  const epoch = sqlite.prepare<[], string>("SELECT value FROM meta WHERE key = 'epoch'").pluck().get() ?? ''
  const { chains, renew } = lastingChains(sqlite)
  const heads = createHeadKeeper(sqlite, dataDir, epoch, chains, failpoint)
  const hooks = { beforeCommit: chains.append, rolledBack: chains.forget, committed: heads.committed }
  const board = createTroubleBoard()
  const closers: (() => Promise<void>)[] = []
  const queue = createWriteQueue(sqlite, orm, failpoint, hooks, {
    board,
    probe: () => probe(dataDir),
    closeOthers: async () => void (await Promise.all(closers.map((close) => close()))),
    reopen() {
      const isWhole = reopen()
      if (isWhole) renew()
      return isWhole
    },
  })
  board.onChange((trouble) => {
    // Core answers to nobody while it waits for another program; in trouble it asks again soon anyway.
    if (sqlite.open) sqlite.pragma(`busy_timeout = ${trouble === null ? BUSY_MS : 0}`)
  })
  return {
    sqlite,
    orm,
    write: queue.write,
    tryWrite: queue.tryWrite,
    changesOf: changes.of,
    isChanging: queue.isChanging,
    trouble: board.now,
    onTrouble: board.onChange,
    onReopening: (close) => void closers.push(close),
    report: queue.report,
    epoch,
    chainFindings: heads.findings,
    close: () => {
      queue.close()
      if (board.now() === null) heads.close()
      sqlite.close()
    },
  }
}

/** What notes the changes of the chained tables lives on the connection, and goes with it. */
function lastingChains(sqlite: Sqlite): { chains: ChainWriter; renew(): void } {
  let current = createChainWriter(sqlite)
  let before = 0
  return {
    chains: {
      append: () => current.append(),
      forget: () => current.forget(),
      count: () => before + current.count(),
    },
    renew() {
      before += current.count()
      current = createChainWriter(sqlite)
    },
  }
}

/** A turn's changes with room to spare: work that goes on for one page and stops again helps nobody. */
const PROBE_BYTES = 256 * 1024

/** Throws where the disk does not keep a file. */
function probe(dataDir: string): void {
  const path = join(dataDir, 'disk-probe.tmp')
  try {
    const file = openSync(path, 'w', 0o600)
    try {
      writeWhole(file, Buffer.alloc(PROBE_BYTES, 1))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } finally {
    rmSync(path, { force: true })
  }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  // A disk that gets full takes a part of it and says so with the next write.
  for (let done = 0; done < bytes.byteLength; ) done += writeSync(file, bytes, done)
}
