import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import type { StreamItem } from '#contract/stream-item.ts'
import { type StoreBench, storeBench } from '../store/store-bench.ts'
import { createEventFeed, type EventFeed } from './event-feed.ts'
import type { StreamFilter } from './stream-filter.ts'

afterEach(() => void vi.useRealTimers())

/** Stops the clock of what rests between two passes; it goes on as a test says. */
const stopClock = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })

function feedBench(): StoreBench & { feed: EventFeed } {
  const bench = storeBench()
  const feed = createEventFeed({ log: bench.events, ownerOf: () => null, report: bench.store.report })
  onTestFinished(() => feed.close())
  return { ...bench, feed }
}

/** Appends events in one commit. */
function append({ store, events }: StoreBench, count: number, project_id: number | null = null): Promise<void> {
  return store.write((tx) => {
    for (let index = 0; index < count; index++) {
      events.append(tx, 'project.created', { project_id }, { name: 'Owls' })
    }
  })
}

/** Follows; what was taken at once stands together. `takes_ms`: how long that took. */
function reader(feed: EventFeed, filter: StreamFilter, takes_ms = 0) {
  const taken: (readonly StreamItem[])[] = []
  const take = (items: readonly StreamItem[]): void => {
    taken.push(items)
    if (takes_ms > 0) vi.advanceTimersByTime(takes_ms)
  }
  let ends = 0
  const end = (): void => {
    ends++
  }
  const stop = feed.follow(filter, { take, room: () => null, end })
  const numbers = () => taken.map((items) => items.flatMap((item) => (item.kind === 'event' ? [item.event.seq] : [])))
  return { taken, numbers, stop, ended: () => ends }
}

test('A4 what a commit tells goes to all readers at once, as one object to those who want the same', async () => {
  const bench = feedBench()
  const other = bench.project()
  const project = bench.project()
  const [one, two] = [reader(bench.feed, {}), reader(bench.feed, {})]
  const narrow = reader(bench.feed, { project_id: `prj_${project}` })
  await append(bench, 3, other)
  await append(bench, 2, project)
  expect(one.numbers()).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
  expect(two.taken[0]).toBe(one.taken[0])
  expect(narrow.numbers()).toEqual([[4, 5]])
})

test('A4 readers that take long are told more at once, as long afterwards as they took, and no later', async () => {
  const bench = feedBench()
  stopClock()
  const { numbers } = reader(bench.feed, {}, 20)
  await append(bench, 1)
  await append(bench, 1)
  await append(bench, 2)
  vi.advanceTimersByTime(19)
  expect(numbers()).toEqual([[1]])
  vi.advanceTimersByTime(1)
  expect(numbers()).toEqual([[1], [2, 3, 4]])
})

test('A4 nobody waits longer than 100 ms for what has happened, however long a pass took', async () => {
  const bench = feedBench()
  stopClock()
  const { numbers } = reader(bench.feed, {}, 5_000)
  await append(bench, 1)
  await append(bench, 1)
  vi.advanceTimersByTime(100)
  expect(numbers()).toEqual([[1], [2]])
})

test('A4 what still waits when core closes is told first', async () => {
  const bench = feedBench()
  stopClock()
  const { numbers } = reader(bench.feed, {}, 20)
  await append(bench, 1)
  await append(bench, 1)
  bench.feed.close()
  expect(numbers()).toEqual([[1], [2]])
})

test('D4 readers are ended, to come back by the last id, where it cannot be read whose an event is', async () => {
  const bench = storeBench()
  const unreadable = new Error('disk I/O error')
  const reported: unknown[] = []
  const feed = createEventFeed({
    log: bench.events,
    ownerOf: () => {
      throw unreadable
    },
    report: (cause) => void reported.push(cause),
  })
  onTestFinished(() => feed.close())
  const [everything, own] = [reader(feed, {}), reader(feed, { owner: 'usr_1' })]
  await append(bench, 2, bench.project())
  await append(bench, 1, bench.project())
  expect(reported).toEqual([unreadable])
  expect([everything.ended(), own.ended()]).toEqual([1, 1])
  expect(everything.numbers()).toEqual([[1, 2]])
  expect(own.numbers()).toEqual([])
})

test('G6 readers that begin at any moment, also while something waits to be told, get every event once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.record({ append: fc.integer({ min: 1, max: 130 }) }),
          fc.record({ pass_ms: fc.integer({ min: 0, max: 120 }) }),
          fc.record({ begin: fc.nat() }),
        ),
        { minLength: 4, maxLength: 25 },
      ),
      async (steps) => {
        const bench = storeBench()
        const feed = createEventFeed({ log: bench.events, ownerOf: () => null, report: bench.store.report })
        stopClock()
        // One is slow, so that there are rests in which something waits.
        const readers = [{ after: 0, ...reader(feed, {}, 7) }]
        for (const step of steps) {
          if ('append' in step) await append(bench, step.append)
          else if ('pass_ms' in step) vi.advanceTimersByTime(step.pass_ms)
          else {
            const after = step.begin % (bench.events.lastSeq() + 1)
            readers.push({ after, ...reader(feed, { after: bench.events.id(after) }) })
          }
        }
        const last = bench.events.lastSeq()
        // A reader of a long past takes it page by page, a turn of the loop each.
        for (let turn = 0; turn < 50; turn++) {
          await nextTurn()
          vi.advanceTimersByTime(100)
        }
        feed.close()
        for (const { after, numbers } of readers) {
          expect(numbers().flat()).toEqual(Array.from({ length: last - after }, (_, index) => after + 1 + index))
        }
      },
    ),
    { numRuns: 30 },
  )
})
