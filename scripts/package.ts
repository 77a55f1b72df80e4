/**
 * `npm run package [-- --dir]`: makes the installable application of this system in `release/`; with `--dir` only its
 * folder. Electron is fetched once, as `npm start` does; electron-builder fetches what makes the installers.
 */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { build } from 'electron-builder'
import config from '../electron-builder.config.ts'
import { ok } from '../src-contract/result.ts'
import { electronBinary, fetchElectron } from './electron-binary.ts'

const root = dirname(import.meta.dirname)

/** `…/dist` of `…/dist/electron`, or of `…/dist/Electron.app/Contents/MacOS/Electron`. */
function folderOf(binary: string): string {
  return binary.slice(0, binary.search(/[\\/]dist[\\/](?!.*[\\/]dist[\\/])/) + '/dist'.length)
}

/** The folder of Electron for this system; null where it cannot be had, which has been said. */
async function electronFolder(): Promise<string | null> {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  if (override !== undefined) return override
  const present = electronBinary()
  const found = present === null ? await fetchElectron() : ok(present)
  if (found.ok) return folderOf(found.value)
  process.stderr.write(
    `Baton cannot be packaged here: Electron could not be fetched (${found.error}). Package it where github.com can be reached, or name the folder of an unpacked Electron in ELECTRON_OVERRIDE_DIST_PATH.\n`,
  )
  return null
}

async function main(): Promise<number> {
  const electronDist = await electronFolder()
  if (electronDist === null) return 1
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'build.ts'), '--if-stale'], {
    stdio: ['ignore', 2, 2],
  })
  if (built.status !== 0) return 1
  const made = await build({
    projectDir: root,
    config: { ...config, electronDist },
    publish: 'never',
    ...(process.argv.includes('--dir') ? { dir: true } : {}),
  })
  for (const file of made) process.stdout.write(`${file}\n`)
  return 0
}

try {
  process.exitCode = await main()
} catch (fault) {
  process.stderr.write(`Baton could not be packaged: ${fault instanceof Error ? fault.message : String(fault)}\n`)
  process.exitCode = 1
}
