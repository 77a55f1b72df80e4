import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TaskState } from '#contract/states.ts'
import { type StoreBench, storeBench } from '../store/store-bench.ts'
import { createTaskChanges, type ReadyRow, type TaskChanges } from './task-changes.ts'

interface Row {
  id: number
  state: TaskState
  unmet_dependencies: number
  held: number
  reason: string
  ready_at: number | null
}

type Bench = StoreBench & { changes: TaskChanges; rows(): Row[]; states(): TaskState[] }

function bench(): Bench {
  const base = storeBench()
  const all = base.store.sqlite.prepare<[], Row>(
    'SELECT id, state, unmet_dependencies, held, reason, ready_at FROM task ORDER BY id',
  )
  return {
    ...base,
    changes: createTaskChanges(base.store, base.events),
    rows: () => all.all(),
    states: () => all.all().map((row) => row.state),
  }
}

/** Dependencies on earlier tasks only, so that there is no cycle. */
const graph = fc
  .array(fc.uniqueArray(fc.nat(11), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((tasks) => tasks.map((needs, index) => [...new Set(needs.filter((need) => need < index))]))
const ENDS = ['succeeded', 'failed', 'cancelled', 'skipped'] as const
const action = fc.record({
  do: fc.constantFrom('run', 'run', 'ready', 'wait', 'reopen', 'hold', ...ENDS, 'succeeded', 'failed'),
  on: fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 3 }),
})

test('E1 E4 any order of ends, skips, failures and retries leaves every task where its dependencies put it', async () => {
  await fc.assert(
    fc.asyncProperty(graph, fc.array(action, { maxLength: 30 }), async (dependencies, actions) => {
      const { store, changes, project, tasks, rows } = bench()
      const ids = tasks(project({ state: 'executing' }), dependencies)
      const hold = store.sqlite.prepare('UPDATE task SET held = 1 - held WHERE id = ?')

      for (const { do: what, on } of actions) {
        const chosen = on.flatMap((index) => ids[index] ?? [])
        const before = new Map(rows().map((row) => [row.id, row.state]))
        const ready = await store.write((tx): readonly ReadyRow[] => {
          if (what === 'hold') for (const id of chosen) hold.run(id)
          else if (what === 'run') changes.toRunning(tx, chosen)
          else if (what === 'ready') return changes.toReady(tx, chosen)
          else if (what === 'reopen') return chosen.flatMap((id) => changes.reopen(tx, id))
          else if (what === 'wait') changes.toWaiting(tx, chosen, { waiting_on: 'retry', reason: '', resumes_at: 1 })
          else return changes.end(tx, chosen, what, 'because').ready
          return []
        })
        const after = rows()
        const became = after.filter((row) => row.state === 'ready' && before.get(row.id) !== 'ready' && row.held === 0)
        expect(ready.map((row) => row.id).toSorted(byNumber)).toEqual(became.map((row) => row.id))
        checkGraph(after, dependencies)
        const free = after.filter((row) => row.state === 'ready' && row.held === 0)
        expect(changes.ready().map((row) => row.id)).toEqual(free.map((row) => row.id))
      }
    }),
    { numRuns: 40, endOnFailure: true },
  )
})

const byNumber = (a: number, b: number): number => a - b

function checkGraph(rows: readonly Row[], dependencies: readonly (readonly number[])[]): void {
  const isServed = (index: number): boolean => ['succeeded', 'skipped'].includes(rows[index]?.state ?? '')
  const isLost = (index: number): boolean => ['failed', 'cancelled'].includes(rows[index]?.state ?? '')
  const isBehindLoss = (index: number): boolean =>
    (dependencies[index] ?? []).some((need) => !isServed(need) && (isLost(need) || isBehindLoss(need)))

  for (const [index, row] of rows.entries()) {
    const unmet = (dependencies[index] ?? []).filter((need) => !isServed(need)).length
    expect([index, 'unmet', row.unmet_dependencies]).toEqual([index, 'unmet', unmet])
    if (['ready', 'running', 'waiting'].includes(row.state)) {
      expect([index, row.state, unmet]).toEqual([index, row.state, 0])
      expect(row.ready_at).not.toBeNull()
    }
    if (row.state === 'pending' || row.state === 'blocked') {
      expect(unmet).toBeGreaterThan(0)
      expect([index, row.state]).toEqual([index, isBehindLoss(index) ? 'blocked' : 'pending'])
    }
    if (row.state === 'blocked') expect(row.reason).toMatch(/^Needs "Task \d+", which (failed|was cancelled)\. Retry/)
  }
}

