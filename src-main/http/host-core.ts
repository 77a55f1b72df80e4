import { mkdirSync } from 'node:fs'
import { err, ok, type Result } from '#contract/result.ts'
import type { Core } from '#core/core.ts'
import type { Refusal } from '#core/refusal.ts'
import { type CoreInfo, notWritable, readCoreInfo, takeCoreLock } from './core-lock.ts'
import { createApp } from './create-app.ts'
import type { HostLog } from './file-log.ts'
import { openPrivateSocket } from './private-socket.ts'

/**
 * When what answers most requests is loaded (ms): not with the start, and not so late that the program's files may have been
 * replaced by then.
 */
const LOAD_APP_AFTER_MS = 100

/** A core that this process keeps, and that others reach through the private socket. */
export interface HostedCore {
  readonly core: Core
  readonly log: HostLog | undefined
  /** Ends core (E8), the socket and the right to the folder. `clean`: everything ended by itself. */
  close(graceMs?: number): Promise<{ clean: boolean }>
}

/** `taken`: another process keeps a core on this folder; `holder` is null while it starts or ends. */
export type HostRefusal =
  | { readonly kind: 'taken'; readonly holder: CoreInfo | null }
  | { readonly kind: 'failed'; readonly message: string }

export interface HostOptions {
  readonly data_dir: string
  readonly version: string
  readonly log?: HostLog | undefined
  /** Opens core; called only while the folder is ours. */
  open(): Promise<Result<Core, Refusal>>
}

/** Makes the data folder, for its owner only, where it is missing. The error is a text for the user. */
export function makeDataFolder(path: string): Result<void, string> {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    return ok(undefined)
  } catch (fault) {
    return err(
      `Baton's data folder ${path} cannot be made: ${(fault as Error).message}. Choose another with BATON_DATA_DIR.`,
    )
  }
}

/** Becomes the one core of a data folder (D1): takes the folder, opens core, serves it on the private socket. */
export async function hostCore(options: HostOptions): Promise<Result<HostedCore, HostRefusal>> {
  const { data_dir, version, log } = options
  const folder = makeDataFolder(data_dir)
  if (!folder.ok) return err({ kind: 'failed', message: folder.error })
  const lock = await takeCoreLock(data_dir)
  if (!lock.ok) {
    if (lock.error !== 'taken') return err({ kind: 'failed', message: lock.error.message })
    return err({ kind: 'taken', holder: readCoreInfo(data_dir) })
  }
  const opened = await options.open()
  if (!opened.ok) {
    lock.value.release()
    return err({ kind: 'failed', message: opened.error.message })
  }
  const core = opened.value
  const app = createApp({ core, version, token: null, log })
  const socket = await openPrivateSocket(app, data_dir)
  if (!socket.ok) {
    await core.close(0)
    lock.value.release()
    return err({ kind: 'failed', message: socket.error })
  }
  try {
    lock.value.publish(socket.value.path, version)
  } catch (fault) {
    await core.close(0)
    await socket.value.close()
    lock.value.release()
    return err({ kind: 'failed', message: notWritable(data_dir, fault) })
  }
  // Where it cannot be loaded, the log knows why.
  const loading = setTimeout(() => void app.load().catch(() => undefined), LOAD_APP_AFTER_MS)
  return ok({
    core,
    log,
    async close(graceMs) {
      clearTimeout(loading)
      lock.value.retract()
      const ended = await core.close(graceMs)
      await socket.value.close()
      lock.value.release()
      return ended
    },
  })
}
