import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newRun } from '../../src-contract/new-run.ts'
import type { RunDetail, RunStreamItem } from '../../src-contract/run.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { anthropicDouble, asked, billed, type CoreBench, coreBench, must, ollamaDouble } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const PARIS = { prompt: 'Plan a trip to Paris', max_days: 5, budget_usd_cents: 250 }

async function ask(bench: CoreBench, body: unknown = PARIS): Promise<string> {
  return must(await bench.core.runs.create(newRun.parse(body))).run_id
}

async function ends(bench: CoreBench, id: string): Promise<RunDetail> {
  return eventually(`the end of ${id}`, () => {
    const now = must(bench.core.runs.get(id))
    return ['succeeded', 'failed', 'cancelled'].includes(now.status) && now
  })
}

function nodes(bench: CoreBench, id: string): string[] {
  return must(bench.core.runs.events(id)).map(({ node, phase }) => `${node} ${phase}`)
}

function fileOf(bench: CoreBench, run: RunDetail, path: string): string {
  return readFileSync(join(bench.project(run.project_id).workspace, path), 'utf8')
}

const answer = (value: unknown): Behaviour => ({ kind: 'answer', text: JSON.stringify(value) })
const INTENT = answer({ goal: 'A trip to Paris', type: 'writing', complexity: 'simple' })
const APPROACH = answer({ title: 'A trip', steps: ['Write it'], artifacts: ['trip.md'], acceptance: [] })
const SELECTION = answer({ tier: 'local', tools: ['write_file'], why: 'It is easy.' })
const IDLE: Behaviour = { kind: 'answer', text: 'Done, all is written.' }
const WRITE: Behaviour = {
  kind: 'answer',
  tool_calls: [{ name: 'write_file', arguments: { path: 'trip.md', content: '# Paris\n\nFive days.\n' } }],
}

const PATH = ['intent', 'planner', 'selector', 'tool_exec', 'verifier', 'synth', 'responder']
const BOTH = (names: readonly string[]): string[] => names.flatMap((name) => [`${name} started`, `${name} completed`])

test('G6 a free prompt on the demo model passes every phase and leaves a file and an answer', async () => {
  const bench = await coreBench({ demo: true })
  const id = await ask(bench, { ...PARIS, profile: 'demo' })
  const run = await ends(bench, id)
  expect(run).toMatchObject({
    status: 'succeeded',
    state: 'succeeded',
    prompt: PARIS.prompt,
    constraints: { max_days: 5 },
    artifacts: ['plan-a-trip-to-paris.md'],
    cost_micros: 0,
    limit_micros: 2_500_000,
  })
  expect(run.answer).toMatch(/no AI/)
  expect(fileOf(bench, run, 'plan-a-trip-to-paris.md')).toMatch(/Paris/)
  expect(nodes(bench, id)).toEqual(BOTH(PATH))
  const last = must(bench.core.runs.events(id)).at(-1)
  expect(last?.payload).toEqual({ answer: run.answer, artifacts: run.artifacts })
  const project = await bench.reaches(run.project_id, 'succeeded')
  expect(project.result).toMatchObject({ summary: run.answer, summary_by: 'demo' })
})

test('G2 intent, planner and selector of a free prompt are model calls that see the constraints, then the chosen tier works', async () => {
  const ollama = await ollamaDouble()
  const anthropic = await anthropicDouble()
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  const id = await ask(bench, { ...PARIS, dietary: { vegan: true, allergies: ['nuts'] } })
  const run = await ends(bench, id)
  expect(run, run.reason).toMatchObject({ status: 'succeeded', tier: 'local', profile: 'ollama:llama3.2:latest' })
  const steps = must(bench.core.runs.steps(id)).filter((step) => step.kind === 'model')
  expect(steps.map(({ phase }) => phase)).toEqual([
    ...['intent', 'planner', 'selector', 'tool_exec', 'tool_exec', 'verifier'],
  ])
  for (const { body } of asked(anthropic).slice(0, 3)) {
    expect(JSON.stringify(body)).toContain('\\"max_days\\":5')
    expect(JSON.stringify(body)).toContain('nuts')
  }
  // Those who plan are of the planner's tier; what they chose does the work, and knows the constraints too.
  expect(JSON.stringify(asked(ollama)[0]?.body)).toContain('\\"max_days\\":5')
  expect(fileOf(bench, run, 'answer.md')).not.toBe('')
  expect(bench.core.budget.get().global.settled_micros).toBe(billed(anthropic))
  expect(run.cost_micros).toBe(billed(anthropic))
  expect(bench.project(run.project_id).name).toBe('An answer in one file')
})

