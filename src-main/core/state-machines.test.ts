import { describe, expect, test } from 'vitest'
import { encodeId } from '#contract/ids.ts'
import {
  batchRequestState,
  batchState,
  jobState,
  planState,
  projectState,
  reservationState,
  runState,
  taskState,
} from '#contract/states.ts'
import { BATCH_REQUEST_TRANSITIONS, BATCH_TRANSITIONS } from './batch/batch-states.ts'
import { createLedger } from './budget/ledger.ts'
import { RESERVATION_TRANSITIONS } from './budget/reservation-states.ts'
import { createJobChanges } from './job/job-changes.ts'
import { JOB_TRANSITIONS } from './job/job-states.ts'
import { PLAN_TRANSITIONS } from './plan/plan-states.ts'
import { createClockWatch } from './process/clock-watch.ts'
import { createMoveProject } from './project/project-changes.ts'
import { PROJECT_TRANSITIONS } from './project/project-states.ts'
import { createJournal } from './run/journal.ts'
import { createRunChanges } from './run/run-changes.ts'
import { RUN_TRANSITIONS } from './run/run-states.ts'
import { createBlobStore } from './store/blob-store.ts'
import { canPass, predecessors, type Transitions } from './store/state-machine.ts'
import { storeBench } from './store/store-bench.ts'
import { createTaskChanges } from './task/task-changes.ts'
import { TASK_TRANSITIONS } from './task/task-states.ts'

/** Every machine, the states that the contract names, and those from which nothing may follow. */
const MACHINES: readonly [string, Transitions<string>, readonly string[], readonly string[]][] = [
  ['task', TASK_TRANSITIONS, taskState.options, ['succeeded', 'skipped']],
  ['project', PROJECT_TRANSITIONS, projectState.options, ['cancelled']],
  ['plan', PLAN_TRANSITIONS, planState.options, ['rejected', 'superseded']],
  ['run', RUN_TRANSITIONS, runState.options, ['succeeded', 'failed', 'cancelled']],
  ['batch', BATCH_TRANSITIONS, batchState.options, ['ended']],
  [
    'call in a batch',
    BATCH_REQUEST_TRANSITIONS,
    batchRequestState.options,
    ['answered', 'failed', 'returned', 'expired'],
  ],
  ['job', JOB_TRANSITIONS, jobState.options, ['succeeded', 'failed', 'cancelled']],
  ['reservation', RESERVATION_TRANSITIONS, reservationState.options, ['settled', 'released']],
]

describe.each(MACHINES)('states of a %s', (_name, table, states, ends) => {
  test('E1 the table names every state, and leads to known states only', () => {
    expect(Object.keys(table).toSorted()).toEqual([...states].toSorted())
    for (const next of Object.values(table)) {
      for (const state of next) expect(states).toContain(state)
      expect(new Set(next).size).toBe(next.length)
    }
  })

  test('E1 nothing follows the ends, and something follows every other state', () => {
    expect(states.filter((state) => table[state]?.length === 0).toSorted()).toEqual([...ends].toSorted())
  })

  test('E1 every state but the first can be reached from another', () => {
    const first = ['pending', 'draft', 'queued', 'reserved', 'sending', 'collecting']
    for (const state of states.filter((state) => !first.includes(state))) {
      expect(states.some((from) => from !== state && canPass(table, from, state))).toBe(true)
    }
  })

  test('E1 predecessors are exactly the states that may pass', () => {
    for (const to of states) {
      const found: string[] = JSON.parse(predecessors(table)[to] ?? '[]')
      expect(found.toSorted()).toEqual(states.filter((from) => canPass(table, from, to)).toSorted())
    }
  })
})

function pairs<State extends string>(states: readonly State[]): [State, State][] {
  return states.flatMap((from) => states.map((to): [State, State] => [from, to]))
}

test('E1 a project moves along its table for every pair of states, and tells of each move', async () => {
  const { store, events, project } = storeBench()
  const move = createMoveProject(store, events)
  const state = store.sqlite.prepare<[number], string>('SELECT state FROM project WHERE id = ?').pluck()
  for (const [from, to] of pairs(projectState.options)) {
    const id = project({ state: from })
    const before = events.lastSeq()
    const moved = await store.write((tx) => move(tx, id, to, 'because'))
    expect([from, to, moved]).toEqual([from, to, canPass(PROJECT_TRANSITIONS, from, to)])
    expect(state.get(id)).toBe(moved ? to : from)
    const told = events.list({ after: before, limit: 10 })
    expect(told.map((event) => event.data)).toEqual(moved ? [{ state: to, reason: 'because' }] : [])
  }
})

