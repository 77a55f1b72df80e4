import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { StreamItem } from '#contract/stream-item.ts'
import { type StoreBench, storeBench } from '../store/store-bench.ts'
import { streamEvents } from './event-stream.ts'
import type { StreamFilter } from './stream-filter.ts'

type Stream = AsyncGenerator<StreamItem, void, undefined>

function open({ events }: StoreBench, filter: StreamFilter, signal?: AbortSignal): Stream {
  if (signal !== undefined) return streamEvents(events, filter, signal, () => null)
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  return streamEvents(events, filter, controller.signal, () => null)
}

/** Appends `count` events in one commit; their names tell which they are. */
function append({ store, events }: StoreBench, count: number, project_id: number | null = null): Promise<void> {
  return store.write((tx) => {
    for (let index = 0; index < count; index++) {
      events.append(tx, 'project.created', { project_id }, { name: 'Owls' })
    }
  })
}

/** Reads events until one has this sequence number. */
async function readTo(stream: Stream, seq: number): Promise<number[]> {
  const seen: number[] = []
  while (seen.at(-1) !== seq) {
    const next = await stream.next()
    if (next.done) return seen
    if (next.value.kind === 'event') seen.push(next.value.event.seq)
  }
  return seen
}

const upTo = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i)

test('G6 a subscriber that starts at any moment between appends gets every event once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
      fc.nat(),
      async (before, during, from) => {
        const bench = storeBench()
        for (const count of before) await append(bench, count)
        const after = from % (bench.events.lastSeq() + 1)
        const stream = open(bench, { after: bench.events.id(after) })
        const written: Promise<void>[] = []
        const writer = (async () => {
          for (const [index, count] of during.entries()) {
            written.push(append(bench, count))
            // Some in one commit, some in commits of their own, while the reader reads.
            if (index % 2 === 0) await new Promise((resolve) => setImmediate(resolve))
          }
          await Promise.all(written)
        })()
        const total = [...before, ...during].reduce((sum, count) => sum + count, 0)
        expect(await readTo(stream, total)).toEqual(upTo(after + 1, total))
        await writer
      },
    ),
    { numRuns: 15 },
  )
})

test('G6 without an id the stream begins with now', async () => {
  const bench = storeBench()
  await append(bench, 3)
  const stream = open(bench, {})
  const reading = readTo(stream, 5)
  await append(bench, 2)
  expect(await reading).toEqual([4, 5])
})

test.each(['00000000-2', 'nonsense', '', 'ahead'])(
  'G6 with the id %j of no event here it begins at the start',
  async (id) => {
    const bench = storeBench()
    await append(bench, 3)
    const stream = open(bench, { after: id === 'ahead' ? bench.events.id(99) : id })
    expect(await readTo(stream, 3)).toEqual([1, 2, 3])
  },
)

test('G6 a reader that was cut off goes on behind the last id it has', async () => {
  const bench = storeBench()
  await append(bench, 5)
  const first = open(bench, { after: bench.events.id(0) })
  const seen = await readTo(first, 2)
  await first.return(undefined)
  await append(bench, 2)
  expect([...seen, ...(await readTo(open(bench, { after: bench.events.id(2) }), 7))]).toEqual(upTo(1, 7))
})

test('A4 a reader that is too slow is ended, with bounded memory and no gap, and resumes by id', async () => {
  const bench = storeBench()
  await append(bench, 1)
  const stream = open(bench, { after: bench.events.id(0) })
  expect(await readTo(stream, 1)).toEqual([1])
  // It waits inside the stream now; everything from here on piles up while it does not read.
  const next = stream.next()
  for (let index = 0; index < 6; index++) await append(bench, 2_000)
  const seen: number[] = []
  for (let item = await next; !item.done; item = await stream.next()) {
    if (item.value.kind === 'event') seen.push(item.value.event.seq)
    // Events that come after the first dropped one must not slip in where there is room again.
    if (seen.length === 1 || seen.length === 5_000) await append(bench, 1)
  }
  expect(seen.length).toBeLessThanOrEqual(10_001)
  expect(seen).toEqual(upTo(2, 1 + seen.length))
  const last = seen.at(-1) ?? 0
  const resumed = open(bench, { after: bench.events.id(last) })
  expect(await readTo(resumed, 12_003)).toEqual(upTo(last + 1, 12_003))
})

test('O5 filters by project and by type, in what is stored and in what comes', async () => {
  const bench = storeBench()
  const { store, events } = bench
  const both = async (): Promise<void> => {
    for (const project_id of [1, 2]) {
      await store.write((tx) => {
        events.append(tx, 'project.created', { project_id }, { name: 'Owls' })
        events.append(tx, 'project.changed', { project_id }, { fields: [] })
      })
    }
  }
  await both()
  const after = events.id(0)
  const read = async (filter: StreamFilter, last: number): Promise<number[]> => readTo(open(bench, filter), last)
  const reading = [
    read({ after, project_id: 'prj_2' }, 8),
    read({ after, type: 'project.changed' }, 8),
    read({ after, project_id: 'prj_1', type: 'project.created' }, 5),
  ]
  await both()
  expect(await Promise.all(reading)).toEqual([
    [3, 4, 7, 8],
    [2, 4, 6, 8],
    [1, 5],
  ])
})

test('O5 deltas reach who listens to their project, and nobody who asked for a type', async () => {
  const bench = storeBench()
  const { events } = bench
  const filters: StreamFilter[] = [{}, { project_id: 'prj_1' }, { project_id: 'prj_2' }, { type: 'project.created' }]
  const streams = filters.map((filter) => open(bench, filter))
  const firsts = streams.map((stream) => stream.next())
  const delta = {
    type: 'run.delta',
    project_id: 'prj_1',
    task_id: null,
    run_id: 'run_1',
    kind: 'text',
    text: 'hu',
  } as const
  events.announce(delta)
  await append(bench, 1, 1)
  await append(bench, 1, 2)
  const kinds = (await Promise.all(firsts)).map((item) => (item.done ? 'end' : item.value.kind))
  expect(kinds).toEqual(['delta', 'delta', 'event', 'event'])
})

test('E8 an abort ends a stream that waits, one that reads, and one that begins', async () => {
  const bench = storeBench()
  await append(bench, 3)
  const controller = new AbortController()
  const waiting = open(bench, {}, controller.signal)
  const reading = open(bench, { after: bench.events.id(0) }, controller.signal)
  const pending = waiting.next()
  expect((await reading.next()).done).toBe(false)
  controller.abort()
  expect((await pending).done).toBe(true)
  expect((await reading.next()).done).toBe(true)
  expect((await open(bench, { after: bench.events.id(0) }, controller.signal).next()).done).toBe(true)
})

test("A4 reading a log in which nothing is the reader's lets others have their turn", async () => {
  const bench = storeBench()
  await append(bench, 1_600)
  let reads = 0
  const page: typeof bench.events.page = (query) => {
    reads += 1
    return bench.events.page(query)
  }
  const end = new AbortController()
  const filter = { after: bench.events.id(0), owner: 'usr_1' }
  const next = streamEvents({ ...bench.events, page }, filter, end.signal, () => 'local').next()
  expect(reads).toBe(1)
  await expect.poll(() => reads).toBe(4)
  end.abort()
  expect((await next).done).toBe(true)
})
