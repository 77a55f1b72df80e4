import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

export const root = dirname(import.meta.dirname)

/** A finished process: its output, and what it took. */
export interface Measured {
  readonly stdout: string
  /** From its start to the moment that `until` resolved, or to its end. */
  readonly ms: number
  /** The most memory that it held at once. */
  readonly rss_bytes: number
}

/**
 * `until` is called with the first line that the process prints; the process is interrupted once it resolves, and once what
 * comes `afterwards`, which is not measured any more.
 */
export interface MeasureOptions {
  until?(firstLine: string): Promise<void>
  afterwards?(pid: number): Promise<void>
}

/**
 * Runs `node <args>` on a new temporary folder, where nothing is configured and nobody is reached. Throws where it does not
 * end well. Its memory is told by itself (`peak-memory.mjs`).
 */
export async function measureProcess(args: readonly string[], options: MeasureOptions = {}): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  try {
    const memoryFile = join(folder, 'peak-memory')
    const began = performance.now()
    const child = spawn(process.execPath, ['--import', join(import.meta.dirname, 'peak-memory.mjs'), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        TMPDIR: folder,
        BATON_DATA_DIR: join(folder, 'data'),
        BATON_SKIP_BUILD: '1',
        PEAK_MEMORY_FILE: memoryFile,
        // Nobody listens there.
        OLLAMA_HOST: '127.0.0.1:1',
      },
    })
    const output = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text
    })
    const closed = once(child, 'close')
    let ms: number | null = null
    if (options.until !== undefined) {
      const { until } = options
      const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), closed])
      if (typeof line === 'string') {
        await until(line)
        ms = performance.now() - began
        await options.afterwards?.(child.pid ?? 0)
      }
      child.kill('SIGINT')
    }
    const [code] = await closed
    ms ??= performance.now() - began
    if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}:\n${output.stderr}`)
    return { stdout: output.stdout, ms, rss_bytes: Number(readFileSync(memoryFile, 'utf8')) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
