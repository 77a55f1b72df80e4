/**
 * Builds `out/`: `node scripts/build.ts [--if-stale]`. One build at a time: a second one waits for the first, so that
 * commands started side by side in a fresh checkout do not build over each other. Speaks on stderr only.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

type BuildState = { isStale(root: string): boolean; stampFile(root: string): string }

const root = dirname(import.meta.dirname)
const state = createRequire(import.meta.url)('../bin/build-state.cjs') as BuildState
const lockFile = join(root, 'node_modules', '.cache', 'baton-build.lock')
const parts = ['main', 'preload', 'page']

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (fault) {
    // Not ours to signal, yet there.
    return (fault as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The pid that holds the lock; null where the lock is gone or not yet written. */
function holder(): number | null {
  try {
    return Number(readFileSync(lockFile, 'utf8')) || null
  } catch {
    return null
  }
}

function tryLock(): boolean {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
    return true
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault
    return false
  }
}

async function lock(): Promise<void> {
  mkdirSync(dirname(lockFile), { recursive: true })
  let told = false
  while (!tryLock()) {
    const pid = holder()
    if (pid !== null && !isAlive(pid)) {
      rmSync(lockFile, { force: true })
      continue
    }
    if (!told) process.stderr.write('Waiting for another build of this checkout to finish …\n')
    told = true
    await sleep(100)
  }
}

function showProgress(done: number): void {
  const bar = '█'.repeat(done * 8).padEnd(parts.length * 8, '░')
  const line = `Building Baton ${bar} ${done}/${parts.length} ${parts[done] ?? 'done'}`
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[2K${line}${done === parts.length ? '\n' : ''}` : `${line}\n`)
}

/** Runs electron-vite; resolves to its exit code. Its output is shown only where it failed. */
function runElectronVite(): Promise<number> {
  const command = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  const child = spawn(process.execPath, [command, 'build'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let done = 0
  const read = (chunk: string) => {
    output += chunk
    const seen = Math.min(output.split('built in').length - 1, parts.length)
    while (done < seen) showProgress(++done)
  }
  child.stdout.setEncoding('utf8').on('data', read)
  child.stderr.setEncoding('utf8').on('data', read)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code !== 0) process.stderr.write(`\n${output}\n`)
      resolve(code ?? 1)
    })
  })
}

async function build(): Promise<number> {
  const started = new Date()
  rmSync(state.stampFile(root), { force: true })
  showProgress(0)
  const code = await runElectronVite()
  if (code !== 0) return code
  writeFileSync(state.stampFile(root), '')
  // The time of the reading, not of the writing: what was edited meanwhile is stale.
  utimesSync(state.stampFile(root), started, started)
  return 0
}

await lock()
try {
  const needed = !process.argv.includes('--if-stale') || state.isStale(root)
  process.exitCode = needed ? await build() : 0
} finally {
  rmSync(lockFile, { force: true })
}
