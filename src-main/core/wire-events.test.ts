import { expect, test } from 'vitest'
import type { StreamItem } from '#contract/stream-item.ts'
import { createEventFeed } from './event/event-feed.ts'
import { storeBench } from './store/store-bench.ts'
import { wireEvents } from './wire-events.ts'

test('A2a a rare type is found in a long log from page to page, each of which looks at so many rows and no more', async () => {
  const { store, events } = storeBench()
  const past = 120_000
  store.sqlite
    .prepare(
      `WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?)
       INSERT INTO event (seq, ts, type, data) SELECT seq, 0, 'settings.changed', '{"keys":[]}' FROM n`,
    )
    .run(past)
  await store.write((tx) => events.append(tx, 'executor.paused', {}, { paused: true }))
  const looks: number[] = []
  const told: number[] = []
  for (let after = 0, isAll = false; !isAll; ) {
    const page = events.page({ after, type: 'executor.paused', limit: 10 })
    looks.push(page.seen - after)
    told.push(...page.items.map(({ seq }) => seq))
    ;({ seen: after, isAll } = page)
  }
  expect(told).toEqual([past + 1])
  expect(looks).toEqual([50_000, 50_000, 20_001])

  // Who lists or follows goes on by itself, or by the cursor, until all was looked at.
  const feed = createEventFeed({ log: events, ownerOf: () => null, report: () => undefined })
  const wired = wireEvents({
    ...{ events, feed },
    ownerOf: () => null,
    closing: new AbortController().signal,
  })
  let cursor: string | null = events.id(0)
  const listed: string[] = []
  for (let pages = 0; cursor !== null; pages += 1) {
    expect(pages).toBeLessThan(4)
    const page: ReturnType<typeof wired.list> = wired.list({ type: 'executor.paused', after: cursor }, 1)
    listed.push(...page.items.map(({ id }) => id))
    cursor = page.next_cursor
  }
  expect(listed).toEqual([events.id(past + 1)])
  const end = new AbortController()
  const stream = wired.stream({ type: 'executor.paused', after: events.id(0) }, end.signal)
  expect((await stream[Symbol.asyncIterator]().next()).value).toMatchObject({ event: { seq: past + 1 } })
  end.abort()
  const followed: number[] = []
  const take = (items: readonly StreamItem[]) => {
    followed.push(...items.flatMap((item) => (item.kind === 'event' ? [item.event.seq] : [])))
  }
  const stop = wired.follow(
    { type: 'executor.paused', after: events.id(0) },
    { take, room: () => null, end: () => undefined },
  )
  await expect.poll(() => followed).toEqual([past + 1])
  await store.write((tx) => events.append(tx, 'executor.paused', {}, { paused: false }))
  await expect.poll(() => followed).toEqual([past + 1, past + 2])
  stop()
  feed.close()
})
