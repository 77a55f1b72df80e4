import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Core } from '../../src-main/core/core.ts'
import { createCore } from '../../src-main/core/create-core.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import type { Double } from '../doubles/double-server.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, asked, billed, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { bundle } from './bundle.ts'
import type { SentAwayOptions } from './sent-away-child.ts'

const write = (content: string): Behaviour => ({
  kind: 'answer',
  tool_calls: [{ name: 'write_file', arguments: { path: 'a.md', content } }],
})
const PLAN = {
  title: 'A plan',
  tasks: [{ key: 'a', title: 'Write a', type: 'writing', complexity: 'medium', tier: 'fast', artifacts: ['a.md'] }],
}

/** A core that opens what a killed one left; its one task had been cancelled, and maybe retried, in its last commit. */
async function afterTheDeath(
  retry: SentAwayOptions['retry'],
  plan: unknown = PLAN,
): Promise<{ core: Core; double: Double; project: string }> {
  const program = await bundle('sent-away-child')
  cleanup(async () => program.remove())
  const folder = mkdtempSync(join(tmpdir(), 'baton-sent-away-'))
  cleanup(async () => rmSync(folder, { recursive: true, force: true }))
  const double = await anthropicDouble({ queue: [...(plan === null ? [] : [write('first\n')]), { kind: 'hang' }] })
  const data_dir = join(folder, 'data')
  const options: SentAwayOptions = { data_dir, anthropic: double.url, retry, plan }
  const child = spawn(process.execPath, [program.file, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
  const core = must(
    await createCore({
      ...{ data_dir, version: '0.0.0-faults', anthropic_api_key: 'sk-test', anthropic_base_url: double.url },
      ...{ ollama_host: 'http://127.0.0.1:9', demo: false, path: process.env['PATH'] },
    }),
  )
  cleanup(() => core.close(0))
  core.execute('all')
  const [project] = core.projects.list({ limit: 9 }).items
  if (project === undefined) throw new Error('The project is gone')
  return { core, double, project: project.id }
}

const only = (core: Core, project: string) => {
  const [task] = must(core.projects.tasks(project, { limit: 9 })).items
  if (task === undefined) throw new Error('The task is gone')
  return task
}
const runsOf = (core: Core, task: string) => must(core.tasks.runs(task)).items.toSorted((a, b) => a.attempt - b.attempt)

test('E4 E5 a task that was cancelled and retried from its start begins anew, also where Baton died before its run had ended', async () => {
  const { core, double, project } = await afterTheDeath('start')
  await eventually('the end', () => must(core.projects.get(project)).state === 'succeeded')
  const { id } = only(core, project)
  expect(runsOf(core, id).map(({ attempt, state }) => [attempt, state])).toEqual([
    [1, 'cancelled'],
    [2, 'succeeded'],
  ])
  expect(core.budget.get().global.reserved_micros).toBe(0)
  expect(core.budget.get().global.settled_micros).toBeGreaterThanOrEqual(billed(double))
})

test('E4 E5 E10 a task that was cancelled, undone and retried from its step does again what was put back, also where Baton died in between', async () => {
  const { core, double, project } = await afterTheDeath(null)
  const { id, state } = only(core, project)
  expect(state).toBe('cancelled')
  expect(runsOf(core, id).map((run) => run.state)).toEqual(['cancelled'])
  const file = join(must(core.projects.get(project)).workspace, 'a.md')
  expect(readFileSync(file, 'utf8')).toBe('first\n')
  must(await core.tasks.undo(id))
  expect(existsSync(file)).toBe(false)
  const before = asked(double).length
  must(await core.tasks.retry(id, 'step'))
  await eventually('the end', () => must(core.projects.get(project)).state === 'succeeded')
  const steps = runsOf(core, id).flatMap((run) => (run.attempt === 2 ? must(core.runs.steps(run.id)) : []))
  expect(steps.some((step) => step.reused)).toBe(false)
  expect(asked(double).length).toBeGreaterThan(before)
  expect(existsSync(file)).toBe(true)
})

test('E4 E5 planning of a project that was cancelled ends, also where Baton died before its run had', async () => {
  const { core, project } = await afterTheDeath(null, null)
  expect(must(core.projects.get(project)).state).toBe('cancelled')
  expect(must(core.runs.get('run_1')).state).toBe('cancelled')
})
