import { expect, test } from 'vitest'
import type { Attempt } from '#contract/attempt.ts'
import type { Task } from '#contract/task.ts'
import { spansOfAttempts, spansOfTasks } from './timeline-spans.ts'

const at = (second: number) => new Date(second * 1_000).toISOString()

const task = {
  id: 'tsk_1',
  state: 'running',
  started_at: at(10),
  ended_at: null,
  profile: 'llama',
  paid: false,
} as Task
const failed: Attempt = {
  ...{ run_id: 'run_1', task_id: 'tsk_1', attempt: 1, state: 'failed', profile: 'llama', paid: false, cost_micros: 0 },
  ...{ from: at(1), to: at(5), phases: [{ name: 'tool_exec', from: at(2), to: at(5) }], waits: [] },
}
const waiting: Attempt = {
  ...{ run_id: 'run_2', task_id: 'tsk_1', attempt: 2, state: 'waiting', profile: 'claude', paid: true, cost_micros: 7 },
  ...{ from: at(10), to: null, phases: [], waits: [{ from: at(12), to: null, reason: 'Waits for you.' }] },
}

test('U2 each attempt is a span of its own, and what goes on reaches until now', () => {
  const [first, second, ...others] = spansOfAttempts([failed, waiting], [task], 20_000)
  expect(others).toEqual([])
  expect(first).toMatchObject({ id: 'run_1', attempt: 1, state: 'failed', from: 1_000, to: 5_000 })
  expect(first?.phases).toEqual([{ name: 'tool_exec', from: 2_000, to: 5_000 }])
  expect(second).toMatchObject({ id: 'run_2', paid: true, profile: 'claude', from: 10_000, to: 20_000 })
  expect(second?.waits).toEqual([{ reason: 'Waits for you.', from: 12_000, to: 20_000 }])
  // What the filter left out is not drawn.
  expect(spansOfAttempts([failed, waiting], [], 20_000)).toEqual([])
})

test('U2 a task alone tells of its last run, and of nothing where it never ran', () => {
  const never = { ...task, id: 'tsk_2', started_at: null }
  expect(spansOfTasks([task, never], 20_000)).toMatchObject([{ id: 'tsk_1', from: 10_000, to: 20_000, waits: [] }])
})
