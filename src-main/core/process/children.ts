import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { err, ok, type Result } from '#contract/result.ts'
import type { Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Failpoint } from '../failpoint.ts'
import type { ProcessIdentity } from '../lock/leases.ts'
import { type ChildProcessRow, childProcess } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { StorageFault } from '../store/trouble.ts'
import { type ChildMark, type EndedTree, endTree } from './end-tree.ts'
import { processStart } from './process-start.ts'

/** A program to be started. */
export interface NewChild {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  /** All of its environment but for its mark. */
  readonly env: Readonly<Record<string, string>>
  /** What it is, for people: `git update-index`. */
  readonly what: string
  readonly project_id?: number | null
  readonly run_id?: number | null
  readonly step_id?: number | null
  /** While nothing can be written down (D4), it is waited for instead of being refused. */
  readonly patient?: boolean
}

export interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>
  /** Ends it and everything it started. */
  end(): Promise<EndedTree>
}

/**
 * The child processes of this core (E5). A child is on record, durably, before it does anything; so when the core dies, the
 * next one knows what it has to end before it does the same work again.
 */
export interface Children {
  /** Nothing is started before it is written down (D4). The program is looked for in `env.PATH`. */
  start(child: NewChild): Promise<Result<Child, string>>
  /**
   * Ends what dead cores left running, with everything that it started. Answers with those children, to be handed to
   * `forget`; or, for a user, with what cannot be ended. Writes nothing, so that a full disk does not keep it from that.
   */
  endOrphans(): Promise<Result<readonly Orphan[], string>>
  /** Takes them from the record, and tells of those that were still running. */
  forget(orphans: readonly Orphan[]): Promise<void>
}

export interface Orphan {
  readonly row: ChildProcessRow
  /** How many processes were ended. */
  readonly ended: number
}

const MARK = 'BATON_CHILD'
const HAS_GATE = process.platform !== 'win32'
/**
 * Waits for a line, or ends where there will be none, because the core is dead; then becomes the program. A shell reads a
 * line from a pipe byte by byte, so the program finds all that comes behind it. A pipe of its own for the line would need a
 * fourth descriptor, and that cannot be set up while another thread of this process waits in `open` (EBUSY).
 */
const GATE = 'IFS= read -r go && exec "$0" "$@"'

