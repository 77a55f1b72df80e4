import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { AS_BUILT, BATON_PROGRAM } from './baton-program.ts'

export interface BatonEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface BatonProcess {
  readonly ended: Promise<BatonEnd>
  /** As a power cut: SIGKILL. */
  kill(): Promise<BatonEnd>
  interrupt(): void
}

/** The real command line on a new data folder, with only the model servers that a test names. */
export interface Baton {
  readonly folder: string
  readonly data_dir: string
  start(args: readonly string[], options?: { env?: Record<string, string>; stdin?: string }): BatonProcess
  run(args: readonly string[], options?: { env?: Record<string, string>; stdin?: string }): Promise<BatonEnd>
  close(): Promise<void>
}

export function createBaton(servers: { anthropic?: string; ollama?: string } = {}): Baton {
  const folder = mkdtempSync(join(tmpdir(), 'baton-job-'))
  const data_dir = join(folder, 'data')
  const children = new Set<ChildProcess>()
  const base: Record<string, string> = {
    ...AS_BUILT,
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    BATON_DATA_DIR: data_dir,
    // Nobody listens at port 1.
    OLLAMA_HOST: servers.ollama ?? '127.0.0.1:1',
    ...(servers.anthropic === undefined ? {} : { ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: servers.anthropic }),
  }

  const start: Baton['start'] = (args, { env = {}, stdin } = {}) => {
    const child = spawn(process.execPath, [BATON_PROGRAM, ...args], { cwd: folder, env: { ...base, ...env } })
    children.add(child)
    child.stdin.end(stdin ?? '')
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const ended = once(child, 'close').then(([code, signal]): BatonEnd => {
      children.delete(child)
      return { code: code as number | null, signal: signal as NodeJS.Signals | null, stdout, stderr }
    })
    return {
      ended,
      kill() {
        child.kill('SIGKILL')
        return ended
      },
      interrupt: () => void child.kill('SIGINT'),
    }
  }
  return {
    folder,
    data_dir,
    start,
    run: (args, options) => start(args, options).ended,
    async close() {
      for (const child of children) {
        const ended = once(child, 'close')
        child.kill('SIGKILL')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const resultLine = z.object({
  type: z.literal('result'),
  status: z.string(),
  project_id: z.string(),
  workspace: z.string(),
  artifacts: z.array(z.string()),
  cost_usd: z.number(),
  tasks: z.record(z.string(), z.number()),
})
export type RunResult = z.infer<typeof resultLine>

/** The last line of `--json` (X1). */
export function resultOf({ stdout, stderr }: BatonEnd): RunResult {
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  try {
    return resultLine.parse(JSON.parse(last))
  } catch (cause) {
    throw new Error(`No result line at the end of:\n${stdout.slice(-2_000)}\n${stderr.slice(-2_000)}`, { cause })
  }
}
