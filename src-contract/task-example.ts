import type { Task } from './task.ts'

const MADE = '2026-11-20T10:00:00.000Z'

/** For tests: a finished task that somebody wrote, but for what `change` says. */
export function exampleTask(change: Partial<Task>): Task {
  return {
    id: 'tsk_1',
    project_id: 'prj_1',
    key: 't1',
    position: 0,
    title: 'Write',
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
    state: 'succeeded',
    waiting_on: null,
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
    created_at: MADE,
    started_at: null,
    ended_at: null,
    ...change,
  }
}
