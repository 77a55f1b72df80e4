import { type Actor, correlation, uncorrelated } from '../correlation.ts'
import type { Failpoint } from '../failpoint.ts'
import { type Alongside, alongside } from './alongside.ts'
import type { Orm, Sqlite } from './connection.ts'
import { createTroubleBoard, StorageFault, spoilsConnection, type TroubleBoard, troubleOf } from './trouble.ts'

/** The one open transaction. Only code inside `Write` gets one, so nothing can write beside the queue. */
export interface Tx {
  readonly sqlite: Sqlite
  readonly orm: Orm
  /** What asked for this change (M6); null where nobody did. */
  readonly correlation_id: string | null
  /** Who asked for it (S7); null where nobody did. */
  readonly actor: Actor | null
  /** Runs after this transaction is durable; never runs when it was rolled back. */
  afterCommit(announce: () => void): void
  /**
   * Runs at the end of this change, inside the transaction, so that what a change collects is written at once; `forget`
   * runs instead where the change threw.
   */
  atEnd(finish: () => void, forget: () => void): void
}

/**
 * Queues `change` for the next commit and answers with its result once that commit is durable. All changes that are queued
 * in one turn of the event loop share one transaction, and so one fsync (group commit); each has a savepoint of its own, so
 * that one that throws rolls back alone. `change` must be synchronous.
 */
export type Write = <T>(change: (tx: Tx) => T) => Promise<T>

/**
 * Changes come in two kinds, which differ where the disk is full, read-only or failing (D4).
 * What has happened must not be lost: `write` keeps the change and makes it again until it commits, so outside of its
 * transaction it must have no effect but what it hands to `afterCommit`.
 * What somebody wants need not happen: `tryWrite` rejects with a {@link StorageFault}, and nothing is changed.
 */
export interface WriteQueue {
  readonly write: Write
  readonly tryWrite: Write
  /** Commits what is queued, now. */
  flush(): void
  /** Whether a change is being made, which may yet be rolled back. */
  isChanging(): boolean
  /** Something outside of a change met the disk's trouble, such as a read. */
  report(cause: unknown): void
  /** Commits what can be committed and refuses the rest, now and from now on. */
  close(): void
}

/** What takes part in each commit. */
export interface CommitHooks {
  /** Right before it, inside the transaction. */
  beforeCommit(): void
  /** The transaction was rolled back. */
  rolledBack(): void
  committed(): void
}

/** How the queue finds out of trouble. */
export interface Rescue {
  readonly board: TroubleBoard
  /** Throws while the disk cannot keep a file. */
  probe(): void
  /** Has everybody else in this process close the file: SQLite reads its log anew only for the first who opens it. */
  closeOthers(): Promise<void>
  /** Opens the database anew, as the disk has it. False: what is there is damaged. Throws where it cannot be opened. */
  reopen(): boolean
}

