import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Approval } from '../../src-contract/approval.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { createBaton } from '../support/baton-process.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, asked, type CoreBench, coreBench, must, type TaskSketch } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const QUESTION = 'Which colour has the owl?\n<b>Choose</b>'
const TASK: TaskSketch = { key: 'note', tools: ['ask_user'] }

function calls(name: string, given: Record<string, unknown>): Behaviour {
  return { kind: 'answer', text: '', tool_calls: [{ name, arguments: given }] }
}
const ASKS = calls('ask_user', { question: QUESTION, options: ['brown', 'white'] })
const WRITES = calls('write_file', { path: 'note.md', content: 'It is white.\n' })
const DONE: Behaviour = { kind: 'answer', text: 'Done.' }

async function bench(...queue: Behaviour[]) {
  const anthropic = await anthropicDouble({ queue, default: DONE })
  return { anthropic, made: await coreBench({ anthropic }) }
}

async function question(made: CoreBench): Promise<Approval> {
  return eventually('a question', () => made.core.approvals.list('open')[0])
}

test('T2 a question waits for its answer, also over a restart, and the answer is the result of the call', async () => {
  const { made, anthropic } = await bench(ASKS, WRITES, DONE)
  const { id } = await made.start([TASK])
  await made.taskReaches(id, 'note', 'waiting')
  expect(made.task(id, 'note')).toMatchObject({ waiting_on: 'approval', reason: expect.stringMatching(/question/) })
  const open = await question(made)
  expect(open).toMatchObject({ kind: 'question', tool: 'ask_user', state: 'open' })
  expect(open.arguments).toEqual({ question: QUESTION, options: ['brown', 'white'] })

  await made.reopen()
  expect(await question(made)).toEqual(open)
  const empty = await made.core.approvals.decide({ id: open.id, decision: 'allow', remember: 'once', note: ' ' })
  expect(empty).toMatchObject({ ok: false, error: { code: 'bad_request' } })
  must(await made.core.approvals.decide({ id: open.id, decision: 'allow', remember: 'project', note: 'white, please' }))
  await made.reaches(id, 'succeeded')
  expect(made.core.approvals.list('all')).toMatchObject([{ state: 'allowed', remembered: 'once' }])
  const told = asked(anthropic).map(({ body }) => JSON.stringify(body))
  expect(told.some((body) => body.includes('white, please'))).toBe(true)
  const [run] = must(made.core.tasks.runs(made.task(id, 'note').id)).items
  const step = must(made.core.runs.steps(run?.id ?? '')).find(({ name }) => name === 'ask_user')
  expect(step).toMatchObject({ state: 'done', output: { is_error: false, text: 'white, please' } })
})

test('T2 a question that is left to the model goes back as such, and each question is asked anew', async () => {
  const { made, anthropic } = await bench(ASKS, ASKS, WRITES, DONE)
  const { id } = await made.start([TASK])
  const first = await question(made)
  must(await made.core.approvals.decide({ id: first.id, decision: 'deny', remember: 'project', note: 'No idea.' }))
  const second = await eventually('the second question', () =>
    made.core.approvals.list('open').find((open) => open.id !== first.id),
  )
  must(await made.core.approvals.decide({ id: second.id, decision: 'allow', remember: 'once', note: 'brown' }))
  await made.reaches(id, 'succeeded')
  expect(JSON.stringify(asked(anthropic).map(({ body }) => body))).toMatch(/does not answer.*They said: No idea\./)
})

test('T2 X1 baton approvals shows a question as plain text and takes the answer', async () => {
  const anthropic = await anthropicDouble({
    queue: [calls('ask_user', { question: 'Red\u001b[2J or blue?' }), WRITES, DONE],
    default: DONE,
  })
  const baton = createBaton({ anthropic: anthropic.url })
  cleanup(() => baton.close())
  const plan = join(baton.folder, 'plan.json')
  const task = { key: 'note', title: 'Note', type: 'writing', complexity: 'medium', artifacts: ['note.md'] }
  writeFileSync(plan, JSON.stringify({ title: 'A note', tasks: [{ ...task, tools: ['ask_user'] }] }))
  const stopped = await baton.run(['run', plan, '--yes'])
  expect(stopped.code).toBe(4)
  expect(stopped.stdout + stopped.stderr).toContain('baton approvals')
  const shown = await baton.run(['approvals'])
  expect(shown.stdout).toMatch(/Red \[2J or blue\?/)
  const id = /apr_\S+/.exec(shown.stdout)?.[0] ?? ''
  expect((await baton.run(['approvals', '--answer', id])).code).toBe(2)
  expect((await baton.run(['approvals', '--answer', id, '--note', 'blue'])).code).toBe(0)
  expect((await baton.run(['resume', '--json'])).code).toBe(0)
  expect(JSON.stringify(asked(anthropic).map(({ body }) => body))).toContain('blue')
})
