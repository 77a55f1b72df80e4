import type { Failpoint } from '../failpoint.ts'
import type { Orm, Sqlite } from './connection.ts'

/** The one open transaction. Only code inside `Write` gets one, so nothing can write beside the queue. */
export interface Tx {
  readonly sqlite: Sqlite
  readonly orm: Orm
  /** Runs after this transaction is durable; never runs when it was rolled back. */
  afterCommit(announce: () => void): void
}

/**
 * Queues `change` for the next commit and answers with its result once that commit is durable. All changes that are queued
 * in one turn of the event loop share one transaction, and so one fsync (group commit); each has a savepoint of its own, so
 * that one that throws rolls back alone. `change` must be synchronous.
 */
export type Write = <T>(change: (tx: Tx) => T) => Promise<T>

export interface WriteQueue {
  readonly write: Write
  /** Commits what is queued, now. */
  flush(): void
}

interface Queued {
  readonly change: (tx: Tx) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

interface Settled {
  readonly announce: readonly (() => void)[]
  readonly tell: () => void
}

export function createWriteQueue(sqlite: Sqlite, orm: Orm, failpoint: Failpoint): WriteQueue {
  const begin = sqlite.prepare('BEGIN IMMEDIATE')
  const commit = sqlite.prepare('COMMIT')
  const rollback = sqlite.prepare('ROLLBACK')
  const savepoint = sqlite.prepare('SAVEPOINT change')
  const release = sqlite.prepare('RELEASE change')
  const undo = sqlite.prepare('ROLLBACK TO change')
  let queue: Queued[] = []
  let scheduled = false

  function apply(queued: Queued): Settled {
    const announce: (() => void)[] = []
    savepoint.run()
    try {
      const value = queued.change({ sqlite, orm, afterCommit: (callback) => announce.push(callback) })
      release.run()
      return { announce, tell: () => queued.resolve(value) }
    } catch (cause) {
      // SQLite itself ends the whole transaction after some faults, such as a full disk.
      if (!sqlite.inTransaction) throw cause
      undo.run()
      release.run()
      return { announce: [], tell: () => queued.reject(cause) }
    }
  }

  function flush(): void {
    scheduled = false
    const batch = queue
    if (batch.length === 0) return
    queue = []
    let settled: Settled[]
    try {
      begin.run()
      settled = batch.map(apply)
      failpoint('before-turn-commit')
      commit.run()
    } catch (cause) {
      if (sqlite.inTransaction) rollback.run()
      for (const queued of batch) queued.reject(cause)
      return
    }
    failpoint('after-turn-commit')
    try {
      for (const { announce } of settled) for (const callback of announce) callback()
    } finally {
      // What is durable is told of, also where a listener has a bug.
      for (const { tell } of settled) tell()
    }
  }

  return {
    flush,
    write: <T>(change: (tx: Tx) => T) =>
      new Promise<T>((resolve, reject) => {
        queue.push({ change, resolve: (value) => resolve(value as T), reject })
        if (!scheduled) {
          scheduled = true
          setImmediate(flush)
        }
      }),
  }
}