/** `self`: the process of this core. */
export function createChildren(
  store: Store,
  events: EventLog,
  self: ProcessIdentity,
  log: Log,
  failpoint: Failpoint,
): Children {
  const recorded = store.sqlite.prepare('SELECT * FROM child_process ORDER BY id')
  const remove = store.sqlite.prepare('DELETE FROM child_process WHERE id = ?')

  /** It stays on record while anything lives in its group. */
  async function ended(id: number, pid: number): Promise<void> {
    if (isGroupAlive(pid)) return
    try {
      await store.write(() => remove.run(id))
    } catch (cause) {
      // The core was closed on a disk that takes nothing; the next one finds that it has ended.
      if (!(cause instanceof StorageFault)) throw cause
      log.info('A child that has ended stays on record', { pid, fault: cause.message })
    }
  }

  return {
    async start({ program, args, cwd, env, what, patient, project_id = null, run_id = null, step_id = null }) {
      const token = randomUUID()
      const spawned = spawnBehindGate(program, args, cwd, { ...env, [MARK]: token })
      if (!spawned.ok) return err(`${what} could not be started: ${spawned.error}`)
      const child = spawned.value
      const { pid } = child
      if (pid === undefined) {
        const [fault] = (await once(child, 'error')) as [Error]
        return err(`${what} could not be started: ${fault.message}`)
      }
      failpoint('after-child-spawned')
      const mark: ChildMark = { pid, started: processStart(pid), entry: entryOf(token) }
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      // Both come of a child that has ended already, and its exit code tells more.
      child.on('error', (fault) => log.info('A child reported a fault', { what, fault: fault.message }))
      child.stdin.on('error', (fault) => log.info('A child read no further', { what, fault: fault.message }))
      try {
        const write = patient === true ? store.write : store.tryWrite
        const { id } = await write((tx) =>
          tx.orm
            .insert(childProcess)
            .values({
              ...{ token, pid, started: mark.started, what, project_id, run_id, step_id },
              ...{ owner_pid: self.pid, owner_started: self.started, created_at: Date.now() },
            })
            .returning({ id: childProcess.id })
            .get(),
        )
        exited
          .then(() => ended(id, pid))
          .catch((cause: unknown) => log.error('A child could not be taken from the record', { error: String(cause) }))
      } catch (cause) {
        openGate(child, false)
        if (cause instanceof StorageFault) return err(`${what} was not started. ${cause.message}`)
        throw cause
      }
      failpoint('after-child-recorded')
      openGate(child, true)
      failpoint('after-child-begun')
      return ok({ process: child, end: () => endTree(mark) })
    },

    async endOrphans() {
      const orphans: Orphan[] = []
      for (const row of recorded.all() as ChildProcessRow[]) {
        // A core that lives elsewhere sees to its own; one that this very process had before does not.
        const isSelf = row.owner_pid === self.pid && row.owner_started === self.started
        if (!isSelf && processStart(row.owner_pid) === row.owner_started && row.owner_started !== null) continue
        const { found, left } = await endTree({ pid: row.pid, started: row.started, entry: entryOf(row.token) })
        if (left.length > 0) {
          const pids = left.map((each) => each.pid).join(', ')
          return err(
            `"${row.what}", which Baton had started before it died, still runs and cannot be ended (process ${pids}). Its work is not done again beside it. End it, or restart the machine, and start Baton again.`,
          )
        }
        if (row.started === null) {
          log.warn('Whether a program of a dead core still runs cannot be told on this system', {
            what: row.what,
            pid: row.pid,
          })
        }
        orphans.push({ row, ended: found })
      }
      return ok(orphans)
    },

    async forget(orphans) {
      if (orphans.length === 0) return
      await store.write((tx) => {
        for (const { row, ended } of orphans) {
          remove.run(row.id)
          const { project_id, run_id, what, pid } = row
          if (ended > 0) events.append(tx, 'process.ended', { project_id, run_id }, { what, pid, processes: ended })
        }
      })
      for (const { row, ended } of orphans) {
        if (ended > 0)
          log.warn('A program of a dead core was ended', { what: row.what, pid: row.pid, processes: ended })
      }
    },
  }
}

function entryOf(token: string): string {
  return `${MARK}=${token}`
}

/**
 * Starts a shell that becomes the program, as the same process, when it is told to. Whatever happens to this core before
 * that, the program never ran: the shell reads the end of its pipe and ends. Windows has neither the shell nor groups; there
 * the program is written down right after its start.
 */
function spawnBehindGate(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Result<ChildProcessByStdio<Writable, Readable, Readable>, string> {
  const stdio: ['pipe', 'pipe', 'pipe'] = ['pipe', 'pipe', 'pipe']
  try {
    if (!HAS_GATE) return ok(spawn(program, args, { cwd, env, stdio }))
    // Detached: in a group (and session) of its own, that its descendants are in too.
    return ok(spawn('/bin/sh', ['-c', GATE, program, ...args], { cwd, env, detached: true, stdio }))
  } catch (fault) {
    // Most faults are told by an event; some that the system rarely has are thrown.
    return err(fault instanceof Error ? fault.message : String(fault))
  }
}

function openGate(child: ChildProcessByStdio<Writable, Readable, Readable>, go: boolean): void {
  if (!HAS_GATE) {
    if (!go) child.kill()
  } else if (go) child.stdin.write('go\n')
  else child.stdin.end()
}

function isGroupAlive(group: number): boolean {
  try {
    process.kill(-group, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}