interface Queued {
  readonly change: (tx: Tx) => unknown
  readonly correlation_id: string | null
  readonly actor: Actor | null
  readonly patient: boolean
  /** What commits with it. */
  readonly alongside: Alongside | undefined
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

interface Settled {
  readonly announce: readonly (() => void)[]
  readonly tell: () => void
}

/** A commit of which only the disk knows whether it happened. */
interface Undecided {
  readonly number: number
  readonly batch: readonly Queued[]
  readonly settled: readonly Settled[]
}

const NO_HOOKS: CommitHooks = { beforeCommit: () => undefined, rolledBack: () => undefined, committed: () => undefined }
const NO_RESCUE = (): Rescue => ({
  board: createTroubleBoard(),
  probe: () => undefined,
  closeOthers: () => Promise.resolve(),
  reopen: () => true,
})
/** While there is trouble, the disk is asked this often, and a failing one less and less. */
const RETRY_MS = 1_000
const RETRY_CAP_MS = 60_000

export function createWriteQueue(
  sqlite: Sqlite,
  orm: Orm,
  failpoint: Failpoint,
  hooks: CommitHooks = NO_HOOKS,
  rescue: Rescue = NO_RESCUE(),
): WriteQueue {
  const { board } = rescue
  const begin = sqlite.prepare('BEGIN IMMEDIATE')
  const commit = sqlite.prepare('COMMIT')
  const rollback = sqlite.prepare('ROLLBACK')
  const savepoint = sqlite.prepare('SAVEPOINT change')
  const release = sqlite.prepare('RELEASE change')
  const undo = sqlite.prepare('ROLLBACK TO change')
  // Each commit carries its number, so that after an I/O error the file itself tells which was the last.
  const number = sqlite.prepare(
    `INSERT INTO meta (key, value) VALUES ('commit', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  )
  const lastNumber = sqlite.prepare<[], string>("SELECT value FROM meta WHERE key = 'commit'").pluck()
  let commits = Number(lastNumber.get() ?? 0)
  let isOpen = false
  let queue: Queued[] = []
  let undecided: Undecided | null = null
  let isSpoilt = false
  let isScheduled = false
  let isClosed = false
  let retries = 0
  let timer: NodeJS.Timeout | undefined

  /** A change that is `alone` in its transaction needs no savepoint, for which SQLite copies each page that it changes. */
  function apply(queued: Queued, alone: boolean): Settled {
    const announce: (() => void)[] = []
    const endings: { readonly finish: () => void; readonly forget: () => void }[] = []
    if (!alone) savepoint.run()
    try {
      queued.alongside?.(sqlite)
      const value = queued.change({
        sqlite,
        orm,
        correlation_id: queued.correlation_id,
        actor: queued.actor,
        afterCommit: (callback) => announce.push(callback),
        atEnd: (finish, forget) => endings.push({ finish, forget }),
      })
      for (const { finish } of endings) finish()
      if (!alone) release.run()
      return { announce, tell: () => queued.resolve(value) }
    } catch (cause) {
      for (const { forget } of endings) forget()
      // SQLite itself ends the whole transaction after some faults; and the disk's trouble is everybody's.
      if (alone || !sqlite.inTransaction || troubleOf(cause) !== null) throw cause
      undo.run()
      release.run()
      return { announce: [], tell: () => queued.reject(cause) }
    }
  }

  /** A commit is of many: what its listeners do is not a part of the call that happened to ask first. */
  function flush(): void {
    isScheduled = false
    if (board.now() === null && queue.length > 0) uncorrelated(commitQueue)
  }

  /** Commits all that is queued; where nothing is, only the number, which tells whether the trouble is over. */
  function commitQueue(): void {
    const batch = queue
    queue = []
    let settled: readonly Settled[] = []
    let isCommitting = false
    isOpen = true
    try {
      begin.run()
      settled = batch.map((queued) => apply(queued, batch.length === 1))
      hooks.beforeCommit()
      number.run(String(commits + 1))
      failpoint('before-turn-commit')
      isCommitting = true
      commit.run()
      isOpen = false
    } catch (cause) {
      const mayBeThere = isCommitting && spoilsConnection(cause)
      rollBack()
      isOpen = false
      if (troubleOf(cause) === null) refuse(batch, cause)
      else if (mayBeThere) undecided = { number: commits + 1, batch, settled }
      else giveBack(batch, cause)
      report(cause)
      return
    }
    conclude(settled)
  }

  function conclude(settled: readonly Settled[]): void {
    commits += 1
    retries = 0
    hooks.committed()
    failpoint('after-turn-commit')
    board.clear()
    try {
      for (const { announce } of settled) for (const callback of announce) callback()
    } finally {
      // What is durable is told of, also where a listener has a bug.
      for (const { tell } of settled) tell()
    }
  }

  function rollBack(): void {
    try {
      if (sqlite.inTransaction) rollback.run()
    } catch (cause) {
      isSpoilt = true
      report(cause)
    }
    hooks.rolledBack()
  }

  /** A bug says nothing of the disk: where there was trouble, only the next commit tells whether it is over. */
  function refuse(batch: readonly Queued[], bug: unknown): void {
    for (const queued of batch) queued.reject(bug)
    if (board.now() !== null) schedule()
  }

  /** What has happened is made again later; what somebody wanted is refused. */
  function giveBack(batch: readonly Queued[], cause: unknown): void {
    queue = [...batch.filter((queued) => queued.patient), ...queue]
    for (const queued of batch) {
      if (!queued.patient) queued.reject(new StorageFault(troubleOf(cause) ?? 'io', cause))
    }
  }

  function report(cause: unknown): void {
    const kind = troubleOf(cause)
    if (kind === null || cause instanceof StorageFault || isClosed || board.now()?.kind === 'damaged') return
    isSpoilt ||= spoilsConnection(cause)
    board.set(kind)
    schedule()
  }

  function schedule(): void {
    clearTimeout(timer)
    const isFailing = board.now()?.kind === 'io'
    timer = setTimeout(
      () => uncorrelated(retry),
      isFailing ? Math.min(RETRY_MS * 2 ** retries, RETRY_CAP_MS) : RETRY_MS,
    )
  }

  async function retry(): Promise<void> {
    if (isSpoilt) await rescue.closeOthers()
    if (isClosed) return
    try {
      rescue.probe()
      if (isSpoilt && !reopen()) return
    } catch (cause) {
      if (troubleOf(cause) === null) throw cause
      report(cause)
      return
    }
    commitQueue()
  }

  /** Goes on with what is on the disk. False: it cannot be gone on with. */
  function reopen(): boolean {
    retries += 1
    if (!rescue.reopen()) {
      board.set('damaged')
      return false
    }
    isSpoilt = false
    if (undecided === null) return true
    const { number: doubted, batch, settled } = undecided
    const isThere = Number(lastNumber.get() ?? 0) === doubted
    undecided = null
    if (isThere) conclude(settled)
    else giveBack(batch, new StorageFault('io'))
    return true
  }

  function close(): void {
    if (board.now() === null) flush()
    isClosed = true
    clearTimeout(timer)
    const refused = [...(undecided?.batch ?? []), ...queue]
    queue = []
    for (const queued of refused) queued.reject(new StorageFault(board.now()?.kind ?? 'io'))
  }

  function enqueue<T>(change: (tx: Tx) => T, patient: boolean): Promise<T> {
    const trouble = board.now()
    if (isClosed || (trouble !== null && !patient)) return Promise.reject(new StorageFault(trouble?.kind ?? 'io'))
    return new Promise<T>((resolve, reject) => {
      const { correlation_id, actor = null } = correlation()
      queue.push({
        ...{ change, correlation_id, actor, patient, alongside: alongside(), reject },
        resolve: (value) => resolve(value as T),
      })
      if (isScheduled || trouble !== null) return
      isScheduled = true
      setImmediate(flush)
    })
  }

  return {
    flush,
    isChanging: () => isOpen,
    report,
    close,
    write: (change) => enqueue(change, true),
    tryWrite: (change) => enqueue(change, false),
  }
}
