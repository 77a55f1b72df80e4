import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Run } from '../../src-contract/run.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import type { Double } from '../doubles/double-server.ts'
import { createBaton, resultOf } from '../support/baton-process.ts'
import { readBooks } from '../support/books.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, asked, billed, type CoreBench, coreBench, must, ollamaDouble } from '../support/core-bench.ts'
import { billedMicros, modelCalls, startDoubleProcess } from '../support/double-process.ts'

/** Says that it is done, and has written nothing. */
const IDLE: Behaviour = { kind: 'answer', text: 'Done, all is written.' }
const LOCAL = { key: 'note', complexity: 'simple', description: 'Write about owls.' } as const

function runsOf(bench: CoreBench, id: string): Run[] {
  return must(bench.core.tasks.runs(bench.task(id, 'note').id)).items.toSorted((a, b) => a.attempt - b.attempt)
}

/** The calls that worked on the task: not the one for the project's closing note. */
function worked(double: Double): Double['record']['calls'] {
  return asked(double).filter(({ body }) => !JSON.stringify(body).includes('closing note'))
}

/** What a criterion's check says. */
function verdict(met: boolean): Behaviour {
  const why = met ? 'It names three owls.' : 'It names no owl.'
  return { kind: 'answer', text: JSON.stringify({ criterion_1: { why, met } }) }
}

test('G4 what a tier cannot do after its repairs goes to the next, with the findings, and each decision is kept', async () => {
  const ollama = await ollamaDouble({ default: IDLE })
  const anthropic = await anthropicDouble()
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  const { id } = await bench.start([LOCAL])
  await bench.reaches(id, 'succeeded')

  expect(worked(ollama)).toHaveLength(3)
  const [first, second, ...more] = runsOf(bench, id)
  expect(more).toEqual([])
  expect(first).toMatchObject({ state: 'failed', tier: 'local', repairs: 2 })
  expect(first?.route_reason).toMatch(/^Row 8 of the routing table: simple writing goes to the local tier\./)
  expect(first?.reason).toMatch(/did not pass its checks after 2 repairs.*\(local\) did not get it done.*fast tier/)
  expect(second).toMatchObject({ state: 'succeeded', tier: 'fast', profile: 'claude-haiku' })
  expect(second?.route_reason).toMatch(/\(local\) did not get it done, so it goes on at the fast tier/)
  const question = JSON.stringify(asked(anthropic)[0]?.body)
  expect(question).toMatch(/What was tried before/)
  expect(question).toMatch(/The file note\.md was promised but is not there/)
  const told = bench.core.events.list({ project_id: id, type: 'task.escalated' }, 100).items
  expect(told.map(({ data }) => data)).toEqual([
    { from: 'local', to: 'fast', reason: expect.stringMatching(/goes on at the fast tier/) },
  ])
  expect(bench.core.budget.get().global.settled_micros).toBe(billed(anthropic))
})

test('E4 G4 work that did not pass its checks is repaired anew where somebody retries it, and nothing else is asked again', async () => {
  const anthropic = await anthropicDouble({ queue: [IDLE, IDLE, IDLE] })
  const bench = await coreBench({ anthropic })
  const { id } = await bench.start([{ key: 'note', tier: 'strong' }])
  await bench.reaches(id, 'failed')
  expect(worked(anthropic)).toHaveLength(3)

  must(await bench.core.projects.retry(id, 'step'))
  await bench.reaches(id, 'succeeded')
  const [first, second, ...more] = runsOf(bench, id)
  expect(more).toEqual([])
  expect(first).toMatchObject({ state: 'failed', repairs: 2 })
  expect(second).toMatchObject({ state: 'succeeded', repairs: 1 })
  const [call, ...others] = worked(anthropic).slice(3)
  expect(JSON.stringify(call?.body)).toMatch(/The file note\.md was promised but is not there/)
  // Its own tool call is answered; what the first attempt asked is not asked again.
  expect(others.length).toBeLessThan(2)
  expect(bench.core.budget.get().global.settled_micros).toBe(billed(anthropic))
})

test('E4 G4 a retry that does not pass either ends after as many repairs, and says so; each attempt counts its own', async () => {
  const anthropic = await anthropicDouble({ default: IDLE })
  const bench = await coreBench({ anthropic })
  const { id } = await bench.start([{ key: 'note', tier: 'strong' }])
  await bench.reaches(id, 'failed')
  must(await bench.core.projects.retry(id, 'step'))
  await expect.poll(() => runsOf(bench, id).map(({ state }) => state)).toEqual(['failed', 'failed'])
  expect(worked(anthropic)).toHaveLength(5)
  expect(runsOf(bench, id)[1]?.reason).toMatch(/did not pass its checks after 2 repairs/)
  must(await bench.core.projects.retry(id, 'start'))
  await expect.poll(() => runsOf(bench, id).map(({ state }) => state)).toEqual(['failed', 'failed', 'failed'])
  expect(worked(anthropic)).toHaveLength(8)
  expect(runsOf(bench, id).map(({ repairs }) => repairs)).toEqual([2, 2, 2])
})

