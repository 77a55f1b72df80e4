import type { StorageTrouble } from '#contract/service.ts'
import { toTimestamp } from '#contract/time.ts'

/** What keeps Baton from writing down what happens (D4). */
export type TroubleKind = StorageTrouble['kind']

const WORDS: Readonly<Record<TroubleKind, { what: string; todo: string }>> = {
  full: { what: "The disk with Baton's data is full.", todo: 'Free some space' },
  read_only: { what: "Baton's data cannot be written: it is read-only.", todo: 'Make the data folder writable again' },
  io: { what: "The disk with Baton's data reports errors.", todo: 'Check the disk' },
  busy: {
    what: "Another program holds Baton's database.",
    todo: 'End what has baton.db open, such as a backup or a viewer',
  },
  damaged: {
    what: "Baton's database is damaged.",
    todo: 'End Baton, look with `baton doctor`, and restore a backup',
  },
}

/** A change that was not made because it cannot be written down now. Nothing of it is left. */
export class StorageFault extends Error {
  readonly kind: TroubleKind
  constructor(kind: TroubleKind, cause?: unknown) {
    super(`${WORDS[kind].what} Nothing was changed. ${WORDS[kind].todo}, then try again.`, { cause })
    this.name = 'StorageFault'
    this.kind = kind
  }
}

/** The kind of trouble behind an error of SQLite or of the file system; null for any other error, such as a bug. */
export function troubleOf(cause: unknown): TroubleKind | null {
  if (cause instanceof StorageFault) return cause.kind
  if (!(cause instanceof Error)) return null
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const kind = code.startsWith('SQLITE_') ? kindOfSqlite(code) : 'syscall' in cause ? kindOfSystem(code) : null
  return kind ?? troubleOf(cause.cause)
}

function kindOfSqlite(code: string): TroubleKind | null {
  // The shared memory of the log cannot grow: that too is a full disk.
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') return 'full'
  if (code.startsWith('SQLITE_READONLY')) return 'read_only'
  if (code.startsWith('SQLITE_BUSY')) return 'busy'
  return /^SQLITE_(IOERR|CANTOPEN|PROTOCOL|CORRUPT|NOTADB)/.test(code) ? 'io' : null
}

function kindOfSystem(code: string): TroubleKind | null {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'full'
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return 'read_only'
    case 'EIO':
      return 'io'
    default:
      return null
  }
}

/** Whether a row was refused because what it belongs to is not there (any more). */
export function isMissingParent(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  return ('code' in cause && cause.code === 'SQLITE_CONSTRAINT_FOREIGNKEY') || isMissingParent(cause.cause)
}

/** After these the connection cannot be relied on: what SQLite has in memory may differ from what is on the disk. */
export function spoilsConnection(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  return /^SQLITE_(IOERR|CANTOPEN|PROTOCOL|CORRUPT|NOTADB)/.test(code) || spoilsConnection(cause.cause)
}

/** The present trouble, and who wants to know of it. */
export interface TroubleBoard {
  now(): StorageTrouble | null
  /** Begins it, or says that it is of another kind. */
  set(kind: TroubleKind): void
  clear(): void
  /** Is told of each beginning and end. */
  onChange(listener: (now: StorageTrouble | null) => void): void
}

export function createTroubleBoard(): TroubleBoard {
  const listeners: ((now: StorageTrouble | null) => void)[] = []
  let trouble: StorageTrouble | null = null

  function tell(): void {
    for (const listener of listeners) listener(trouble)
  }

  return {
    now: () => trouble,
    set(kind) {
      if (trouble?.kind === kind) return
      trouble = { kind, message: messageOf(kind), since: trouble?.since ?? toTimestamp(Date.now()) }
      tell()
    },
    clear() {
      if (trouble === null) return
      trouble = null
      tell()
    },
    onChange(listener) {
      listeners.push(listener)
    },
  }
}

function messageOf(kind: TroubleKind): string {
  const { what, todo } = WORDS[kind]
  const then = kind === 'damaged' ? `${todo}.` : `${todo}; Baton then goes on by itself.`
  return `${what} Work is paused and nothing new is written; what is there can be read. ${then}`
}
