import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Approval } from '../../src-contract/approval.ts'
import { whyNoSandboxHere } from '../../src-main/core/sandbox/sandbox-bench.ts'
import { createApp } from '../../src-main/http/create-app.ts'
import { listen } from '../../src-main/http/listen.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { createBaton } from '../support/baton-process.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, asked, type CoreBench, coreBench, must, type TaskSketch } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

import { AUTH, TOKEN } from './served-core.ts'

const absent = await whyNoSandboxHere()
/** Not on the list: it is two commands. */
const COMMAND = 'echo one >> note.md; echo two >> note.md'
const TASK: TaskSketch = { key: 'note', tools: ['run_command'] }
const PLANNED = { ...TASK, title: 'Write a note', type: 'writing', complexity: 'medium', artifacts: ['note.md'] }

function runs(command: string = COMMAND): Behaviour {
  return { kind: 'answer', text: '', tool_calls: [{ name: 'run_command', arguments: { command } }] }
}
const WRITES: Behaviour = {
  kind: 'answer',
  text: '',
  tool_calls: [{ name: 'write_file', arguments: { path: 'note.md', content: 'By hand.\n' } }],
}
const DONE: Behaviour = { kind: 'answer', text: 'Done.' }

async function bench(...queue: Behaviour[]): Promise<{ made: CoreBench; told: () => string }> {
  const anthropic = await anthropicDouble({ queue, default: DONE })
  return { made: await coreBench({ anthropic, git: true }), told: () => JSON.stringify(asked(anthropic).at(-1)?.body) }
}

/** The only question that is open, when there is one. */
async function question(made: CoreBench): Promise<Approval> {
  await eventually('a question', () => made.core.approvals.list('open').length > 0)
  const [open] = made.core.approvals.list('open')
  if (open === undefined) throw new Error('There is no question')
  return open
}

function note(made: CoreBench, id: string): string {
  return readFileSync(join(made.project(id).workspace, 'note.md'), 'utf8')
}

test('T5 a command that is not on the list waits for its answer, also over a restart, and is then run once', async ({
  skip,
}) => {
  skip(absent !== null, absent ?? '')
  const { made } = await bench(runs(), DONE)
  const { id } = await made.start([TASK])
  await made.taskReaches(id, 'note', 'waiting')
  expect(made.task(id, 'note')).toMatchObject({ waiting_on: 'approval', reason: expect.stringMatching(/inbox/) })
  const open = await question(made)
  expect(open).toMatchObject({ kind: 'call', tool: 'run_command', risk: 'execute', state: 'open' })
  expect(open.arguments['command']).toBe(COMMAND)

  await made.reopen()
  expect(await question(made)).toEqual(open)
  must(await made.core.approvals.decide({ id: open.id, decision: 'allow', remember: 'once', note: '' }))
  await made.reaches(id, 'succeeded')
  expect(note(made, id)).toBe('one\ntwo\n')
  const again = await made.core.approvals.decide({ id: open.id, decision: 'deny', remember: 'once', note: '' })
  expect(again).toMatchObject({ ok: false, error: { code: 'conflict' } })
  expect(made.core.events.list({ type: 'approval.state' }, 10).items.map(({ data }) => data)).toMatchObject([
    { state: 'open' },
    { state: 'allowed' },
  ])
})

test('T5 what a person denies is not run, and the model is told why', async ({ skip }) => {
  skip(absent !== null, absent ?? '')
  const { made, told } = await bench(runs(), WRITES, DONE)
  const { id } = await made.start([TASK])
  const open = await question(made)
  must(await made.core.approvals.decide({ id: open.id, decision: 'deny', remember: 'once', note: 'Write the file.' }))
  await made.reaches(id, 'succeeded')
  expect(note(made, id)).toBe('By hand.\n')
  const steps = must(made.core.tasks.runs(made.task(id, 'note').id)).items.flatMap((run) =>
    must(made.core.runs.steps(run.id)),
  )
  const denied = steps.find((step) => step.name === 'run_command')
  expect(JSON.stringify(denied?.output)).toMatch(/does not allow this call.*They said: Write the file\./)
  expect(told()).toContain('closing note')
})

