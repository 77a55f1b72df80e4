import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createParser } from 'eventsource-parser'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { wireError } from '../../src-contract/error.ts'
import { type RunEvent, runDetail, runEvent } from '../../src-contract/run.ts'
import { modelCalls, startDoubleProcess } from '../support/double-process.ts'
import { createCliBench } from './cli-process.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const readyLine = z.object({ url: z.string(), token_file: z.string() })
const accepted = z.object({ run_id: z.string(), status: z.literal('accepted') })
const PARIS = { prompt: 'Plan a trip to Paris', max_days: 5, budget_usd_cents: 250 }

interface Piece {
  readonly events: RunEvent[]
  /** The status that `done` told; null where it did not come. */
  readonly done: string | null
}

/** A Baton that serves, and curl to speak to it. */
async function served(env: Record<string, string> = {}) {
  const bench = createCliBench()
  cleanups.push(bench.close)
  const serving = bench.start(['serve', '--port', '0'], env)
  const [line] = (await once(serving.lines, 'line')) as [string]
  const { url, token_file } = readyLine.parse(JSON.parse(line))
  const login = ['-H', `Authorization: Bearer ${readFileSync(token_file, 'utf8').trim()}`]

  function start(args: readonly string[]): ChildProcess {
    const child = spawn('curl', ['-sS', ...login, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    cleanups.push(() => void child.kill('SIGKILL'))
    return child
  }
  /** The answer's body and its status. */
  async function call(path: string, ...args: string[]): Promise<{ status: number; body: unknown }> {
    const child = start(['-w', '\n%{http_code}', ...args, `${url}${path}`])
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    await once(child, 'close')
    const end = text.lastIndexOf('\n')
    return { status: Number(text.slice(end + 1)), body: JSON.parse(text.slice(0, end)) }
  }
  /** Follows a run with `curl -N`, which is killed after `most` events. */
  async function follow(path: string, most: number, ...args: string[]): Promise<Piece> {
    const child = start(['-N', ...args, `${url}${path}`])
    const events: RunEvent[] = []
    let done: string | null = null
    const parser = createParser({
      onEvent({ event, id, data }) {
        if (event === 'done') done = z.object({ status: z.string() }).parse(JSON.parse(data)).status
        // What came in the same piece after the last one wanted has not been seen.
        if (event !== 'run_event' || events.length >= most) return
        const told = runEvent.parse(JSON.parse(data))
        expect(id).toBe(told.id)
        events.push(told)
        if (events.length === most) child.kill('SIGKILL')
      },
    })
    child.stdout?.setEncoding('utf8').on('data', (part: string) => parser.feed(part))
    await once(child, 'close')
    return { events, done: events.length >= most ? null : done }
  }
  const post = (path: string, body: unknown) =>
    call(path, '-X', 'POST', '-H', 'content-type: application/json', '-d', JSON.stringify(body))
  return { call, post, follow }
}

type Served = Awaited<ReturnType<typeof served>>

/** A stream that is broken off and taken up, by turns with a timestamp and an id; all of it, and how the run ended. */
async function inPieces({ follow }: Served, id: string): Promise<Piece> {
  const path = `/runs/${id}/events/stream`
  const first = await follow(path, 3)
  const byTime = await follow(`${path}?last_ts=${first.events.at(-1)?.timestamp}`, 4)
  const byId = await follow(path, 2, '-H', `Last-Event-ID: ${byTime.events.at(-1)?.id}`)
  const rest = await follow(`/api${path}?after=${byId.events.at(-1)?.id}`, Number.POSITIVE_INFINITY)
  return { events: [first, byTime, byId, rest].flatMap(({ events }) => events), done: rest.done }
}

/** Two readers of one run: one that is broken off three times, and one that comes when all is over. */
async function expectPiecesOfOneWhole(at: Served, id: string): Promise<void> {
  const pieces = await inPieces(at, id)
  const run = runDetail.parse((await at.call(`/runs/${id}`)).body)
  expect(pieces.done, run.reason).toBe('succeeded')
  const stored = z.array(runEvent).parse((await at.call(`/runs/${id}/events`)).body)
  expect(pieces.events).toEqual(stored)
  const late = await at.follow(`/runs/${id}/events/stream`, Number.POSITIVE_INFINITY)
  expect(late).toEqual(pieces)
  expect(stored.map(({ sequence }) => sequence)).toEqual(stored.map((_, index) => index))
  const times = stored.map(({ timestamp }) => timestamp)
  expect(times).toEqual([...new Set(times)].toSorted())
  expect(run).toMatchObject({ status: 'succeeded', prompt: PARIS.prompt, constraints: { max_days: 5 } })
  expect(run.artifacts).toHaveLength(1)
}

test('G6 with the Ollama double: curl -N that is killed and resumed by last_ts and Last-Event-ID gets exactly the whole', async () => {
  const ollama = await startDoubleProcess('ollama', { default: { kind: 'answer', start_delay_ms: 100, delay_ms: 20 } })
  cleanups.push(ollama.close)
  const at = await served({ OLLAMA_HOST: ollama.url })
  const { status, body } = await at.post('/runs', PARIS)
  expect(status).toBe(202)
  const { run_id } = accepted.parse(body)
  await expectPiecesOfOneWhole(at, run_id)
  expect(modelCalls(await ollama.report()).length).toBeGreaterThanOrEqual(5)
})

test('G6 with the Anthropic double: the same, within the budget', async () => {
  const anthropic = await startDoubleProcess('anthropic', { default: { kind: 'answer', start_delay_ms: 100 } })
  cleanups.push(anthropic.close)
  const at = await served({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: anthropic.url })
  const { run_id } = accepted.parse((await at.post('/api/runs', PARIS)).body)
  await expectPiecesOfOneWhole(at, run_id)
  const run = runDetail.parse((await at.call(`/runs/${run_id}`)).body)
  expect(run.cost_micros).toBeGreaterThan(0)
  expect(run.cost_micros).toBeLessThanOrEqual(2_500_000)
})

test('G6 on the demo model: the same; and a run that nobody knows is 404, a moment that is none 400', async () => {
  const at = await served()
  const { run_id } = accepted.parse((await at.post('/runs', { ...PARIS, profile: 'demo' })).body)
  await expectPiecesOfOneWhole(at, run_id)
  const listed = z.object({ items: z.array(runDetail) }).parse((await at.call('/runs')).body).items
  expect(listed.map(({ id }) => id)).toEqual([run_id])

  const refused = async (path: string, ...args: string[]): Promise<[number, string]> => {
    const { status, body } = await at.call(path, ...args)
    return [status, wireError.parse(body).error.code]
  }
  expect(await refused('/runs/run_zz/events/stream')).toEqual([404, 'NOT_FOUND'])
  expect(await refused('/runs/run_zz')).toEqual([404, 'NOT_FOUND'])
  expect(await refused('/runs/run_zz/events')).toEqual([404, 'NOT_FOUND'])
  expect(await refused(`/runs/${run_id}/events/stream?last_ts=yesterday`)).toEqual([400, 'BAD_REQUEST'])
  expect(await refused(`/runs/${run_id}/events?last_ts=12`)).toEqual([400, 'BAD_REQUEST'])
  expect(await refused(`/runs/${run_id}/cancel`, '-X', 'POST')).toEqual([409, 'CONFLICT'])
  const post = ['-X', 'POST', '-H', 'content-type: application/json', '-d']
  expect(await refused('/runs', ...post, '{"max_days":5}')).toEqual([400, 'BAD_REQUEST'])
  expect(await refused('/runs', ...post, '{"prompt":"x","__proto__":{"a":1}}')).toEqual([400, 'BAD_REQUEST'])
  expect(await refused('/runs', ...post, `{"prompt":"x","a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).toEqual([
    400,
    'BAD_REQUEST',
  ])
  // Only runs live at the root.
  expect(await refused('/projects')).toEqual([404, 'NOT_FOUND'])
})