test('E4 G4 a retry asks for what is missing also where the settings allow no repairs', async () => {
  const anthropic = await anthropicDouble({ queue: [IDLE] })
  const bench = await coreBench({ anthropic })
  await bench.core.settings.change({ max_repairs: 0 })
  const { id } = await bench.start([{ key: 'note', tier: 'strong' }])
  await bench.reaches(id, 'failed')
  expect(worked(anthropic)).toHaveLength(1)

  must(await bench.core.projects.retry(id, 'step'))
  await bench.reaches(id, 'succeeded')
  expect(JSON.stringify(worked(anthropic)[1]?.body)).toMatch(/The file note\.md was promised but is not there/)
})

test('E4 G4 a tier that takes over begins anew, also where the task had waited and was told to go on before', async () => {
  const ollama = await ollamaDouble({ queue: [{ kind: 'overloaded' }], default: IDLE })
  const anthropic = await anthropicDouble()
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  must(await bench.core.settings.change({ retry_base_ms: 600_000, retry_cap_ms: 600_000 }))
  const { id } = await bench.start([LOCAL])
  await bench.taskReaches(id, 'note', 'waiting')
  must(await bench.core.tasks.retry(bench.task(id, 'note').id, 'step'))
  await bench.reaches(id, 'succeeded')

  const [first, second, ...more] = runsOf(bench, id)
  expect(more).toEqual([])
  expect([first?.state, second?.state, second?.tier]).toEqual(['failed', 'succeeded', 'fast'])
  expect(must(bench.core.runs.steps(second?.id ?? '')).filter(({ reused }) => reused)).toEqual([])
  expect(worked(anthropic).length).toBeLessThanOrEqual(2)
})

test('R7 G4 local-only work is never handed up to a paid model', async () => {
  const ollama = await ollamaDouble({ default: IDLE })
  const anthropic = await anthropicDouble()
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  const { id } = await bench.start([{ ...LOCAL, acceptance: ['It names an owl'] }], { local_only: true })
  const { reason } = await bench.reaches(id, 'failed')
  expect(reason).toMatch(/does not go to a higher tier: Work stays local here/)
  expect(anthropic.record.calls.filter(({ path }) => path.startsWith('/v1/messages'))).toEqual([])
})

test('G4 no task climbs above the highest tier that is allowed', async () => {
  const ollama = await ollamaDouble({ default: IDLE })
  const anthropic = await anthropicDouble()
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  must(await bench.core.settings.change({ highest_tier: 'local' }))
  const { id } = await bench.start([LOCAL])
  const { reason } = await bench.reaches(id, 'failed')
  expect(reason).toMatch(/No tier above local is allowed/)
  expect(asked(anthropic)).toEqual([])
})

test('G4 P4 going up beyond what was authorised asks again', async () => {
  const ollama = await ollamaDouble({ default: IDLE })
  const anthropic = await anthropicDouble()
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  const { id } = await bench.start([LOCAL], { budget_micros: 0 })
  await bench.reaches(id, 'waiting')
  expect(bench.task(id, 'note')).toMatchObject({ state: 'waiting', waiting_on: 'budget' })
  expect(asked(anthropic)).toEqual([])
  must(await bench.core.projects.change(id, { budget_micros: 1_000_000 }))
  await bench.reaches(id, 'succeeded')
  expect(worked(ollama)).toHaveLength(3)
})

