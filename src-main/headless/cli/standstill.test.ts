import { expect, test } from 'vitest'
import { encodeId } from '#contract/ids.ts'
import { type Project, project } from '#contract/project.ts'
import type { Task } from '#contract/task.ts'
import { exampleTask } from '#contract/task-example.ts'
import { type Around, ending, standstill } from './standstill.ts'
import type { ProjectView } from './watch-project.ts'

const NOW = '2026-11-20T00:00:00.000Z'

function view(
  state: Project['state'],
  tasks: readonly (Pick<Task, 'state' | 'waiting_on'> & Partial<Task>)[],
): ProjectView {
  return {
    project: project.parse({
      id: 'prj_1',
      name: 'Birds',
      requirements: 'Birds',
      state,
      reason: '',
      waiting_on: null,
      workspace: '/tmp',
      attachments: [],
      budget_micros: null,
      limit_micros: null,
      local_only: false,
      can_wait: false,
      kind: 'plan',
      allowed_hosts: [],
      tool_policy: {},
      profile: null,
      priority: 1,
      plan_id: null,
      replan: null,
      spent_micros: 0,
      imported_micros: 0,
      source_id: null,
      reserved_micros: 0,
      task_counts: {
        pending: 0,
        ready: 0,
        running: 0,
        succeeded: 0,
        failed: 0,
        cancelled: 0,
        skipped: 0,
        waiting: 0,
        blocked: 0,
      },
      result: null,
      created_at: NOW,
      updated_at: NOW,
      started_at: null,
      ended_at: null,
    }),
    tasks: tasks.map((each, index) =>
      exampleTask({ id: encodeId('task', index + 1), key: `t${index}`, position: index, ...each }),
    ),
  }
}

const waits = (waiting_on: Task['waiting_on'], more: Partial<Task> = {}) => ({
  ...{ state: 'waiting' as const, waiting_on, run_id: 'run_1' },
  ...more,
})

const AROUND: Around = {
  ...{ all_paused: false, budget_final: false, paid_plan: false },
  ...{ refused: false, no_model: false, may_return: false },
}
const SPENT = { ...AROUND, budget_final: true }
const REFUSED = { ...AROUND, refused: true }

/** A first plan that waits. */
function planning(waiting_on: Task['waiting_on']): ProjectView {
  const { project } = view('waiting', [])
  return { project: { ...project, waiting_on }, tasks: [] }
}

test('X1 ends with 3 where the money is spent, and goes on where it is only set aside', () => {
  expect(standstill(view('waiting', [waits('budget')]), SPENT)).toEqual([3])
  expect(standstill(view('waiting', [waits('budget')]), AROUND)).toEqual([])
  expect(standstill(planning('budget'), SPENT)).toEqual([3])
  expect(standstill(planning('budget'), AROUND)).toEqual([])
})

test('X1 tells of a needed approval beside the budget', () => {
  expect(standstill(view('waiting', [waits('budget'), waits('approval')]), SPENT)).toEqual([3, 4])
  expect(standstill(planning('approval'), AROUND)).toEqual([4])
})

test.each(['resource', 'rate_limit', 'retry', 'lock', 'batch'] as const)('H2 waits on where %s can heal', (what) => {
  expect(standstill(view('waiting', [waits(what), waits('budget')]), SPENT)).toEqual([])
  expect(standstill(planning(what), SPENT)).toEqual([])
})

test('X1 ends with 1 where a paid service refused the key, for that does not heal by itself', () => {
  const paid = waits('resource', { paid: true })
  expect(standstill(view('waiting', [paid, waits('resource')]), REFUSED)).toEqual([1])
  expect(standstill(planning('resource'), { ...REFUSED, paid_plan: true })).toEqual([1])
  // Of another service, or of a local model.
  expect(standstill(view('waiting', [paid]), AROUND)).toEqual([])
  expect(standstill(planning('resource'), REFUSED)).toEqual([])
})

test('X1 H2 waits on where a paid service is asked again at a time', () => {
  const rests = waits('resource', { paid: true, resumes_at: NOW })
  expect(standstill(view('waiting', [rests]), { ...REFUSED, no_model: true })).toEqual([])
})

test('X1 R3 ends with 1 where no model can take the work and none may come back', () => {
  const unplaced = view('waiting', [waits('resource', { run_id: null })])
  expect(standstill(unplaced, AROUND)).toEqual([1])
  expect(standstill(unplaced, { ...AROUND, may_return: true })).toEqual([])
  const begun = view('waiting', [waits('resource')])
  expect(standstill(begun, { ...AROUND, no_model: true })).toEqual([1])
  expect(standstill(begun, { ...AROUND, no_model: true, may_return: true })).toEqual([])
})

test('X1 E4 ends with 130 where a person paused the project, all that is left of it, or everything', () => {
  const held = { state: 'ready' as const, waiting_on: null, held: true }
  expect(standstill(view('paused', []), AROUND)).toEqual([130])
  expect(standstill(view('waiting', [held]), AROUND)).toEqual([130])
  expect(standstill(view('waiting', [held, { state: 'ready', waiting_on: null }]), AROUND)).toEqual([])
  expect(standstill(view('waiting', [held, waits('rate_limit')]), AROUND)).toEqual([])
  expect(standstill(view('planning', []), { ...AROUND, all_paused: true })).toEqual([130])
})

test('X1 does not take work that moves for a standstill', () => {
  expect(standstill(view('executing', [waits('budget')]), SPENT)).toEqual([])
})

test('X1 knows the ends of a project', () => {
  expect(ending(view('succeeded', []), true)).toEqual([0])
  expect(ending(view('failed', []), true)).toEqual([1])
  expect(ending(view('cancelled', [waits('budget')]), true)).toContain(3)
  expect(ending(view('draft', []), true)).toEqual([1])
  expect(ending(view('draft', []), false)).toBeNull()
  expect(ending(view('executing', []), true)).toBeNull()
})