test('T5 an answer is remembered for the project where the person says so, and for nothing else', async ({ skip }) => {
  skip(absent !== null, absent ?? '')
  const { made } = await bench(runs(), runs(), runs('cat note.md | wc -l'), DONE)
  const { id } = await made.start([TASK])
  const first = await question(made)
  must(await made.core.approvals.decide({ id: first.id, decision: 'allow', remember: 'project', note: '' }))
  const second = await question(made)
  expect(second.arguments['command']).toBe('cat note.md | wc -l')
  expect(note(made, id)).toBe('one\ntwo\none\ntwo\n')
  must(await made.core.approvals.decide({ id: second.id, decision: 'allow', remember: 'once', note: '' }))
  await made.reaches(id, 'succeeded')
})

test('T5 a command on the list is run without a question, and with commands switched off none is', async ({ skip }) => {
  skip(absent !== null, absent ?? '')
  const { made } = await bench(runs('mkdir made'), runs('touch note.md'), WRITES, DONE)
  const { id } = await made.start([TASK])
  await made.reaches(id, 'succeeded')
  expect(made.core.approvals.list('all')).toEqual([])

  const off = await bench(runs('touch note.md'), WRITES, DONE)
  must(await off.made.core.settings.change({ command_policy: 'deny' }))
  const project = await off.made.start([TASK])
  await off.made.reaches(project.id, 'succeeded')
  const [run] = must(off.made.core.tasks.runs(off.made.task(project.id, 'note').id)).items
  const step = must(off.made.core.runs.steps(run?.id ?? '')).find(({ name }) => name === 'run_command')
  expect(JSON.stringify(step?.output)).toMatch(/switched off in the settings/)
})

test('E5 T5 a command that a dead core had begun is not done again before a person says so', async ({ skip }) => {
  skip(absent !== null, absent ?? '')
  const { made } = await bench(runs('touch note.md; sleep 600'), DONE)
  must(await made.core.settings.change({ command_policy: 'allow' }))
  const { id } = await made.start([TASK])
  const steps = () =>
    must(made.core.runs.steps(must(made.core.tasks.runs(made.task(id, 'note').id)).items[0]?.id ?? ''))
  await eventually('the file that the command makes', () => existsSync(join(made.project(id).workspace, 'note.md')))
  expect(steps()).toContainEqual(expect.objectContaining({ name: 'run_command', state: 'sent' }))
  await made.close(0)
  await made.reopen()
  const open = await question(made)
  expect(open).toMatchObject({ kind: 'repeat', tool: 'run_command' })
  must(await made.core.approvals.decide({ id: open.id, decision: 'deny', remember: 'once', note: '' }))
  await made.reaches(id, 'succeeded', 'failed')
})

test('E4 E5 T5 a command that a dead core had begun is asked about again where its task was cancelled and retried meanwhile', async ({
  skip,
}) => {
  skip(absent !== null, absent ?? '')
  const { made } = await bench(runs('echo made >> note.md; sleep 600'), DONE)
  must(await made.core.settings.change({ command_policy: 'allow' }))
  const { id } = await made.start([TASK])
  await eventually('the file that the command makes', () => existsSync(join(made.project(id).workspace, 'note.md')))
  await made.close(0)
  await made.reopen()
  const { id: first } = await question(made)
  const { id: task } = made.task(id, 'note')
  must(await made.core.tasks.cancel(task))
  must(await made.core.tasks.retry(task, 'step'))
  const second = await eventually('another question', () =>
    made.core.approvals.list('open').find((open) => open.id !== first),
  )
  expect(second).toMatchObject({ kind: 'repeat', tool: 'run_command' })
  must(await made.core.approvals.decide({ id: second.id, decision: 'deny', remember: 'once', note: '' }))
  await made.reaches(id, 'succeeded', 'failed')
  expect(note(made, id)).toBe('made\n')
  // The attempt in which it was begun says what is known of it, from the next start on.
  await made.reopen()
  const old = must(made.core.tasks.runs(task)).items.find(({ attempt }) => attempt === 1)
  expect(must(made.core.runs.steps(old?.id ?? ''))).toContainEqual(
    expect.objectContaining({ name: 'run_command', state: 'unknown' }),
  )
})

