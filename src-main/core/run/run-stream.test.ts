import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { encodeId } from '#contract/ids.ts'
import type { RunEvent, RunStreamItem } from '#contract/run.ts'
import type { RunPlace } from '../core.ts'
import { createBlobStore } from '../store/blob-store.ts'
import { run as runTable } from '../store/schema.ts'
import { storeBench } from '../store/store-bench.ts'
import { createTaskChanges } from '../task/task-changes.ts'
import { createJournal } from './journal.ts'
import { openPhaseTrail } from './phase-trail.ts'
import { createRunChanges } from './run-changes.ts'
import { createRunView } from './run-view.ts'

function streamBench() {
  const bench = storeBench()
  const { store, events } = bench
  const project = bench.project()
  const [task = 0] = bench.tasks(project, [[]])
  const journal = createJournal(store, events, createBlobStore(bench.dataDir))
  const view = createRunView(
    store,
    events,
    journal,
    () => false,
    () => [],
  )
  const changes = createRunChanges(store, events, journal, createTaskChanges(store, events))
  const newRun = () => {
    const key = bench.run(project, task)
    const row = store.orm.select().from(runTable).all().at(-1)
    if (row?.id !== key) throw new Error('gone')
    const trail = openPhaseTrail(store, events, row)
    return {
      id: encodeId('run', key),
      /** Passes this many boundaries; every third together with the next. */
      async pass(count: number): Promise<void> {
        const passing: Promise<void>[] = []
        for (let index = 0; index < count; index += 1) {
          passing.push(trail.mark('tool_exec', 'started', `${index}`))
          if (index % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
        }
        await Promise.all(passing)
      },
      end: () => store.write((tx) => changes.move(tx, key, 'succeeded', '')),
    }
  }
  const all = (id: string): RunEvent[] => {
    const found = view.events(id)
    if (!found.ok) throw new Error(found.error.message)
    return found.value
  }
  const open = (
    id: string,
    place: RunPlace = {},
    { heartbeat = 60_000, signal }: { heartbeat?: number; signal?: AbortSignal } = {},
  ): AsyncIterable<RunStreamItem> => {
    const controller = new AbortController()
    onTestFinished(() => controller.abort())
    const found = view.stream(id, place, signal ?? controller.signal, heartbeat)
    if (!found.ok) throw new Error(found.error.message)
    return found.value
  }
  return { ...bench, view, newRun, all, open }
}

/** Everything that a stream gives until it ends; lets go of it after `most` events. */
async function read(
  stream: AsyncIterable<RunStreamItem>,
  most = Number.POSITIVE_INFINITY,
): Promise<{ events: RunEvent[]; status: string | null }> {
  const events: RunEvent[] = []
  for await (const item of stream) {
    if (item.kind === 'done') return { events, status: item.status }
    if (item.kind === 'run_event') events.push(item.event)
    if (events.length >= most) break
  }
  return { events, status: null }
}

test('G6 readers that come, break off and go on at any moment have together every event once, and then the end', async () => {
  const bench = streamBench()
  await fc.assert(
    fc.asyncProperty(
      fc.nat(40),
      fc.nat(60),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom('after', 'last_ts', 'both')), {
        maxLength: 6,
      }),
      async (before, during, cuts) => {
        const other = bench.newRun()
        const run = bench.newRun()
        await run.pass(before)
        const working = Promise.all([other.pass(during), run.pass(during)]).then(run.end)
        const had: RunEvent[] = []
        let place: RunPlace = {}
        for (const [most, by] of [...cuts, [Number.POSITIVE_INFINITY, 'after']] as const) {
          const part = await read(bench.open(run.id, place), most)
          had.push(...part.events)
          const last = had.at(-1)
          if (last === undefined) continue
          // The first of the two wins, so the other may say anything.
          place =
            by === 'last_ts'
              ? { last_ts: last.timestamp }
              : { after: last.id, ...(by === 'both' ? { last_ts: '2000-01-01T00:00:00Z' } : {}) }
          if (part.status !== null) break
        }
        await working
        expect(had).toEqual(bench.all(run.id))
        expect(had.map((event) => event.sequence)).toEqual(Array.from({ length: before + during }, (_, at) => at))
        const end = await read(bench.open(run.id, place))
        expect(end).toEqual({ events: [], status: 'succeeded' })
      },
    ),
    { numRuns: 25 },
  )
})

test('G6 every timestamp of a run leads to what comes behind it, in whatever way it is written', async () => {
  const bench = streamBench()
  const run = bench.newRun()
  await run.pass(9)
  await run.end()
  const events = bench.all(run.id)
  const stamps = events.map(({ timestamp }) => timestamp)
  expect(stamps).toEqual([...new Set(stamps)].toSorted())
  for (const [index, { timestamp }] of events.entries()) {
    const rest = events.slice(index + 1)
    const whole = timestamp.slice(0, 19)
    const hourLater = new Date(Date.parse(`${whole}Z`) + 3_600_000).toISOString().slice(0, 19)
    const fraction = timestamp.slice(19, -1)
    for (const last_ts of [timestamp, `${whole}${fraction}999Z`, `${hourLater}${fraction}+01:00`]) {
      expect((await read(bench.open(run.id, { last_ts }))).events).toEqual(rest)
    }
  }
  const foreign = await read(bench.open(run.id, { after: '00000000-7' }))
  expect(foreign.events).toEqual(events)
})

test('G6 a reader that takes nothing for long keeps nothing in memory and then gets all', async () => {
  const bench = streamBench()
  const run = bench.newRun()
  await run.pass(1)
  const stream = bench.open(run.id)[Symbol.asyncIterator]()
  await stream.next()
  await run.pass(600)
  await run.end()
  const rest = await read({ [Symbol.asyncIterator]: () => stream })
  expect(rest.events).toHaveLength(600)
  expect(rest.status).toBe('succeeded')
})

test('G6 signs of life come while nothing happens, and an abort ends the stream without an end of the run', async () => {
  const bench = streamBench()
  const run = bench.newRun()
  const controller = new AbortController()
  const kinds: string[] = []
  for await (const item of bench.open(run.id, {}, { heartbeat: 5, signal: controller.signal })) {
    kinds.push(item.kind)
    if (kinds.length === 3) controller.abort()
  }
  expect(kinds).toEqual(['heartbeat', 'heartbeat', 'heartbeat'])
})
