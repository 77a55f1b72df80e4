import { basename } from 'node:path'
import type { FSWatcher } from 'chokidar'
import type { Log } from '../core.ts'
import { DEFAULT_FILE_RULES } from '../workspace/file-rules.ts'
import { createForbiddenNames } from '../workspace/forbidden-names.ts'

/** Follows changes of files (K1). The library is loaded with the first source that is watched. */
export interface SourceWatch {
  /** Resolves when changes are seen from now on. */
  follow(id: number, path: string): Promise<void>
  forget(id: number): Promise<void>
  close(): Promise<void>
}

/** An editor saves in several steps, and a copied folder comes file by file. */
const SETTLE_MS = 400

interface Watched {
  readonly watcher: FSWatcher
  timer: NodeJS.Timeout | undefined
  /** Nobody waits any longer for its first walk. */
  over(): void
}

export function createSourceWatch(onChange: (id: number) => void, log: Log): SourceWatch {
  const watches = new Map<number, Watched>()
  const forbidden = createForbiddenNames(DEFAULT_FILE_RULES.forbidden)
  let isClosed = false

  async function end(watched: Watched): Promise<void> {
    clearTimeout(watched.timer)
    watched.over()
    await watched.watcher.close()
  }

  return {
    async follow(id, path) {
      const { watch } = await import('chokidar')
      if (isClosed) return
      const before = watches.get(id)
      const watcher = watch(path, {
        ignoreInitial: true,
        followSymlinks: false,
        ignored: (entry, stats) => entry !== path && isLeftOut(entry, stats?.isDirectory() ?? false),
      })
      const walked = Promise.withResolvers<void>()
      const watched: Watched = { watcher, timer: undefined, over: walked.resolve }
      watches.set(id, watched)
      watcher.on('all', () => {
        clearTimeout(watched.timer)
        watched.timer = setTimeout(() => onChange(id), SETTLE_MS)
      })
      watcher.on('error', (cause) =>
        log.warn('A folder of knowledge cannot be watched', { path, error: String(cause) }),
      )
      watcher.once('ready', walked.resolve)
      if (before !== undefined) await end(before)
      // One that is forgotten while it walks never says that it is ready.
      await walked.promise
    },
    async forget(id) {
      const known = watches.get(id)
      if (known === undefined) return
      watches.delete(id)
      await end(known)
    },
    async close() {
      isClosed = true
      const open = [...watches.values()]
      watches.clear()
      await Promise.all(open.map(end))
    },
  }

  function isLeftOut(entry: string, isFolder: boolean): boolean {
    const name = basename(entry)
    return name === 'node_modules' || forbidden(name) !== null || (isFolder && name.startsWith('.'))
  }
}
