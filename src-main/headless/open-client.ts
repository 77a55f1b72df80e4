import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { err, ok, type Result } from '#contract/result.ts'
import { readCoreInfo } from '#http/core-lock.ts'
import { createFileLog } from '#http/file-log.ts'
import { type HostedCore, type HostRefusal, hostCore, makeDataFolder } from '#http/host-core.ts'
import { batonVersion } from '#http/installation.ts'
import type { BatonClient } from './baton-client.ts'
import type { Environment } from './environment.ts'

/** A core may take its time to start (migrations) or to end (steps that finish). */
const PATIENCE_MS = 60_000
const RETRY_MS = 100

export interface OpenOptions {
  readonly environment: Environment
  readonly data_dir: string
  /** Whether the demo model may be chosen. */
  readonly demo: boolean
  /** Pause of the demo model between pieces of output, in ms. */
  readonly demo_pace_ms?: number | undefined
  /** Called once where another core is starting or ending and has to be waited for. */
  onWait?(): void
}

/** Opens core in this process with what the environment says. */
export async function hostFromEnvironment(options: OpenOptions): Promise<Result<HostedCore, HostRefusal>> {
  const { environment, data_dir } = options
  const folder = makeDataFolder(data_dir)
  if (!folder.ok) return err({ kind: 'failed', message: folder.error })
  const [{ createCore }, { createKeytarKeychain }] = await Promise.all([
    import('#core/create-core.ts'),
    import('#core/secret/keytar-keychain.ts'),
  ])
  const version = batonVersion()
  const log = createFileLog(environment.BATON_LOG_DIR ?? join(data_dir, 'logs'), environment.BATON_LOG_LEVEL ?? 'info')
  return hostCore({
    data_dir,
    version,
    log,
    open: () =>
      createCore({
        data_dir,
        version,
        anthropic_api_key: environment.ANTHROPIC_API_KEY,
        anthropic_base_url: environment.ANTHROPIC_BASE_URL,
        ollama_host: environment.OLLAMA_HOST,
        demo: options.demo,
        keychain: createKeytarKeychain(),
        log,
        failpoints: environment.BATON_FAILPOINTS,
      }),
  })
}

async function attachToLiving(dataDir: string): Promise<BatonClient | null> {
  const info = readCoreInfo(dataDir)
  if (info === null) return null
  const { attach } = await import('./attached-client.ts')
  return attach(info.socket)
}

/** Attaches to the core that lives on this data folder, or opens one (D1). The error is a text for the user. */
export async function openClient(options: OpenOptions): Promise<Result<BatonClient, string>> {
  const deadline = performance.now() + PATIENCE_MS
  let told = false
  while (performance.now() < deadline) {
    const attached = await attachToLiving(options.data_dir)
    if (attached !== null) return ok(attached)
    const hosted = await hostFromEnvironment(options)
    if (hosted.ok) {
      const { localClient } = await import('./local-client.ts')
      return ok(localClient(hosted.value))
    }
    if (hosted.error.kind === 'failed') return err(hosted.error.message)
    if (!told) options.onWait?.()
    told = true
    await sleep(RETRY_MS)
  }
  const pid = readCoreInfo(options.data_dir)?.pid
  return err(
    `Another Baton${pid === undefined ? '' : ` (process ${pid})`} holds the data folder ${options.data_dir} and does not answer. Wait for it, end it, or choose another folder with BATON_DATA_DIR.`,
  )
}
