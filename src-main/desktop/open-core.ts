import { setTimeout as sleep } from 'node:timers/promises'
import { dialog } from 'electron'
import type { Result } from '#contract/result.ts'
import type { CoreInfo } from '#http/core-lock.ts'
import type { HostedCore, HostRefusal } from '#http/host-core.ts'
import { type EnvironmentHostOptions, hostFromEnvironment } from '#http/host-from-environment.ts'

/** A command that only looks holds the data folder for a moment; that is not worth a question. */
const PATIENCE_MS = 5_000
const RETRY_MS = 100
const TRY_AGAIN = 0
const QUIT = 1

async function hostSoon(options: EnvironmentHostOptions): Promise<Result<HostedCore, HostRefusal>> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const hosted = await hostFromEnvironment(options)
    if (hosted.ok || hosted.error.kind === 'failed' || performance.now() > deadline) return hosted
    await sleep(RETRY_MS)
  }
}

async function askToTryAgain(dataDir: string, holder: CoreInfo | null): Promise<boolean> {
  const who = holder === null ? 'Another process' : `Process ${holder.pid}`
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: 'Baton',
    message: 'Baton is already at work on this data folder without a window.',
    detail: `${who} ("baton serve" or another command) keeps ${dataDir}, and only one may. Use the page that "baton serve" shows, or end that process and try again, or start with another folder in BATON_DATA_DIR.`,
    buttons: ['Try again', 'Quit'],
    defaultId: TRY_AGAIN,
    cancelId: QUIT,
    noLink: true,
  })
  return response === TRY_AGAIN
}

/** Opens core; where that cannot be, says why and asks what to do. Null: the user was told, and this app must end. */
export async function openCore(options: EnvironmentHostOptions): Promise<HostedCore | null> {
  for (;;) {
    const hosted = await hostSoon(options)
    if (hosted.ok) return hosted.value
    if (hosted.error.kind === 'failed') {
      dialog.showErrorBox('Baton cannot start', hosted.error.message)
      return null
    }
    if (!(await askToTryAgain(options.data_dir, hosted.error.holder))) return null
  }
}
