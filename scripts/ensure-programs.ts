/**
 * Brings programs of the system: installs what is missing with Debian's apt-get where that is permitted, else says what
 * to install.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function missingPackages(programs: ReadonlyMap<string, string>): string[] {
  return [...programs].filter(([program]) => !isInstalled(program)).map(([, debianPackage]) => debianPackage)
}

/** How to run apt-get here; null where it is not Debian or not permitted. */
function aptGet(): string[] | null {
  if (!isInstalled('apt-get')) return null
  if (process.getuid?.() === 0) return ['apt-get']
  const sudo = isInstalled('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
  return sudo ? ['sudo', '-n', 'apt-get'] : null
}

function run(command: readonly string[], rest: readonly string[]): boolean {
  const [program = '', ...prefix] = command
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const done = spawnSync(program, [...prefix, '-qq', ...rest], { encoding: 'utf8', env })
  if (done.status !== 0) process.stderr.write(`${done.stdout}${done.stderr}`)
  return done.status === 0
}

/**
 * `programs`: program → the Debian package that has it. `purpose`: what wants them, in the user's words. Answers with the
 * packages that are missing still.
 */
export function ensurePrograms(programs: ReadonlyMap<string, string>, purpose: string): string[] {
  const missing = missingPackages(programs)
  const apt = missing.length === 0 ? null : aptGet()
  if (apt !== null) {
    process.stderr.write(`Installing for ${purpose}: ${missing.join(' ')} …\n`)
    if (run(apt, ['update'])) run(apt, ['install', '--yes', '--no-install-recommends', ...missing])
  }
  const still = missingPackages(programs)
  if (still.length > 0) {
    process.stderr.write(
      `Missing for ${purpose}: ${still.join(' ')}. They could not be installed from here; on Debian: apt-get install ${still.join(' ')}\n`,
    )
  }
  return still
}