const CHAIN = [[], [0], [1], [2]]

test('E4 a task behind a skipped one is not kept back by what failed before it', async () => {
  const { store, changes, project, tasks, states } = bench()
  const [a = 0, b = 0, c = 0] = tasks(project(), CHAIN)
  await store.write((tx) => {
    changes.toRunning(tx, [a])
    changes.end(tx, [a], 'failed', 'no')
  })
  expect(states()).toEqual(['failed', 'blocked', 'blocked', 'blocked'])
  const { ready } = await store.write((tx) => changes.end(tx, [b], 'skipped', ''))
  expect(ready.map((row) => row.id)).toEqual([c])
  expect(states()).toEqual(['failed', 'skipped', 'ready', 'pending'])
  await store.write((tx) => {
    changes.toRunning(tx, [c])
    changes.end(tx, [c], 'succeeded', '')
  })
  expect(states()).toEqual(['failed', 'skipped', 'succeeded', 'ready'])
})

test('E4 a cancelled task that is retried behind a failed one is blocked, not forgotten', async () => {
  const { store, changes, project, tasks, states } = bench()
  const [a = 0, b = 0] = tasks(project(), [[], [0]])
  await store.write((tx) => {
    changes.end(tx, [b], 'cancelled', '')
    changes.toRunning(tx, [a])
    changes.end(tx, [a], 'failed', '')
    changes.reopen(tx, b)
  })
  expect(states()).toEqual(['failed', 'blocked'])
  await store.write((tx) => changes.reopen(tx, a))
  expect(states()).toEqual(['ready', 'pending'])
})

test('E5 who asks too late for a task to go on does not bring an ended one back', async () => {
  const { store, changes, project, tasks, states } = bench()
  const [a = 0] = tasks(project(), [[]])
  await store.write((tx) => {
    changes.toRunning(tx, [a])
    changes.toWaiting(tx, [a], { waiting_on: 'budget', reason: 'no money', resumes_at: null })
    changes.end(tx, [a], 'cancelled', 'Cancelled by you.')
  })
  expect(await store.write((tx) => changes.toReady(tx, [a]))).toEqual([])
  expect(states()).toEqual(['cancelled'])
})

test('E4 a held task becomes ready but is not queued and cannot run', async () => {
  const { store, changes, project, tasks, states } = bench()
  const [a = 0, b = 0] = tasks(project(), [[], [0]])
  store.sqlite.prepare('UPDATE task SET held = 1 WHERE id = ?').run(b)
  const { ready } = await store.write((tx) => changes.end(tx, [a], 'skipped', ''))
  expect(ready).toEqual([])
  expect(states()).toEqual(['skipped', 'ready'])
  expect(await store.write((tx) => changes.toRunning(tx, [b]))).toEqual([])
  expect(states()).toEqual(['skipped', 'ready'])
})

test('E1 tells each change of state once, in the same commit', async () => {
  const { store, events, changes, project, tasks } = bench()
  const [a = 0] = tasks(project(), [[], [0]])
  await store.write((tx) => {
    changes.toRunning(tx, [a])
    changes.end(tx, [a], 'failed', 'The pen broke.')
  })
  const told = events.list({ after: 0, type: 'task.state', limit: 99 })
  expect(told.map((event) => [event.task_id, event.data])).toEqual([
    ['tsk_1', { state: 'running', waiting_on: null, reason: '' }],
    ['tsk_1', { state: 'failed', waiting_on: null, reason: 'The pen broke.' }],
    [
      'tsk_2',
      {
        state: 'blocked',
        waiting_on: null,
        reason: 'Needs "Task 0", which failed. Retry or skip that task first.',
      },
    ],
  ])
})

test('E1 tasks of other projects are left alone', async () => {
  const { store, changes, project, tasks, states } = bench()
  const [a = 0] = tasks(project(), [[], [0]])
  const [c = 0] = tasks(project(), [[], [0]])
  await store.write((tx) => {
    changes.toRunning(tx, [a, c])
    changes.end(tx, [a], 'failed', '')
    changes.end(tx, [c], 'failed', '')
    changes.reopen(tx, c)
  })
  expect(states()).toEqual(['failed', 'blocked', 'ready', 'pending'])
})
