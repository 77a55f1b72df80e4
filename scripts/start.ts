/**
 * `npm start`: opens the desktop. Where there is no display or Electron cannot be had, says so in one line and serves
 * the same UI on loopback instead.
 */
import { spawn, spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { err, ok, type Result } from '../src-contract/result.ts'
import { electronBinary, fetchElectron, hasDisplay } from './electron-binary.ts'

const root = dirname(import.meta.dirname)
const servedLine = z.object({ url: z.string(), token_file: z.string() })
const launchArguments = process.argv.slice(2)

/** Serves the UI until it ends or is interrupted; resolves to the exit code. */
function serve(): Promise<number> {
  // The link with its login is for a person's eyes: a terminal's, or the browser's that opens it.
  const isSeen = process.stderr.isTTY
  const flags = isSeen && hasDisplay() ? ['--open'] : []
  const child = spawn(process.execPath, [join(root, 'bin', 'baton.cjs'), 'serve', ...flags, ...launchArguments], {
    stdio: ['inherit', 'pipe', 'inherit'],
  })
  createInterface({ input: child.stdout }).once('line', (line) => {
    const served = servedLine.parse(JSON.parse(line))
    process.stdout.write(`${line}\n`)
    if (isSeen) return
    process.stderr.write(`Baton is at ${served.url} (its access token is in ${served.token_file}). Ctrl+C ends it.\n`)
  })
  return endOf(child)
}

/** Hands this process's signals to the child, which ends in its own way. */
function endOf(child: ReturnType<typeof spawn>): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A Ctrl+C in a terminal reaches the child by itself; asking it twice would cut its shutdown short.
      if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)))
  })
}

function openDesktop(binary: string): Promise<number> {
  // Chromium's sandbox refuses to run as root.
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const { ELECTRON_RUN_AS_NODE: _asNode, ...env } = process.env
  return endOf(spawn(binary, [...flags, root, ...launchArguments], { stdio: 'inherit', env }))
}

/** Electron's executable, or the reason why there can be no window. */
async function findElectron(): Promise<Result<string, string>> {
  if (!hasDisplay()) return err('This session has no display')
  const present = electronBinary()
  if (present !== null) return ok(present)
  const fetched = await fetchElectron()
  return fetched.ok ? fetched : err(`Electron could not be fetched (${fetched.error})`)
}

async function main(): Promise<number> {
  const electron = await findElectron()
  if (!electron.ok) {
    process.stderr.write(`${electron.error}, so Baton serves its window to a browser on this machine instead.\n`)
    return serve()
  }
  const build = spawnSync(process.execPath, [join(root, 'scripts', 'build.ts'), '--if-stale'], {
    stdio: ['ignore', 2, 2],
  })
  if (build.status !== 0) return 1
  return openDesktop(electron.value)
}

process.exitCode = await main()
