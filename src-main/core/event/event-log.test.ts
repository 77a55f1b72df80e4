import { expect, test } from 'vitest'
import {
  EVENT_DATA,
  EVENT_TYPES,
  type EventData,
  type EventType,
  type StoredEvent,
  storedEvent,
} from '#contract/event.ts'
import { storeBench } from '../store/store-bench.ts'

const RUN_DATA = {
  timestamp_us: 1,
  sequence: 0,
  node: 'intent',
  phase: 'started',
  summary: '',
  payload: { a: [1] },
} as const
/** One example of every type. A type without one does not compile. */
const EXAMPLES: { [T in EventType]: EventData<T> } = {
  'project.created': { name: 'Owls' },
  'project.imported': { source_id: 'prj_9', baton_version: '0.1.0', exported_at: '2026-07-10T09:30:00.000Z' },
  'project.changed': { fields: ['name'] },
  'project.state': { state: 'draft', reason: '' },
  'plan.proposed': { plan_id: 'pln_1', version: 1, tasks: 3 },
  'plan.state': { plan_id: 'pln_1', state: 'approved' },
  'plan.commented': { plan_id: 'pln_1', task: 't2', change: 'added' },
  'plan.repaired': { plan_id: 'pln_1', repairs: ['"2" is t2'] },
  'task.created': { key: 't1', title: 'Look' },
  'task.escalated': { from: 'local', to: 'fast', reason: 'Two repairs did not help.' },
  'task.changed': { fields: ['held'] },
  'task.state': { state: 'waiting', waiting_on: 'budget', reason: 'no money' },
  'checkpoint.created': { checkpoint_id: 'chk_1', kind: 'task', title: 'Look', files: 2 },
  'checkpoint.broken_off': { files: 1 },
  'approval.state': { approval_id: 'apr_1', tool: 'run_command', state: 'open' },
  'run.state': { state: 'running', reason: '', profile: null },
  'run.phase': RUN_DATA,
  'step.state': { step_id: 'stp_1', kind: 'model', name: 'demo', state: 'done', summary: '', cost_micros: 12 },
  'budget.changed': { scope: 'daily', limit_micros: null },
  'budget.warning': { scope: 'day:2026-11-20', used_micros: 8, limit_micros: 10 },
  'budget.stopped': { scope: 'global', used_micros: 9, limit_micros: 10, wanted_micros: 2 },
  'budget.unconfirmed': { reservation_id: 'rsv_1', amount_micros: 3 },
  'budget.corrected': { reservation_id: 'rsv_1', booked_micros: 3, cost_micros: 1 },
  'service.state': { name: 'ollama', state: 'down', detail: 'gone' },
  'service.process': { name: 'ollama', state: 'started', detail: 'ollama serve' },
  'provider.held': { provider: 'anthropic', until: '2026-11-20T00:00:00.000Z', reason: 'rate limit' },
  'job.queued': { job_id: 'job_1', core_id: 'builder', attempt: 1, reason: 'Its worker said nothing for 60 s.' },
  'job.started': { job_id: 'job_1', core_id: 'builder', attempt: 1, worker: 'a' },
  'job.progress': { job_id: 'job_1', core_id: 'builder', message: '3 of 9' },
  'job.ended': { job_id: 'job_1', core_id: 'builder', state: 'succeeded', reason: '' },
  'lock.granted': { resource: 'gpu:0', owner: 'me', token: 1 },
  'lock.ended': { resource: 'gpu:0', owner: 'me', why: 'expired' },
  'lock.slow': { resource: 'gpu:0', owner: 'me', waited_ms: 30_000, holder: 'you' },
  'process.ended': { what: 'git update-index', pid: 4_711, processes: 2 },
  'backup.created': { backup_id: '2026-11-20T00-00-00-000Z', bytes: 4_096, findings: 0 },
  'backup.failed': { reason: 'no room' },
  'backup.restored': { backup_id: '2026-11-20T00-00-00-000Z' },
  'knowledge.source': { source_id: 'src_1', name: 'notes', state: 'ready', reason: '' },
  'knowledge.model': { model: 'nomic-embed-text', detail: '' },
  'webhook.changed': { id: 'whk_1', change: 'created', detail: 'https://example.org/hook' },
  'settings.changed': { keys: ['models'] },
  'executor.paused': { paused: true },
}

