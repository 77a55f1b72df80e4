import { QueryClient } from '@tanstack/react-query'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Connection } from './client.ts'
import { followEvents, useLine } from './events.ts'
import { clearLiveOutputs, useLiveOutputs } from './live-output.ts'

/** A browser's end of an event stream, at which a test says what comes. */
class Line extends EventTarget {
  static readonly opened: Line[] = []
  readonly address: string
  isClosed = false
  constructor(address: string) {
    super()
    this.address = address
    Line.opened.push(this)
  }
  close(): void {
    this.isClosed = true
  }
  say(kind: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) }))
  }
}

const RUN = 'run_1'
const heartbeat = { ts: '2026-11-21T06:00:00.000Z' }
const delta = (text: string) => ({
  ...{ type: 'run.delta', project_id: 'prj_1', task_id: null, run_id: RUN, kind: 'text', text },
})
const event = (id: string) => ({
  ...{ v: 1, id, seq: 1, ts: heartbeat.ts, type: 'executor.paused', project_id: null, task_id: null, run_id: null },
  data: { paused: true },
})

/** A page that follows over HTTP, in a browser whose frames the test may draw. */
function follow(onFrame: (draw: () => void) => void = (draw) => setTimeout(draw)): QueryClient {
  vi.stubGlobal('EventSource', Line)
  vi.stubGlobal('fetch', async () => Response.json({ ticket: 'one' }))
  vi.stubGlobal('document', { visibilityState: 'visible' })
  vi.stubGlobal('requestAnimationFrame', onFrame)
  vi.stubGlobal('cancelAnimationFrame', () => undefined)
  const status = async () => ({ last_event_id: 'e-11' })
  const connection = {
    ...{ kind: 'http', base: 'http://baton', login: { bearer: async () => 'token' } },
    client: { system: { status } },
  } as unknown as Connection
  const left = new AbortController()
  const queries = new QueryClient()
  onTestFinished(() => {
    left.abort()
    clearLiveOutputs()
    Line.opened.length = 0
    vi.useRealTimers()
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  })
  const begun = status() as unknown as Parameters<typeof followEvents>[3]['status']
  void followEvents(connection, queries, left.signal, { status: begun, onKnown: () => undefined })
  return queries
}

test('U5 a burst of events is read in order, a frame at a time, and what comes meanwhile comes after it', async () => {
  let read = 0
  const readInFrame: number[] = []
  const queries = follow((draw) => {
    readInFrame.push(read)
    read = 0
    if (readInFrame.length === 1) Line.opened[0]?.say('delta', delta('late'))
    setTimeout(draw)
  })
  await expect.poll(() => Line.opened.length).toBe(1)
  // A sign of life has the status read again at once, so it tells how far the page has come.
  const again = queries.invalidateQueries.bind(queries)
  vi.spyOn(queries, 'invalidateQueries').mockImplementation((...filters) => {
    read += 1
    return again(...filters)
  })
  // To read a message takes a millisecond, on every machine.
  let now = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => now++)
  const texts = Array.from({ length: 300 }, (_, index) => `${index} `)
  for (const text of texts) {
    Line.opened[0]?.say('delta', delta(text))
    Line.opened[0]?.say('heartbeat', heartbeat)
  }
  const shown = () =>
    useLiveOutputs
      .getState()
      .runs[RUN]?.pieces.map(({ text }) => text)
      .join('')
  await expect.poll(shown).toBe(`${texts.join('')}late`)
  expect(readInFrame.length).toBeGreaterThan(30)
  expect(Math.max(...readInFrame)).toBeLessThanOrEqual(8)
})

test('U1 a line on which nothing is heard for 40 s is given up, and opened anew after the last event', async () => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
  })
  vi.spyOn(console, 'warn').mockReturnValue()
  follow()
  await vi.advanceTimersByTimeAsync(0)
  const [line] = Line.opened
  line?.dispatchEvent(new Event('open'))
  line?.say('event', event('e-12'))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(useLine.getState().state).toBe('live')
  expect(line?.address).toContain('after=e-11')
  for (let beats = 0; beats < 8; beats += 1) {
    await vi.advanceTimersByTimeAsync(39_000)
    line?.say('heartbeat', heartbeat)
  }
  expect([line?.isClosed, Line.opened.length]).toEqual([false, 1])
  await vi.advanceTimersByTimeAsync(39_000)
  expect(line?.isClosed).toBe(false)
  await vi.advanceTimersByTimeAsync(7_000)
  expect(line?.isClosed).toBe(true)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(Line.opened.map(({ address }) => new URL(address).searchParams.get('after'))).toEqual(['e-11', 'e-12'])
})

test('U1 a line that breaks again and again says so, and is tried ever more seldom', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] })
  vi.spyOn(console, 'warn').mockReturnValue()
  follow()
  await vi.advanceTimersByTimeAsync(0)
  for (const [opened, wait] of [500, 1_000, 2_000, 5_000, 5_000].entries()) {
    expect(Line.opened).toHaveLength(opened + 1)
    Line.opened.at(-1)?.dispatchEvent(new Event('error'))
    await vi.advanceTimersByTimeAsync(wait - 1)
    expect(Line.opened).toHaveLength(opened + 1)
    await vi.advanceTimersByTimeAsync(1)
  }
  expect(useLine.getState().state).toBe('lost')
})
