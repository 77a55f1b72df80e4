import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { createBlobStore } from '../store/blob-store.ts'
import { type RunRow, run as runTable } from '../store/schema.ts'
import { storeBench } from '../store/store-bench.ts'
import { createJournal } from './journal.ts'
import { openPhaseTrail } from './phase-trail.ts'

function journalBench() {
  const bench = storeBench()
  const projectId = bench.project()
  const [taskId = 0] = bench.tasks(projectId, [[]])
  const row = (id: number): RunRow => {
    const found = bench.store.orm.select().from(runTable).where(eq(runTable.id, id)).get()
    if (found === undefined) throw new Error('gone')
    return found
  }
  return {
    ...bench,
    journal: createJournal(bench.store, bench.events, createBlobStore(bench.dataDir)),
    newRun: () => row(bench.run(projectId, taskId)),
    row,
  }
}

const PLACE = { phase: 'tool_exec', key: 'tool_exec.0.0', kind: 'tool', name: 'write_file' } as const

test('T8 a step is sent, then done, and is found again by its place', async () => {
  const { store, journal, newRun } = journalBench()
  const run = newRun()
  const input = { path: 'a.md' }
  const first = await store.write((tx) => journal.begin(tx, run, { ...PLACE, input }))
  expect(first.attempt).toBe(1)
  expect(journal.finished(run.id, PLACE)).toBeNull()
  await store.write((tx) =>
    journal.end(tx, run, { ...PLACE, id: first.id }, { state: 'failed', summary: '', error: 'no' }),
  )
  const second = await store.write((tx) => journal.begin(tx, run, { ...PLACE, input }))
  expect(second.attempt).toBe(2)
  const end = { state: 'done', output: 'yes', files_changed: ['a.md'], summary: 'a.md' } as const
  await store.write((tx) => journal.end(tx, run, { ...PLACE, id: second.id }, end))
  expect(journal.finished(run.id, PLACE)).toMatchObject({
    id: second.id,
    input,
    output: 'yes',
    files_changed: ['a.md'],
  })
  expect(journal.attempts(run.id, PLACE).map((step) => step.state)).toEqual(['failed', 'done'])
  expect(journal.finished(run.id, { ...PLACE, key: 'elsewhere' })).toBeNull()
})

test.each([
  ['a small value', { a: [1, 'ä🦉', null] }, 0],
  ['a large value', { text: '🦉'.repeat(40_000) }, 1],
  ['what looks like a reference to a blob', { $blob: '../../../etc/passwd', characters: 3 }, 1],
  ['null', null, 0],
])('T8 gives %s back as it was', async (_what, value, files) => {
  const { store, journal, dataDir, newRun } = journalBench()
  const run = newRun()
  const { id } = await store.write((tx) => journal.begin(tx, run, { ...PLACE, input: value }))
  await store.write((tx) => journal.end(tx, run, { ...PLACE, id }, { state: 'done', output: value, summary: '' }))
  const step = journal.finished(run.id, PLACE)
  expect(journal.value(step?.input)).toEqual(value)
  expect(journal.value(step?.output)).toEqual(value)
  const blobs = files === 0 ? [] : readdirSync(join(dataDir, 'blobs'), { recursive: true, withFileTypes: true })
  expect(blobs.filter((entry) => entry.isFile())).toHaveLength(files)
})

test('E4 E5 a new attempt takes the finished steps over, and the tool calls of which nobody knows as open ones', async () => {
  const { store, journal, newRun } = journalBench()
  const [old, next] = [newRun(), newRun()]
  for (const [key, state, kind] of [
    ['a', 'done', 'tool'],
    ['b', 'failed', 'tool'],
    ['c', 'unknown', 'tool'],
    // It is asked again under a new reservation.
    ['d', 'unknown', 'model'],
  ] as const) {
    const { id } = await store.write((tx) =>
      journal.begin(tx, old, { ...PLACE, kind, key, input: key, note: { at: key } }),
    )
    await store.write((tx) => journal.end(tx, old, { ...PLACE, id }, { state, output: key, summary: '' }))
  }
  await store.write((tx) => journal.carryOver(tx, old.id, next.id))
  expect(journal.finished(next.id, { ...PLACE, key: 'a' })).toMatchObject({ output: 'a', reused: true, attempt: 1 })
  for (const key of ['b', 'd']) expect(journal.attempts(next.id, { ...PLACE, key })).toEqual([])
  expect(journal.attempts(next.id, { ...PLACE, key: 'c' })).toMatchObject([
    { state: 'sent', input: 'c', note: { at: 'c' }, attempt: 1, reused: false, ended_at: null },
  ])
})

test('G1 phases are numbered from 0, with times that strictly increase even where the clock stands still', async () => {
  const { store, events, newRun } = journalBench()
  const run = newRun()
  const trail = openPhaseTrail(store, events, run)
  await Promise.all(Array.from({ length: 20 }, (_, index) => trail.mark('tool_exec', 'started', String(index))))
  store.sqlite.prepare('UPDATE run SET last_event_us = ? WHERE id = ?').run(8e15, run.id)
  await trail.mark('verifier', 'started', 'after the clock was set back')
  const told = events.ofRun(run.id).map((event) => event.data)
  expect(told.map((data) => data.sequence)).toEqual(Array.from({ length: 21 }, (_, index) => index))
  expect(told.at(-1)?.timestamp_us).toBe(8e15 + 1)
  for (const [index, data] of told.entries()) {
    expect(data.timestamp_us).toBeGreaterThan(told[index - 1]?.timestamp_us ?? 0)
  }
})

test('G5 a run that goes on passes its recorded phases over, gets their payloads, and adds the rest', async () => {
  const { store, events, newRun, row } = journalBench()
  const run = newRun()
  const first = openPhaseTrail(store, events, run)
  expect(first.recorded()).toBeNull()
  await first.mark('intent', 'started', 'a')
  await first.mark('intent', 'completed', 'b', { goal: 'owls' })

  const again = openPhaseTrail(store, events, row(run.id))
  await again.mark('intent', 'started', 'a')
  expect(again.recorded()).toEqual({ goal: 'owls' })
  await again.mark('intent', 'completed', 'b')
  expect(again.recorded()).toBeNull()
  await again.mark('planner', 'started', 'c')
  expect(events.ofRun(run.id).map((event) => `${event.data.sequence} ${event.data.node} ${event.data.phase}`)).toEqual([
    '0 intent started',
    '1 intent completed',
    '2 planner started',
  ])
})

test('G5 a run that comes to another phase than recorded is an error', async () => {
  const { store, events, newRun, row } = journalBench()
  const run = newRun()
  await openPhaseTrail(store, events, run).mark('intent', 'started', '')
  const again = openPhaseTrail(store, events, row(run.id))
  await expect(again.mark('intent', 'completed', '')).rejects.toThrow(/came to intent completed/)
})
