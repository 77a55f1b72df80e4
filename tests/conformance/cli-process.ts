import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { z } from 'zod'
import { planActual, planEstimate } from '../../src-contract/plan.ts'
import { AS_BUILT, BATON_PROGRAM } from '../support/baton-program.ts'

/** The last line of `--json` (X1). */
export const resultLine = z.object({
  type: z.literal('result'),
  status: z.string(),
  project_id: z.string(),
  workspace: z.string(),
  artifacts: z.array(z.string()),
  cost_usd: z.number(),
  tasks: z.record(z.string(), z.number()),
  estimate: planEstimate.nullable(),
  actual: planActual.nullable(),
})

export interface CliEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliProcess {
  readonly child: ChildProcess
  readonly lines: Interface
  /** What it has said on stdout and stderr so far. */
  output(): string
  readonly ended: Promise<CliEnd>
}

/** The command line on a data folder of its own, in an environment where nothing is configured. */
export interface CliBench {
  readonly folder: string
  readonly data_dir: string
  start(args: readonly string[], env?: Record<string, string>): CliProcess
  run(args: readonly string[], env?: Record<string, string>): Promise<CliEnd>
  close(): Promise<void>
}

export function createCliBench(): CliBench {
  const folder = mkdtempSync(join(tmpdir(), 'baton-cli-'))
  const data_dir = join(folder, 'data')
  const children = new Set<ChildProcess>()

  function start(args: readonly string[], env: Record<string, string> = {}): CliProcess {
    const child = spawn(process.execPath, [BATON_PROGRAM, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...AS_BUILT,
        PATH: process.env['PATH'],
        HOME: folder,
        BATON_DATA_DIR: data_dir,
        // Nobody listens there.
        OLLAMA_HOST: '127.0.0.1:2',
        ...env,
      },
    })
    children.add(child)
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const ended = once(child, 'close').then(([code]) => {
      children.delete(child)
      return { code: code as number | null, stdout, stderr }
    })
    return { child, lines: createInterface({ input: child.stdout }), output: () => stdout + stderr, ended }
  }

  return {
    folder,
    data_dir,
    start,
    run: (args, env) => start(args, env).ended,
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

/** The lines of `--json`: each an object, the last one the result. */
export function jsonLines(stdout: string): { events: Record<string, unknown>[]; result: z.infer<typeof resultLine> } {
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const result = resultLine.parse(lines.pop())
  return { events: lines, result }
}
