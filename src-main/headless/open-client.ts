import { setTimeout as sleep } from 'node:timers/promises'
import { err, ok, type Result } from '#contract/result.ts'
import type { Configuration } from '#http/configuration.ts'
import { readCoreInfo } from '#http/core-lock.ts'
import type { Environment } from '#http/environment.ts'
import type { EnvironmentHostOptions } from '#http/host-from-environment.ts'
import type { BatonClient } from './baton-client.ts'

/** A core may take its time to start (migrations) or to end (steps that finish). */
const PATIENCE_MS = 60_000
const RETRY_MS = 100

export interface OpenOptions extends Omit<EnvironmentHostOptions, 'configuration'> {
  readonly environment: Environment
  variable(name: string): string | undefined
  /** Called once where another core is starting or ending and has to be waited for. */
  onWait?(): void
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
  let log = options.log
  let configuration: Configuration | undefined
  while (performance.now() < deadline) {
    const attached = await attachToLiving(options.data_dir)
    if (attached !== null) return ok(attached)
    const [{ loadConfiguration }, { hostFromEnvironment, openLog }] = await Promise.all([
      import('#http/configuration.ts'),
      import('#http/host-from-environment.ts'),
    ])
    if (configuration === undefined) {
      const loaded = await loadConfiguration(options.environment, options.data_dir, options.variable)
      if (!loaded.ok) return loaded
      configuration = loaded.value
    }
    log ??= openLog(configuration)
    const hosted = await hostFromEnvironment({ ...options, configuration, log })
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