test('G6 P3 what cannot be read goes back once with the reason, then the run fails and says why', async () => {
  const anthropic = await anthropicDouble({
    queue: [
      { kind: 'answer', text: 'Certainly! ```json\n{"goal": "Paris", "type": "travel", "complexity": "simple"}\n```' },
      { kind: 'answer', text: 'Here: ```json\n{"goal": "Paris", "type": "writing", "complexity": "simple",}\n```' },
      answer({ title: 'T', steps: [], artifacts: ['../../etc/passwd'], acceptance: [] }),
      answer({ title: 'T', steps: [], artifacts: ['/etc/passwd'], acceptance: [] }),
    ],
  })
  const bench = await coreBench({ anthropic })
  const id = await ask(bench)
  const run = await ends(bench, id)
  expect(run.status).toBe('failed')
  expect(run.reason).toMatch(/asked twice \(planner\).*artifacts\.0/)
  expect(nodes(bench, id)).toEqual([...BOTH(['intent']), 'planner started', 'planner failed'])
  expect(JSON.stringify(asked(anthropic)[1]?.body)).toMatch(/could not be used:.*type: /)
  expect(asked(anthropic)).toHaveLength(4)
  expect((await bench.reaches(run.project_id, 'failed')).reason).toMatch(/asked twice/)
})

test('G4 a free prompt climbs inside its run, whose number stays, and knows it after each restart', async () => {
  const ollama = await ollamaDouble({ default: IDLE })
  const anthropic = await anthropicDouble({ queue: [INTENT, APPROACH, SELECTION, WRITE, IDLE] })
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  const id = await ask(bench)
  const run = await ends(bench, id)
  expect(run, run.reason).toMatchObject({ status: 'succeeded', tier: 'fast', attempt: 1, repairs: 2 })
  expect(asked(ollama)).toHaveLength(3)
  expect(asked(anthropic)).toHaveLength(5)
  const marks = must(bench.core.runs.events(id))
  expect(
    marks.filter(({ node, phase }) => node === 'repair' && phase === 'started').map((mark) => mark.payload),
  ).toEqual([{}, {}, { climbed: { from: 'local', to: 'fast' } }])
  expect(marks.map(({ sequence }) => sequence)).toEqual(marks.map((_, index) => index))
  const told = bench.core.events.list({ project_id: run.project_id, type: 'task.escalated' }, 100).items
  expect(told).toHaveLength(1)
})

test('G6 B1 the budget of a free prompt holds, and more lets it go on', async () => {
  const anthropic = await anthropicDouble()
  const bench = await coreBench({ anthropic })
  const id = await ask(bench, { prompt: 'Plan a trip to Paris', budget_usd_cents: 0 })
  const waiting = await eventually('the wait for money', () => {
    const now = must(bench.core.runs.get(id))
    return now.waiting_on === 'budget' && now
  })
  expect(waiting).toMatchObject({ status: 'waiting', limit_micros: 0, cost_micros: 0 })
  expect(waiting.reason).not.toBe('')
  expect(asked(anthropic)).toHaveLength(0)
  must(await bench.core.projects.change(waiting.project_id, { budget_micros: 1_000_000 }))
  const run = await ends(bench, id)
  expect(run.status, run.reason).toBe('succeeded')
  expect(run.cost_micros).toBe(billed(anthropic))
  expect(run.cost_micros).toBeLessThanOrEqual(1_000_000)
})

test('G6 a free prompt can be cancelled, once', async () => {
  const anthropic = await anthropicDouble({ default: { kind: 'hang' } })
  const bench = await coreBench({ anthropic })
  const id = await ask(bench)
  await eventually('the first call', () => asked(anthropic).length === 1)
  must(await bench.core.runs.cancel(id))
  expect(await ends(bench, id)).toMatchObject({ status: 'cancelled', reason: expect.stringMatching(/[Cc]ancelled/) })
  const again = await bench.core.runs.cancel(id)
  expect(again).toMatchObject({ ok: false, error: { code: 'conflict' } })
})

