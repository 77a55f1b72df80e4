import { statfs } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CommandEnd, SandboxLimits } from './sandbox.ts'
import { treeUsage } from './tree-usage.ts'

/** A command that runs. */
interface Watched {
  readonly pid: number
  readonly workspace: string
  readonly limits: SandboxLimits
  readonly signal: AbortSignal
  /** Between two looks, in ms; each reads the whole process table (some 6 ms). */
  readonly look_ms: number
}

/**
 * Looks at a running command until it is `closed`; ends it by `end` where it passes a bound. Answers with that bound, or
 * null. Limits of single processes are the kernel's; this is about all of them together, where no cgroup is ours to use.
 */
export async function watchBounds(
  { pid, workspace, limits, signal, look_ms }: Watched,
  closed: Promise<unknown>,
  end: () => Promise<unknown>,
): Promise<Exclude<CommandEnd['ended_by'], 'exit'> | null> {
  const deadline = performance.now() + limits.time_ms
  const freeAtFirst = await freeBytes(workspace)
  // On a disk that is nearly full it must leave room for Baton itself.
  const mayTake = Math.min(limits.disk_bytes, freeAtFirst / 2)
  let isClosed = false
  // Ends a pause. A race of promises would keep something of each pause until a server of tools ends, which may take days.
  const wake = new AbortController()
  const close = () => {
    isClosed = true
    wake.abort()
  }
  void closed.then(close, close)
  signal.addEventListener('abort', () => wake.abort(), { once: true })
  while (!isClosed) {
    const passed = signal.aborted ? 'cancelled' : await passedBound()
    if (isClosed) return null
    if (passed !== null) {
      await end()
      return passed
    }
    await sleep(look_ms, undefined, { signal: wake.signal }).catch(() => undefined)
  }
  return null

  async function passedBound(): Promise<Exclude<CommandEnd['ended_by'], 'exit' | 'cancelled'> | null> {
    if (performance.now() > deadline) return 'time'
    const { processes, memory_bytes } = treeUsage(pid)
    if (processes > limits.processes) return 'processes'
    if (memory_bytes > limits.memory_bytes) return 'memory'
    return freeAtFirst - (await freeBytes(workspace)) > mayTake ? 'disk' : null
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
