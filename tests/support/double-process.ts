import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Behaviour, DoubleConfig } from '../doubles/behaviour.ts'

const doubles = join(import.meta.dirname, '..', 'doubles')
const readyLine = z.object({ url: z.string() })
const doubleRecord = z.object({
  calls: z.array(
    z.object({
      path: z.string(),
      body: z.unknown(),
      behaviour: z.string().nullable(),
      outcome: z.string(),
      status: z.number(),
      billed_micros: z.number(),
    }),
  ),
  max_concurrent: z.number(),
  billed_micros: z.number(),
})
export type DoubleReport = z.infer<typeof doubleRecord>

/** A double in a process of its own, so that it lives on when Baton is killed. */
export interface DoubleProcess {
  readonly url: string
  /** What it was asked and what it billed so far. */
  report(): Promise<DoubleReport>
  /** Behaviours for the next calls. */
  script(...next: Behaviour[]): Promise<void>
  setDefault(next: Behaviour): Promise<void>
  /** Lets it take calls without answering any, until `thaw`. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

export async function startDoubleProcess(
  name: 'anthropic' | 'ollama' | 'openai' | 'google',
  config: DoubleConfig = {},
): Promise<DoubleProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-double-'))
  const file = join(folder, 'config.json')
  writeFileSync(file, JSON.stringify(config))
  const child: ChildProcess = spawn(process.execPath, [join(doubles, `${name}-double.ts`), '--config', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  if (child.stdout === null) throw new Error('A double was started without its output')
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { url } = readyLine.parse(JSON.parse(line))
  const post = async (path: string, body: unknown): Promise<void> => {
    const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`The double refused ${path}: ${await answer.text()}`)
  }
  return {
    url,
    report: async () => doubleRecord.parse(await (await fetch(`${url}/__record`)).json()),
    script: (...next) => post('/__script', next),
    setDefault: (next) => post('/__default', next),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async close() {
      child.kill('SIGCONT')
      const ended = once(child, 'exit')
      child.stdin?.end()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The calls that asked a model for an answer. */
export function modelCalls(report: DoubleReport): DoubleReport['calls'] {
  return report.calls.filter((call) => call.path === '/v1/messages' || call.path === '/api/chat')
}

/** What the double billed, each call rounded up to whole micro-dollars as Baton books it. */
export function billedMicros(report: DoubleReport): number {
  return report.calls.reduce((sum, call) => sum + Math.ceil(call.billed_micros), 0)
}