test('G6 constraints are bounded plain data', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : { deeper: nested(depth - 1) })
  const refused = (body: unknown): string => newRun.safeParse(body).error?.issues[0]?.message ?? ''
  expect(refused(JSON.parse('{"prompt":"x","__proto__":{"admin":true}}'))).toMatch(/__proto__/)
  expect(refused(JSON.parse('{"prompt":"x","a":[{"__proto__":1}]}'))).toMatch(/__proto__/)
  expect(refused({ prompt: 'x', deep: nested(9) })).toMatch(/deep/)
  expect(refused({ prompt: 'x', long: 'y'.repeat(8_001) })).toMatch(/8000/)
  expect(refused({ prompt: ' ' })).toMatch(/empty/)
  expect(refused({ prompt: 'x', budget_usd_cents: -1 })).not.toBe('')
  expect(refused({ prompt: 'x', deep: nested(7), constructor: 'a builder' })).toBe('')
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
})

test('G6 free prompts are listed newest first, and their folders are their own', async () => {
  const bench = await coreBench({ demo: true })
  const ids = []
  for (const prompt of ['One', 'Two', 'Three']) ids.push(await ask(bench, { prompt, profile: 'demo' }))
  for (const id of ids) await ends(bench, id)
  const first = bench.core.runs.list({ limit: 2 })
  const rest = bench.core.runs.list({ limit: 2, cursor: first.next_cursor ?? '' })
  expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids.toReversed())
  expect(rest.next_cursor).toBeNull()
  const folders = first.items.map(({ project_id }) => bench.project(project_id).workspace)
  expect(new Set(folders).size).toBe(2)
  expect(folders.every((folder) => existsSync(folder))).toBe(true)
})

test('G6 the run of a planned task is followed in the same way, and has no prompt', async () => {
  const bench = await coreBench({ demo: true })
  const { id } = await bench.start([{ key: 'note' }], { profile: 'demo' })
  const { run_id } = await bench.taskReaches(id, 'note', 'succeeded')
  const run = must(bench.core.runs.get(run_id ?? ''))
  expect(run).toMatchObject({ status: 'succeeded', prompt: null, constraints: null, artifacts: ['note.md'] })
  const items: RunStreamItem[] = []
  for await (const item of must(bench.core.runs.stream(run.id, {}, new AbortController().signal))) items.push(item)
  expect(items.at(-1)).toEqual({ kind: 'done', status: 'succeeded' })
  const told = items.flatMap((item) => (item.kind === 'run_event' ? [item.event] : []))
  expect(told).toEqual(must(bench.core.runs.events(run.id)))
  expect(told.map(({ node, phase }) => `${node} ${phase}`)).toEqual(BOTH(PATH))
  expect(bench.core.runs.list({ limit: 10 }).items).toEqual([])
})

test('E4 a free prompt that failed is retried with what was decided, as a person has changed it since', async () => {
  const anthropic = await anthropicDouble({ queue: [INTENT, APPROACH, SELECTION], default: IDLE })
  const bench = await coreBench({ anthropic })
  must(await bench.core.settings.change({ max_repairs: 0, highest_tier: 'local' }))
  const failed = await ends(bench, await ask(bench))
  expect(failed, failed.reason).toMatchObject({ status: 'failed' })
  expect(failed.reason).toMatch(/trip\.md was promised but is not there/)
  const before = asked(anthropic).length
  const task = failed.task_id ?? ''
  must(await bench.core.tasks.change(task, { artifacts: [] }))
  must(await bench.core.tasks.retry(task, 'start'))
  await bench.reaches(failed.project_id, 'succeeded')
  // Nothing had to be thought again.
  expect(asked(anthropic).length).toBe(before + 1)
  const [second] = bench.core.runs.list({ limit: 1 }).items
  expect(second).toMatchObject({ attempt: 2, status: 'succeeded', answer: 'Done, all is written.' })
})

