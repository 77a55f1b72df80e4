import { expect, test } from 'vitest'
import { createUsageLog } from '../model/usage-log.ts'
import { storeBench } from '../store/store-bench.ts'
import { createPastTasks } from './past-tasks.ts'

const CLASS = { stand_in: false, tier: 'fast', complexity: 'simple', type: 'writing' } as const
const CALL = {
  provider: 'anthropic',
  model: 'claude-haiku-4-5',
  profile: 'haiku',
  step_id: 0,
  reservation_id: null,
  tier: 'fast',
  attempt: 1,
  cost_micros: 1,
  saved_micros: 0,
  outcome: 'ok',
  unconfirmed: false,
} as const

function bench() {
  const { store, project, tasks, run } = storeBench()
  const note = createUsageLog(store)
  const setRun = store.sqlite.prepare('UPDATE run SET tier = ?, profile = ? WHERE id = ?')
  const addStep = store.sqlite.prepare(
    `INSERT INTO step (run_id, key, attempt, phase, kind, name, state, input, started_at, ended_at, reused)
     VALUES (?, ?, 1, 'tool_exec', ?, 'x', ?, '{}', ?, ?, ?)`,
  )
  return { store, past: createPastTasks(store), project, tasks, run, note, setRun, addStep }
}

function used(input: number, output: number, cache_read = 0) {
  return { input, output, cache_write_5m: 0, cache_write_1h: 0, cache_read }
}

test('P4 a task counts with all its attempts, at the tier it began at, with the time of its calls and tools', async () => {
  const { store, past, project, tasks, run, note, setRun, addStep } = bench()
  const project_id = project()
  const [task_id = 0] = tasks(project_id, [[]])
  const [first, second] = [run(project_id, task_id, 'failed'), run(project_id, task_id)]
  setRun.run('fast', 'haiku', first)
  setRun.run('strong', 'sonnet', second)
  addStep.run(first, 'a', 'tool', 'done', 1_000, 1_040, 0)
  // The time of a model call is in the usage; a reused step took none, and nobody knows how long a lost one took.
  addStep.run(first, 'b', 'model', 'done', 1_000, 9_000, 0)
  addStep.run(second, 'a', 'tool', 'done', 1_000, 1_040, 1)
  addStep.run(second, 'c', 'tool', 'unknown', 1_000, 999_000, 0)
  await store.write((tx) => {
    const call = { ...CALL, project_id, task_id }
    note(tx, { ...call, run_id: first, usage: used(100, 10), latency_ms: 200 })
    note(tx, { ...call, run_id: second, usage: used(300, 30, 50), latency_ms: 300 })
    past.record(tx, [task_id])
  })
  expect(past.newest(CLASS, 9)).toEqual([
    {
      profile: 'haiku',
      input_tokens: 400,
      cache_write_tokens: 0,
      cache_read_tokens: 50,
      output_tokens: 40,
      call_tokens: 350,
      cost_micros: 2,
      ms: 540,
    },
  ])
  expect(past.newest({ ...CLASS, tier: 'strong' }, 9)).toEqual([])
})

test('P4 a task that is done again counts once, one without a model call not at all, the newest come first', async () => {
  const { store, past, project, tasks, run, note, setRun } = bench()
  const project_id = project()
  const ids = tasks(project_id, [[], [], []])
  const [one = 0, two = 0, silent = 0] = ids
  for (const id of ids) setRun.run('fast', 'haiku', run(project_id, id))
  const call = (task_id: number, output: number) => ({
    ...CALL,
    ...{ project_id, task_id, run_id: 1, usage: used(100, output), latency_ms: 5 },
  })
  await store.write((tx) => {
    note(tx, call(one, 1))
    note(tx, call(two, 2))
    past.record(tx, ids)
  })
  await store.write((tx) => {
    note(tx, call(one, 6))
    past.record(tx, [one, silent])
  })
  const outputs = (count: number) => past.newest(CLASS, count).map((task) => task.output_tokens)
  expect(outputs(9)).toEqual([2, 7])
  expect(outputs(1)).toEqual([2])
})

test('P4 what the demo model did is kept apart', async () => {
  const { store, past, project, tasks, run, note, setRun } = bench()
  const project_id = project()
  const [task_id = 0] = tasks(project_id, [[]])
  const run_id = run(project_id, task_id)
  setRun.run('fast', 'demo', run_id)
  await store.write((tx) => {
    note(tx, { ...CALL, provider: 'demo', project_id, task_id, run_id, usage: used(1, 1), latency_ms: 1 })
    past.record(tx, [task_id])
  })
  expect(past.newest(CLASS, 9)).toEqual([])
  expect(past.newest({ ...CLASS, stand_in: true }, 9)).toHaveLength(1)
})

test('P4 the newest of a class are read off an index, however long the history is', () => {
  const { store } = bench()
  const plan = store.sqlite
    .prepare<unknown[], { detail: string }>(
      `EXPLAIN QUERY PLAN SELECT ms FROM past_task
       WHERE stand_in = ? AND tier = ? AND complexity = ? AND type = ? ORDER BY task_id DESC LIMIT ?`,
    )
    .all(0, 'fast', 'simple', 'code', 9)
  expect(plan.map((row) => row.detail)).toEqual([
    'SEARCH past_task USING INDEX past_task_class (stand_in=? AND tier=? AND complexity=? AND type=?)',
  ])
})