test('E1 a project that stays where it is for the same reason tells nothing', async () => {
  const { store, events, project } = storeBench()
  const move = createMoveProject(store, events)
  const id = project({ state: 'executing' })
  expect(await store.write((tx) => move(tx, id, 'waiting', 'a'))).toBe(true)
  expect(await store.write((tx) => move(tx, id, 'waiting', 'a'))).toBe(false)
  expect(await store.write((tx) => move(tx, id, 'waiting', 'b'))).toBe(true)
})

test('E1 a run moves along its table for every pair of states, and tells of each move', async () => {
  const { store, events, dataDir, project, run } = storeBench()
  const journal = createJournal(store, events, createBlobStore(dataDir))
  const runs = createRunChanges(store, events, journal, createTaskChanges(store, events))
  const row = store.sqlite.prepare<[number], { state: string; ended_at: number | null }>(
    'SELECT state, ended_at FROM run WHERE id = ?',
  )
  const projectId = project()
  for (const [from, to] of pairs(runState.options)) {
    const id = run(projectId, null, from)
    const before = events.lastSeq()
    const moved = await store.write((tx) => runs.move(tx, id, to, 'because'))
    expect([from, to, moved]).toEqual([from, to, canPass(RUN_TRANSITIONS, from, to)])
    const now = row.get(id)
    expect(now?.state).toBe(moved ? to : from)
    if (moved) expect(now?.ended_at !== null).toBe(RUN_TRANSITIONS[to].length === 0)
    expect(events.list({ after: before, limit: 10 })).toHaveLength(moved ? 1 : 0)
  }
})

test('A2 a job moves along its table for every pair of states, and tells of each move', async () => {
  const { store, events } = storeBench()
  const jobs = createJobChanges(store, events, createClockWatch())
  const put = store.sqlite.prepare('UPDATE job SET state = ? WHERE id = ?')
  const state = store.sqlite.prepare<[number], string>('SELECT state FROM job WHERE id = ?').pluck()
  const given = { coreId: 'w', stay: false, priority: 1, timeout: 300, metadata: {} }
  for (const [from, to] of pairs(jobState.options)) {
    const id = await store.write((tx) => jobs.queue(tx, given, 'local', 0))
    put.run(from, id)
    const before = events.lastSeq()
    const moved = await store.write((tx) => {
      if (to === 'queued') return jobs.giveBack(tx, id, 'because')
      if (to === 'running') return jobs.begin(tx, id, { worker: 'a', lease_ms: 1_000, session: null }) !== null
      return jobs.end(tx, id, to, 'because')
    })
    expect([from, to, moved]).toEqual([from, to, canPass(JOB_TRANSITIONS, from, to)])
    expect(state.get(id)).toBe(moved ? to : from)
    expect(events.list({ after: before, limit: 10 })).toHaveLength(moved ? 1 : 0)
  }
})

test.each(['demo', 'another'])(
  'E1 runs that began with %s succeed together where their table lets them',
  async (profile) => {
    const { store, events, dataDir, project, run } = storeBench()
    const journal = createJournal(store, events, createBlobStore(dataDir))
    const runs = createRunChanges(store, events, journal, createTaskChanges(store, events))
    const state = store.sqlite.prepare<[number], string>('SELECT state FROM run WHERE id = ?').pluck()
    const project_id = project()
    const all = runState.options.map((from) => ({ from, run_id: run(project_id, null, from) }))
    const before = events.lastSeq()
    await store.write((tx) =>
      runs.succeed(
        tx,
        all.map(({ run_id }) => ({ run_id, project_id, task_id: 1, profile })),
      ),
    )
    const may = all.filter(({ from }) => canPass(RUN_TRANSITIONS, from, 'succeeded'))
    for (const { from, run_id } of all) {
      expect([from, state.get(run_id)]).toEqual([
        from,
        canPass(RUN_TRANSITIONS, from, 'succeeded') ? 'succeeded' : from,
      ])
    }
    const told = events.list({ after: before, limit: 100 })
    expect(told.map(({ run_id }) => run_id)).toEqual(may.map(({ run_id }) => encodeId('run', run_id)))
    expect(told.every(({ data }) => 'profile' in data && data.profile === 'demo')).toBe(true)
  },
)