test('U2 G4 the timeline of a run has every call in its phase, what checks found, why it climbed and what it took', async () => {
  const ollama = await ollamaDouble({ default: IDLE })
  const anthropic = await anthropicDouble({ queue: [INTENT, APPROACH, SELECTION, WRITE, IDLE] })
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  const id = await ask(bench)
  const run = await ends(bench, id)
  const timeline = must(bench.core.runs.timeline(id))
  const phases = timeline.filter(({ kind }) => kind === 'phase')
  const round = ['tool_exec', 'verifier', 'repair']
  expect(phases.map(({ name }) => name)).toEqual([
    ...['intent', 'planner', 'selector', ...round, ...round, ...round],
    ...['tool_exec', 'verifier', 'synth', 'responder'],
  ])
  expect(phases.every(({ to, from }) => to !== null && to >= from)).toBe(true)
  const steps = must(bench.core.runs.steps(id))
  const told = timeline.filter(({ kind }) => kind === 'model' || kind === 'tool')
  expect(told.map((moment) => moment.id)).toEqual(steps.map((step) => step.id))
  const nameOf = (phaseId: string | null) => phases.find((phase) => phase.id === phaseId)?.name
  expect(told.map((moment) => nameOf(moment.phase_id))).toEqual(steps.map((step) => step.phase))
  expect(told.reduce((sum, { cost_micros }) => sum + cost_micros, 0)).toBe(run.cost_micros)
  expect(told.find(({ kind }) => kind === 'tool')).toMatchObject({ name: 'write_file', state: 'succeeded' })
  expect(told.map(({ reason }) => reason)).toContain('Asked for write_file.')
  const checks = phases.filter(({ name }) => name === 'verifier')
  expect(checks.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed', 'succeeded'])
  expect(checks[0]?.findings).toEqual([expect.stringMatching(/trip\.md was promised but is not there/)])
  const repairs = phases.filter(({ name }) => name === 'repair').map(({ reason }) => reason)
  expect(repairs.at(0)).toMatch(/Repair 1 of at most 2/)
  expect(repairs.at(-1)).toMatch(/goes on at the fast tier/)
  expect(timeline.at(-1)).toMatchObject({ kind: 'end', state: 'succeeded', cost_micros: run.cost_micros })
  // It was handed over twice: to the model that was chosen, and to the next tier.
  const waits = timeline.filter(({ kind }) => kind === 'wait')
  expect(waits.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/local tier was chosen/),
    expect.stringMatching(/goes on at the fast tier/),
  ])
})

test('U2 the timeline of a run that waits says for what, until when it did', async () => {
  const anthropic = await anthropicDouble()
  const bench = await coreBench({ anthropic })
  const id = await ask(bench, { prompt: 'Plan a trip to Paris', budget_usd_cents: 0 })
  const waiting = await eventually('the wait for money', () => {
    const last = must(bench.core.runs.timeline(id)).at(-1)
    return last?.kind === 'wait' && last
  })
  expect(waiting).toMatchObject({ state: 'waiting', to: null, reason: expect.stringMatching(/\$/) })
  must(await bench.core.projects.change(bench.project('prj_1').id, { budget_micros: 1_000_000 }))
  await ends(bench, id)
  const [first] = must(bench.core.runs.timeline(id)).filter(({ kind }) => kind === 'wait')
  expect(first).toMatchObject({ id: waiting.id, state: 'succeeded', to: expect.any(String) })
})

test('U2 T5 the timeline shows a question to a person and its answer', async () => {
  const asks: Behaviour = {
    kind: 'answer',
    tool_calls: [{ name: 'ask_user', arguments: { question: 'Which month?' } }],
  }
  const anthropic = await anthropicDouble({ queue: [asks] })
  const bench = await coreBench({ anthropic })
  const { id } = await bench.start([{ key: 'note', tools: ['ask_user', 'write_file'] }])
  const [question] = await eventually('the question', () => {
    const open = bench.core.approvals.list('open')
    return open.length > 0 && open
  })
  must(await bench.core.approvals.decide({ id: question?.id ?? '', decision: 'allow', remember: 'once', note: 'May' }))
  await bench.reaches(id, 'succeeded')
  const timeline = must(bench.core.runs.timeline(bench.task(id, 'note').run_id ?? ''))
  expect(timeline.find(({ kind }) => kind === 'approval')).toMatchObject({
    ...{ name: 'ask_user', state: 'succeeded', to: expect.any(String) },
    reason: 'Which month? The answer: May',
  })
})

test('R7 G6 a free prompt that is local only sends nothing to a paid model, neither to think nor to check', async () => {
  const ollama = await ollamaDouble()
  const anthropic = await anthropicDouble()
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  const run = await ends(bench, await ask(bench, { ...PARIS, local_only: true }))
  expect(run, run.reason).toMatchObject({ status: 'succeeded', cost_micros: 0, constraints: { max_days: 5 } })
  const phases = must(bench.core.runs.steps(run.id)).filter(({ kind }) => kind === 'model')
  expect(new Set(phases.map(({ phase }) => phase))).toEqual(
    new Set(['intent', 'planner', 'selector', 'tool_exec', 'verifier']),
  )
  expect(asked(anthropic)).toEqual([])
})