test('T5 X1 a run in the terminal ends with 4 where a command waits, and baton approvals shows and answers it', async ({
  skip,
}) => {
  skip(absent !== null, absent ?? '')
  const anthropic = await anthropicDouble({ queue: [runs(), DONE], default: DONE })
  const baton = createBaton({ anthropic: anthropic.url })
  cleanup(() => baton.close())
  const plan = join(baton.folder, 'plan.json')
  writeFileSync(plan, JSON.stringify({ title: 'A note', tasks: [PLANNED] }))
  const stopped = await baton.run(['run', plan, '--yes', '--json'])
  expect(stopped.code).toBe(4)
  const shown = await baton.run(['approvals'])
  expect(shown.stdout).toContain(COMMAND)
  const id = /apr_\S+/.exec(shown.stdout)?.[0] ?? ''
  expect((await baton.run(['approvals', '--allow', id])).code).toBe(0)
  expect((await baton.run(['approvals', '--allow', id])).code).toBe(1)
  expect((await baton.run(['resume', '--json'])).code).toBe(0)
})

test('T5 A2 the port shows what waits and takes the answer, with the token only', async ({ skip }) => {
  skip(absent !== null, absent ?? '')
  const { made } = await bench(runs(), DONE)
  const app = createApp({ core: made.core, version: '0.0.0-test', token: TOKEN, ui_dir: made.data_dir })
  const listener = must(await listen(app, { port: 0 }))
  cleanup(() => listener.close())
  const url = `http://127.0.0.1:${listener.port}/api/approvals`
  const { id } = await made.start([TASK])
  const open = await question(made)
  expect((await fetch(url)).status).toBe(401)
  const listed = await (await fetch(url, { headers: AUTH })).json()
  expect(listed).toEqual({ items: [open], next_cursor: null })
  const answer = { method: 'POST', headers: { ...AUTH, 'content-type': 'application/json' } }
  const wrong = await fetch(`${url}/${open.id}`, { ...answer, body: '{"decision":"maybe"}' })
  expect(wrong.status).toBe(400)
  const taken = await fetch(`${url}/${open.id}`, { ...answer, body: '{"decision":"allow","remember":"task"}' })
  expect(await taken.json()).toMatchObject({ state: 'allowed', remembered: 'task' })
  await made.reaches(id, 'succeeded')
  expect((await fetch(`${url}/apr_zzz`, { ...answer, body: '{"decision":"deny"}' })).status).toBe(404)
})

test('T5 a project has its own policy by risk: it asks about files, forbids them, or lets commands run unasked', async ({
  skip,
}) => {
  const asks = (await bench(WRITES, DONE)).made
  const careful = await asks.start([{ key: 'note', tools: ['write_file'] }], { tool_policy: { write: 'ask' } })
  const open = await question(asks)
  expect(open).toMatchObject({
    tool: 'write_file',
    risk: 'write',
    arguments: { path: 'note.md', content: 'By hand.\n' },
  })
  must(await asks.core.approvals.decide({ id: open.id, decision: 'allow', remember: 'once', note: '' }))
  await asks.reaches(careful.id, 'succeeded')
  expect(asks.project(careful.id).tool_policy).toEqual({ write: 'ask' })

  const { made: forbids } = await bench(WRITES)
  const closed = await forbids.start([{ key: 'note', tools: ['write_file'] }], { tool_policy: { write: 'deny' } })
  await forbids.reaches(closed.id, 'failed')
  const attempts = must(forbids.core.tasks.runs(forbids.task(closed.id, 'note').id)).items
  const outputs = attempts.flatMap(({ id }) => must(forbids.core.runs.steps(id))).map(({ output }) => output)
  expect(JSON.stringify(outputs)).toContain('write_file is not allowed in this project')
  expect(existsSync(join(forbids.project(closed.id).workspace, 'note.md'))).toBe(false)

  skip(absent !== null, absent ?? '')
  const { made: lets } = await bench(runs(), DONE)
  const free = await lets.start([TASK], { tool_policy: { execute: 'allow' } })
  await lets.reaches(free.id, 'succeeded')
  expect(note(lets, free.id)).toBe('one\ntwo\n')
  expect(lets.core.approvals.list('all')).toEqual([])
})

test('T5 what the settings forbid, no project allows', async ({ skip }) => {
  skip(absent !== null, absent ?? '')
  const { made } = await bench(runs(), WRITES, DONE)
  must(await made.core.settings.change({ command_policy: 'deny' }))
  const { id } = await made.start([TASK], { tool_policy: { execute: 'allow' } })
  await made.reaches(id, 'succeeded')
  expect(note(made, id)).toBe('By hand.\n')
})