test('G3 criteria that no command can check are checked by a model, and what it finds is repaired', async () => {
  const write = (content: string): Behaviour => ({
    kind: 'answer',
    tool_calls: [{ name: 'write_file', arguments: { path: 'note.md', content } }],
  })
  const anthropic = await anthropicDouble({
    queue: [write('# Birds\n'), IDLE, verdict(false), write('# Owls\n'), IDLE, verdict(true)],
  })
  const bench = await coreBench({ anthropic })
  const { id } = await bench.start([{ key: 'note', tier: 'strong', acceptance: ['It names an owl'] }])
  await bench.reaches(id, 'succeeded')
  const [run] = runsOf(bench, id)
  expect(run).toMatchObject({ repairs: 1, violations: ['Not met: It names an owl (It names no owl.)'] })
  const steps = must(bench.core.runs.steps(run?.id ?? ''))
  expect(steps.filter(({ phase }) => phase === 'verifier').map(({ name, state }) => [name, state])).toEqual([
    ['claude-haiku', 'done'],
    ['claude-haiku', 'done'],
  ])
  const judged = JSON.stringify(asked(anthropic)[2]?.body)
  expect(judged).toMatch(/It names an owl/)
  expect(judged).toMatch(/# Birds/)
  expect(bench.core.budget.get().global.settled_micros).toBe(billed(anthropic))
})

test('G3 work of a local model is checked by itself where no money was authorised', async () => {
  const ollama = await ollamaDouble()
  const anthropic = await anthropicDouble()
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  const { id } = await bench.start([{ ...LOCAL, acceptance: ['It names an owl'] }], { budget_micros: 0 })
  await bench.reaches(id, 'succeeded')
  expect(asked(anthropic)).toEqual([])
  expect(asked(ollama).filter(({ body }) => JSON.stringify(body).includes('criterion_1'))).toHaveLength(1)
})

test('G3 H2 local work does not wait for a paid service that cannot check it', async () => {
  const ollama = await ollamaDouble()
  const anthropic = await anthropicDouble({ default: { kind: 'wrong_key' } })
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  const { id } = await bench.start([{ ...LOCAL, acceptance: ['It names an owl'] }])
  await bench.reaches(id, 'succeeded')
  expect(asked(anthropic)).toHaveLength(1)
  expect(asked(ollama).filter(({ body }) => JSON.stringify(body).includes('criterion_1'))).toHaveLength(1)
  expect(bench.core.budget.get().global).toMatchObject({ settled_micros: 0, reserved_micros: 0 })
})

test('G5 E5 a task that is killed after each single answer climbs all the same, and pays nothing twice', async () => {
  const double = await startDoubleProcess('anthropic', { queue: [IDLE, IDLE, IDLE] })
  cleanup(double.close)
  const cli = createBaton({ anthropic: double.url })
  cleanup(cli.close)
  const plan = {
    title: 'A note',
    tasks: [
      {
        key: 'note',
        title: 'Write it',
        type: 'writing',
        complexity: 'medium',
        artifacts: ['note.md'],
        acceptance: ['It is short'],
      },
    ],
  }
  writeFileSync(join(cli.folder, 'plan.json'), JSON.stringify(plan))
  const env = { BATON_FAILPOINTS: 'after-model-done:1' }
  let end = await cli.run(['run', 'plan.json', '--yes', '--budget', '2', '--json'], { env })
  // Three answers at the first tier, then a file, a report and a check at the next, then the summary.
  let deaths = 0
  for (; end.signal === 'SIGKILL' && deaths < 20; deaths += 1)
    end = await cli.run(['resume', '--yes', '--json'], { env })
  expect(end.code, end.stderr).toBe(0)
  expect(resultOf(end).status).toBe('succeeded')
  const books = readBooks(cli.data_dir)
  const report = await double.report()
  expect(books.tasks).toMatchObject([{ key: 'note', state: 'succeeded', attempts: 2 }])
  expect(books.steps.filter(({ kind }) => kind === 'model').map(({ key }) => key)).toEqual([
    ...['work/0/0', 'work/1/0', 'work/2/0'],
    ...['work/0/0', 'work/0/1', 'verify/0/0'],
    'summary',
  ])
  expect(deaths).toBe(7)
  expect(modelCalls(report)).toHaveLength(7)
  expect(books).toMatchObject({ settled_micros: billedMicros(report), reserved_micros: 0, unconfirmed_micros: 0 })
})

test('R3 G4 verdicts are counted by class, tier and model, and learned routing goes by them', async () => {
  const ollama = await ollamaDouble({ default: IDLE })
  const anthropic = await anthropicDouble()
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  // Twelve failures in a row at local, each mended at fast: then nobody begins there again.
  must(await bench.core.settings.change({ max_repairs: 0, max_concurrent: 1 }))
  const notes = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => ({ ...LOCAL, key: `n${from + n}` }))
  const first = await bench.start(notes(0, 12))
  await bench.reaches(first.id, 'succeeded')
  const of = { type: 'writing', complexity: 'simple' }
  const local = { ...of, tier: 'local', profile: 'ollama:llama3.2-latest', verified: 0, refused: 12, cost_micros: 0 }
  const [seen, paid, ...more] = bench.core.models.outcomes()
  expect({ ...seen, profile: local.profile }).toMatchObject(local)
  expect(paid).toMatchObject({ ...of, tier: 'fast', profile: 'claude-haiku', verified: 12, refused: 0 })
  expect(paid?.cost_micros).toBe(billed(anthropic))
  expect(more).toEqual([])

  must(await bench.core.settings.change({ routing: 'learned' }))
  const second = await bench.start(notes(12, 20))
  await bench.reaches(second.id, 'succeeded')
  const runs = bench.tasks(second.id).flatMap(({ id }) => must(bench.core.tasks.runs(id)).items)
  expect(runs.filter(({ attempt, tier }) => attempt === 1 && tier !== 'local').length).toBeGreaterThan(4)
  for (const run of runs.filter(({ attempt }) => attempt === 1)) expect(run.route_reason).toMatch(/^Learned: /)

  await bench.core.models.forgetOutcomes()
  expect(bench.core.models.outcomes()).toEqual([])
})
