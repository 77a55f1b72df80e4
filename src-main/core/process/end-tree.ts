import { setTimeout as sleep } from 'node:timers/promises'
import { type RunningProcess, runningProcesses, startedWith } from './process-table.ts'

/** How a child and all that it started are known again, also by another core. */
export interface ChildMark {
  /** Also the number of its group: each child leads one of its own. */
  readonly pid: number
  /** As `processStart` spells it; null where nobody could tell, and then nothing is ended. */
  readonly started: string | null
  /** The entry in its environment, which its descendants inherit. */
  readonly entry: string
}

export interface EndedTree {
  /** How many processes there were. */
  readonly found: number
  /** Those that live on in spite of all. */
  readonly left: readonly RunningProcess[]
}

/** What was asked to end gets this long before it is killed. */
const GRACE_MS = 2_000
const DEADLINE_MS = 15_000
const LOOK_MS = 20

/**
 * Ends a child and everything it started, in its group or out of it: first TERM, after {@link GRACE_MS} KILL. A process is
 * signalled only where it is proven to be one of them, so a pid that is somebody else's by now is never touched.
 */
export async function endTree(mark: ChildMark): Promise<EndedTree> {
  const known = new Map<number, string>()
  const begun = performance.now()
  for (;;) {
    const left = treeOf(mark, known)
    const waited = performance.now() - begun
    if (left.length === 0 || waited > DEADLINE_MS) return { found: known.size, left }
    for (const { pid, started } of left) {
      if (waited > GRACE_MS) signal(pid, 'SIGKILL')
      else if (known.get(pid) !== started) signal(pid, 'SIGTERM')
      known.set(pid, started)
    }
    await sleep(LOOK_MS)
  }
}

/**
 * Those of the processes that run now which belong to a child: itself by pid and start time; its group, as long as it holds
 * one that is proven (a group's number is not given again while anything lives in it); what was started with its mark; and
 * what descends from any of them. `known`: who was proven before, with start times.
 */
function treeOf({ pid, started, entry }: ChildMark, known: ReadonlyMap<number, string>): RunningProcess[] {
  const all = runningProcesses().filter((each) => each.pid !== process.pid)
  const isKnown = (each: RunningProcess): boolean =>
    (each.pid === pid && each.started === started) || known.get(each.pid) === each.started
  const isGroupTheirs = all.some((each) => each.group === pid && isKnown(each))
  const tree = new Set(
    all.filter((each) => isKnown(each) || (isGroupTheirs && each.group === pid) || startedWith(each.pid, entry)),
  )
  const pids = new Set([...tree].map((each) => each.pid))
  for (let grown = true; grown; ) {
    grown = false
    for (const each of all) {
      if (tree.has(each) || !pids.has(each.parent)) continue
      tree.add(each)
      pids.add(each.pid)
      grown = true
    }
  }
  return [...tree]
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended by itself, or is not ours to signal; the next look tells which.
  }
}
