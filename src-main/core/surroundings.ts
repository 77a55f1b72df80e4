import type { HealthMonitor } from './health/health-monitor.ts'

/**
 * What a core finds around itself at its start: keys, git, services. Only work needs it, so a host that serves may answer
 * before.
 */
export interface Surroundings {
  /** Looks, once; resolves when all is known. */
  look(): Promise<void>
  /** Looks, and resolves when runs may begin: nothing may run before what a dead process left is settled and committed. */
  prepared(): Promise<void>
  /** Ends the looking; nothing is written by it afterwards. */
  close(): Promise<void>
}

export interface SurroundingsParts {
  /** What a dead process left is settled. Stays open while the disk takes nothing. */
  readonly settled: Promise<unknown>
  /** Resolves when the disk is in trouble (D4). */
  readonly trouble: Promise<unknown>
  /** Looks for keys and git. */
  find(): Promise<void>
  /** Commits what ended runs wrote; needs git. */
  commitEnded(): Promise<void>
  readonly monitor: Pick<HealthMonitor, 'checkAll' | 'start'>
}

interface Looking {
  /** Keys and git are found, and what is left to settle is settled, or waits for the disk. */
  readonly writing: Promise<unknown>
  readonly looked: Promise<void>
  readonly prepared: Promise<void>
}

export function createSurroundings(parts: SurroundingsParts): Surroundings {
  let looking: Looking | undefined
  let isClosing = false

  async function checkServices(writing: Promise<unknown>): Promise<void> {
    await writing
    if (isClosing) return
    await parts.monitor.checkAll()
    if (!isClosing) parts.monitor.start()
  }

  function begin(): Looking {
    const found = parts.find()
    const prepared = Promise.all([parts.settled, found]).then(() => parts.commitEnded())
    const writing = Promise.race([prepared, Promise.all([parts.trouble, found])])
    return { writing, prepared, looked: checkServices(writing) }
  }

  function once(): Looking {
    looking ??= begin()
    return looking
  }

  return {
    look: () => once().looked,
    async prepared() {
      const { looked, prepared } = once()
      await looked
      await prepared
    },
    async close() {
      isClosing = true
      await looking?.writing
    },
  }
}
