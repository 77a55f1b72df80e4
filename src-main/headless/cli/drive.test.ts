import { expect, test } from 'vitest'
import { encodeId } from '#contract/ids.ts'
import { type Project, project } from '#contract/project.ts'
import { type Task, task } from '#contract/task.ts'
import { ending, standstill } from './drive.ts'
import type { ProjectView } from './watch-project.ts'

const NOW = '2026-11-20T00:00:00.000Z'

function view(
  state: Project['state'],
  tasks: readonly (Pick<Task, 'state' | 'waiting_on'> & { paid?: boolean })[],
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
      task.parse({
        id: encodeId('task', index + 1),
        project_id: 'prj_1',
        key: `t${index}`,
        position: index,
        title: 'Owl',
        description: '',
        type: 'writing',
        complexity: 'simple',
        tier: null,
        tools: [],
        acceptance: [],
        verify_command: null,
        write_scope: [],
        hosts: [],
        artifacts: [],
        depends_on: [],
        priority: 1,
        reason: '',
        held: false,
        at_once: false,
        resumes_at: null,
        attempts: 1,
        run_id: null,
        run_phase: null,
        profile: null,
        paid: false,
        input_tokens: 0,
        output_tokens: 0,
        cost_micros: 0,
        output: '',
        created_at: NOW,
        started_at: null,
        ended_at: null,
        ...each,
      }),
    ),
  }
}

const waits = (waiting_on: Task['waiting_on']) => ({ state: 'waiting' as const, waiting_on })

test('X1 ends with 3 where the money is spent, and goes on where it is only set aside', () => {
  expect(standstill(view('waiting', [waits('budget')]), true)).toEqual([3])
  expect(standstill(view('waiting', [waits('budget')]), false)).toEqual([])
  expect(standstill(view('waiting', []), true)).toEqual([3])
})

test('X1 tells of a needed approval beside the budget', () => {
  expect(standstill(view('waiting', [waits('budget'), waits('approval')]), true)).toEqual([3, 4])
})

test.each(['resource', 'rate_limit', 'retry', 'lock', 'batch'] as const)('H2 waits on where %s can heal', (what) => {
  expect(standstill(view('waiting', [waits(what), waits('budget')]), true)).toEqual([])
})

test('X1 ends with 1 where a paid service refused the key, for that does not heal by itself', () => {
  expect(standstill(view('waiting', [{ ...waits('resource'), paid: true }, waits('resource')]), false)).toEqual([1])
})

test('E3 X1 waits on where what holds the first plan back passes by itself, and ends with 3 where that is money', () => {
  const { project } = view('waiting', [])
  const planning = (waiting_on: Task['waiting_on']) => ({ project: { ...project, waiting_on }, tasks: [] })
  expect(standstill(planning('rate_limit'), true)).toEqual([])
  expect(standstill(planning('budget'), true)).toEqual([3])
})

test('X1 does not take work that moves for a standstill', () => {
  expect(standstill(view('executing', [waits('budget')]), true)).toEqual([])
})

test('X1 knows the ends of a project', () => {
  expect(ending(view('succeeded', []), true)).toEqual([0])
  expect(ending(view('failed', []), true)).toEqual([1])
  expect(ending(view('cancelled', [waits('budget')]), true)).toContain(3)
  expect(ending(view('draft', []), true)).toEqual([1])
  expect(ending(view('draft', []), false)).toBeNull()
  expect(ending(view('executing', []), true)).toBeNull()
})
