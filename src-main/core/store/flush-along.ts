import { open } from 'node:fs/promises'

/**
 * Takes to the disk what a growing file holds so far, beside everything else that is done: whoever syncs it at its end waits
 * for the rest only. One at a time is under way. A fault is left to that last sync, which meets it too: the
 * system tells it to each that has the file open.
 */
export function createFlushAlong(path: string): {
  begin(): void
  isUnderWay(): boolean
  end(): Promise<void>
} {
  let underWay: Promise<void> | null = null

  async function flush(): Promise<void> {
    const file = await open(path, 'r+')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  }

  return {
    begin() {
      underWay ??= flush()
        .catch(() => undefined)
        .finally(() => {
          underWay = null
        })
    },
    isUnderWay: () => underWay !== null,
    async end() {
      await underWay
    },
  }
}
