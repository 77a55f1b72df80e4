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
}

const LOOK_MS = 100

/**
 * Looks at a running command until it is `closed`; ends it by `end` where it passes a bound. Answers with that bound, or
 * null. Limits of single processes are the kernel's; this is about all of them together, where no cgroup is ours to use.
 */
export async function watchBounds(
  { pid, workspace, limits, signal }: Watched,
  closed: Promise<unknown>,
  end: () => Promise<unknown>,
): Promise<Exclude<CommandEnd['ended_by'], 'exit'> | null> {
  const deadline = performance.now() + limits.time_ms
  const freeAtFirst = await freeBytes(workspace)
  // On a disk that is nearly full it must leave room for Baton itself.
  const mayTake = Math.min(limits.disk_bytes, freeAtFirst / 2)
  let isClosed = false
  const end_of_it = closed.then(() => {
    isClosed = true
  })
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  while (!isClosed) {
    const passed = signal.aborted ? 'cancelled' : await passedBound()
    if (isClosed) return null
    if (passed !== null) {
      await end()
      return passed
    }
    await Promise.race([end_of_it, aborted, sleep(LOOK_MS)])
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
