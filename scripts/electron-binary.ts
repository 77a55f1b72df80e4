import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { err, ok, type Result } from '../src-contract/result.ts'

/** The part of `@electron/get` that is used here; it comes with electron, not with Baton. */
type Downloads = {
  downloadArtifact(options: {
    version: string
    artifactName: string
    platform: string
    arch: string
    checksums: Record<string, string>
    downloadOptions: {
      quiet: boolean
      signal: AbortSignal
      getProgressCallback(progress: { percent: number }): Promise<void>
    }
  }): Promise<string>
}

const STALLED_AFTER_MS = 60_000

const electronFolder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))

/** The path of Electron's executable; null where it has not been downloaded (its npm package comes without). */
export function electronBinary(): string | null {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  const pathFile = join(electronFolder, 'path.txt')
  if (override === undefined && !existsSync(pathFile)) return null
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron'
  const file = join(override ?? join(electronFolder, 'dist'), name)
  return existsSync(file) ? file : null
}

/** Whether a window could be shown in this session. */
export function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])
}

function showProgress(percent: number): void {
  if (!process.stderr.isTTY) return
  const done = Math.floor(percent * 30)
  const bar = '█'.repeat(done).padEnd(30, '░')
  process.stderr.write(`\r\x1b[2KFetching Electron ${bar} ${Math.floor(percent * 100)} %${percent >= 1 ? '\n' : ''}`)
}

/**
 * Downloads Electron into its own cache with a progress bar, then lets Electron's installer unpack it from there (the
 * installer alone shows nothing for its first 30 seconds). Gives up when nothing arrives for a minute.
 */
export async function fetchElectron(): Promise<Result<string, string>> {
  const require = createRequire(join(electronFolder, 'package.json'))
  const { version } = require('./package.json') as { version: string }
  const checksums = require('./checksums.json') as Record<string, string>
  const { downloadArtifact } = require('@electron/get') as Downloads
  const stalled = new AbortController()
  const giveUp = () => stalled.abort(new Error('nothing arrived for a minute'))
  let timer = setTimeout(giveUp, STALLED_AFTER_MS)
  process.stderr.write(`Fetching Electron ${version}, once, for the desktop window.\n`)
  try {
    await downloadArtifact({
      version,
      artifactName: 'electron',
      platform: process.env['npm_config_platform'] ?? platform(),
      arch: process.env['npm_config_arch'] ?? arch(),
      checksums,
      downloadOptions: {
        quiet: true,
        signal: stalled.signal,
        getProgressCallback: async ({ percent }) => {
          clearTimeout(timer)
          timer = setTimeout(giveUp, STALLED_AFTER_MS)
          showProgress(percent)
        },
      },
    })
  } catch (fault) {
    return err(reason(fault))
  } finally {
    clearTimeout(timer)
  }
  const install = spawnSync(process.execPath, [join(electronFolder, 'install.js')], { encoding: 'utf8' })
  const file = electronBinary()
  return file === null ? err(`its download could not be unpacked: ${install.stderr.trim()}`) : ok(file)
}

/** "fetch failed: getaddrinfo ENOTFOUND github.com": what fetch says by itself tells nothing. */
function reason(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  return fault.cause instanceof Error ? `${fault.message}: ${fault.cause.message}` : fault.message
}