test('E1 tasks that begin, or succeed with their run, do so only where their table lets them', async () => {
  const { store, events, project, tasks } = storeBench()
  const changes = createTaskChanges(store, events)
  const put = store.sqlite.prepare('UPDATE task SET state = ?, run_id = ?, held = ? WHERE id = ?')
  const state = store.sqlite.prepare<[number], string>('SELECT state FROM task WHERE id = ?').pluck()
  const project_id = project({ state: 'executing' })
  const [task_id = 0] = tasks(project_id, [[]])
  const own = { task_id, project_id, run_id: 7 }

  for (const from of taskState.options) {
    for (const held of [0, 1]) {
      put.run(from, null, held, task_id)
      const begun = await store.write((tx) => changes.start(tx, [own]))
      const allowed = canPass(TASK_TRANSITIONS, from, 'running') && held === 0
      expect([from, held, begun.length, state.get(task_id)]).toEqual([
        from,
        held,
        allowed ? 1 : 0,
        allowed ? 'running' : from,
      ])
    }
    for (const run_id of [7, 8]) {
      put.run(from, run_id, 0, task_id)
      const { ended } = await store.write((tx) => changes.succeed(tx, [own]))
      const allowed = canPass(TASK_TRANSITIONS, from, 'succeeded') && run_id === own.run_id
      expect([from, run_id, ended.length, state.get(task_id)]).toEqual([
        from,
        run_id,
        allowed ? 1 : 0,
        allowed ? 'succeeded' : from,
      ])
    }
  }
})

test('E1 a task moves along its table for every pair of states', async () => {
  const { store, events, project, tasks } = storeBench()
  const changes = createTaskChanges(store, events)
  const put = store.sqlite.prepare('UPDATE task SET state = ?, unmet_dependencies = ? WHERE id = ?')
  const state = store.sqlite.prepare<[number], string>('SELECT state FROM task WHERE id = ?').pluck()
  const projectId = project({ state: 'executing' })
  const [id = 0] = tasks(projectId, [[]])

  type Move = 'ready' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled' | 'skipped'
  const targets: readonly Move[] = ['ready', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'skipped']
  for (const from of taskState.options) {
    for (const to of targets) {
      put.run(from, 0, id)
      await store.write((tx) => {
        if (to === 'ready') changes.toReady(tx, [id])
        else if (to === 'running') changes.toRunning(tx, [id])
        else if (to === 'waiting') {
          changes.toWaiting(tx, [id], { waiting_on: 'retry', reason: 'later', resumes_at: 1 })
        } else changes.end(tx, [id], to, 'because')
      })
      // Queueing again is for what runs or waits; ended tasks come back through `reopen` only.
      const allowed = to === 'ready' ? from === 'running' || from === 'waiting' : canPass(TASK_TRANSITIONS, from, to)
      expect([from, to, state.get(id)]).toEqual([from, to, allowed ? to : from])
    }
    for (const unmet of [0, 1]) {
      put.run(from, unmet, id)
      await store.write((tx) => changes.reopen(tx, id))
      const to = unmet === 0 ? 'ready' : 'pending'
      expect([from, to, state.get(id)]).toEqual([from, to, canPass(TASK_TRANSITIONS, from, to) ? to : from])
    }
  }
})

test('B2 a reservation moves along its table for every pair of states, and throws where it may not', async () => {
  const { store, events, settings } = storeBench()
  const ledger = createLedger(store, events, settings)
  const state = store.sqlite.prepare<[number], string>('SELECT state FROM reservation WHERE id = ?').pluck()
  const purchase = {
    provider: 'p',
    model: 'm',
    project_id: null,
    task_id: null,
    run_id: null,
    max_tokens: 1,
    min_tokens: 1,
  }

  const reach = {
    reserved: [],
    sent: ['sent'],
    settled: ['sent', 'settled'],
    unconfirmed: ['sent', 'unconfirmed'],
    released: ['released'],
  } as const
  function step(to: (typeof reservationState.options)[number], id: number): Promise<unknown> {
    return store.write((tx) => {
      if (to === 'sent') ledger.markSent(tx, id)
      else if (to === 'settled') ledger.settle(tx, id, 5)
      else if (to === 'unconfirmed') ledger.settleUnconfirmed(tx, id)
      else ledger.release(tx, id)
    })
  }
  for (const [from, to] of pairs(reservationState.options)) {
    if (to === 'reserved') continue
    const granted = await store.write((tx) => ledger.reserve(tx, { ...purchase, worstCase: () => 10 }))
    if (!granted.ok) throw new Error(granted.message)
    const id = granted.reservation_id
    for (const each of reach[from]) await step(each, id)
    const scopes = ['global', ...Object.values(ledger.scopesNow())]
    const before = scopes.map(ledger.account)
    if (canPass(RESERVATION_TRANSITIONS, from, to)) {
      await step(to, id)
      expect([from, to, state.get(id)]).toEqual([from, to, to])
    } else {
      await expect(step(to, id)).rejects.toThrow(/cannot become/)
      expect([from, to, state.get(id)]).toEqual([from, to, from])
      expect(scopes.map(ledger.account)).toEqual(before)
    }
  }
})