test('G1 every type of event is announced as it is stored, and its data parses', async () => {
  const { store, events } = storeBench()
  const heard: StoredEvent[] = []
  events.onEvent((event) => heard.push(event))
  expect(EVENT_TYPES.toSorted()).toEqual(Object.keys(EXAMPLES).toSorted())
  for (const type of EVENT_TYPES) {
    await store.write((tx) => events.append(tx, type, { project_id: 7, task_id: 33, run_id: null }, EXAMPLES[type]))
  }
  const listed = events.list({ after: 0, limit: 100 })
  expect(listed).toEqual(heard)
  expect(listed.map((event) => event.type)).toEqual(EVENT_TYPES)
  for (const event of listed) {
    expect(event).toMatchObject({
      v: 1,
      id: events.id(event.seq),
      project_id: 'prj_7',
      task_id: 'tsk_11',
      run_id: null,
    })
    expect(EVENT_DATA[event.type].parse(event.data)).toEqual(EXAMPLES[event.type])
    expect(storedEvent.parse(JSON.parse(JSON.stringify(event)))).toEqual(event)
  }
})

test('G1 who wants some types hears those, with the numbers and moments that all others hear', async () => {
  const { store, events } = storeBench()
  const all: StoredEvent[] = []
  const some: StoredEvent[] = []
  events.onEvent((event) => all.push(event))
  const end = events.onEvent(
    (event) => some.push(event),
    (type) => type === 'settings.changed',
  )
  const tell = (): Promise<void> =>
    store.write((tx) => {
      for (const type of ['project.created', 'settings.changed', 'executor.paused'] as const) {
        events.append(tx, type, {}, EXAMPLES[type])
      }
    })
  await tell()
  await tell()
  expect(all.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5, 6])
  expect(some).toEqual([all[1], all[4]])
  expect(events.list({ after: 0, limit: 9 })).toEqual(all)
  end()
  await tell()
  expect(some).toHaveLength(2)
  expect(all).toHaveLength(9)
})

test('G1 who leaves while a change is told hears no more of it', async () => {
  const { store, events } = storeBench()
  const heard: number[] = []
  const end = events.onEvent((event) => {
    heard.push(event.seq)
    if (event.seq === 2) end()
  })
  await store.write((tx) => {
    for (let count = 0; count < 4; count += 1) events.append(tx, 'executor.paused', {}, { paused: true })
  })
  expect(heard).toEqual([1, 2])
})

test('G1 data that does not fit its type is refused when read', async () => {
  const { store, events } = storeBench()
  await store.write((tx) => events.append(tx, 'project.created', {}, { name: 'Owls' }))
  store.sqlite.exec(`UPDATE event SET data = '{"name": 5}'`)
  expect(() => events.list({ after: 0, limit: 1 })).toThrow(/project\.created/)
})

test('D1 an event of a change that is rolled back is neither stored nor announced', async () => {
  const { store, events } = storeBench()
  const heard: number[] = []
  events.onEvent((event) => heard.push(event.seq))
  const failing = store.write((tx) => {
    events.append(tx, 'project.created', {}, { name: 'lost' })
    throw new Error('a bug')
  })
  const kept = store.write((tx) => events.append(tx, 'project.created', {}, { name: 'kept' }))
  await expect(failing).rejects.toThrow('a bug')
  await kept
  expect(events.list({ after: 0, limit: 9 }).map((event) => event.data)).toEqual([{ name: 'kept' }])
  expect(heard).toEqual([events.lastSeq()])
})

test('A2a lists by project, by type and by both, page by page', async () => {
  const { store, events } = storeBench()
  await store.write((tx) => {
    for (let index = 0; index < 12; index++) {
      const type = index % 2 === 0 ? 'project.created' : 'settings.changed'
      events.append(tx, type, { project_id: (index % 3) + 1 }, EXAMPLES[type])
    }
  })
  const seqs = (query: Partial<Parameters<typeof events.list>[0]>): number[] =>
    events.list({ after: 0, limit: 100, ...query }).map((event) => event.seq)
  expect(seqs({})).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  expect(seqs({ after: 5, limit: 2 })).toEqual([6, 7])
  expect(seqs({ project_id: 2 })).toEqual([2, 5, 8, 11])
  expect(seqs({ type: 'settings.changed', after: 2 })).toEqual([4, 6, 8, 10, 12])
  expect(seqs({ type: 'settings.changed', project_id: 2 })).toEqual([2, 8])
  expect(seqs({ type: 'nothing.such' })).toEqual([])
  expect(seqs({ project_id: -1 })).toEqual([])
})

test('G6 an id of this history has a sequence number, any other has none', async () => {
  const { store, events } = storeBench()
  await store.write((tx) => events.append(tx, 'executor.paused', {}, { paused: true }))
  expect(events.seqOf(events.id(0))).toBe(0)
  expect(events.seqOf(events.id(1))).toBe(1)
  expect(events.seqOf(events.id(2))).toBeNull()
  expect(events.seqOf(`${'0'.repeat(8)}-1`)).toBeNull()
  for (const id of [
    '',
    '1',
    `${store.epoch}-`,
    `${store.epoch}--1`,
    `${store.epoch}-1x`,
    `${store.epoch}-9999999999999999`,
  ]) {
    expect(events.seqOf(id)).toBeNull()
  }
})
