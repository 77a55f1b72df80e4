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

export function createSourceWatch(onChange: (id: number) => void, log: Log): SourceWatch {
  const watches = new Map<number, { readonly watcher: FSWatcher; timer: NodeJS.Timeout | undefined }>()
  const forbidden = createForbiddenNames(DEFAULT_FILE_RULES.forbidden)

  async function forget(id: number): Promise<void> {
    const known = watches.get(id)
    if (known === undefined) return
    watches.delete(id)
    clearTimeout(known.timer)
    await known.watcher.close()
  }

  return {
    async follow(id, path) {
      await forget(id)
      const { watch } = await import('chokidar')
      const watcher = watch(path, {
        ignoreInitial: true,
        followSymlinks: false,
        ignored: (entry, stats) => entry !== path && isLeftOut(entry, stats?.isDirectory() ?? false),
      })
      const watched: { readonly watcher: FSWatcher; timer: NodeJS.Timeout | undefined } = { watcher, timer: undefined }
      watches.set(id, watched)
      watcher.on('all', () => {
        clearTimeout(watched.timer)
        watched.timer = setTimeout(() => onChange(id), SETTLE_MS)
      })
      watcher.on('error', (cause) =>
        log.warn('A folder of knowledge cannot be watched', { path, error: String(cause) }),
      )
      await new Promise<void>((resolve) => watcher.once('ready', resolve))
    },
    forget,
    async close() {
      for (const id of [...watches.keys()]) await forget(id)
    },
  }

  function isLeftOut(entry: string, isFolder: boolean): boolean {
    const name = basename(entry)
    return name === 'node_modules' || forbidden(name) !== null || (isFolder && name.startsWith('.'))
  }
}
