import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { FailpointName } from '../../src-main/core/failpoint.ts'
import { type Baton, createBaton, resultOf } from '../support/baton-process.ts'
import { type Books, readBooks } from '../support/books.ts'
import { billedMicros, type DoubleProcess, modelCalls, startDoubleProcess } from '../support/double-process.ts'
import { eventually } from '../support/eventually.ts'
import { deadLinks, filesBelow } from '../support/markdown-folder.ts'

/** Three tasks, one after the other. */
const CHAIN = 'Write a short report about gulls'
const BIRDS =
  'Write a field guide to the birds of Lake Constance: one markdown file per bird for twelve birds, an index with links, and a glossary'
const LIMIT_MICROS = 2_000_000

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Bench {
  readonly cli: Baton
  readonly double: DoubleProcess
}

async function bench(config: Parameters<typeof startDoubleProcess>[1] = {}): Promise<Bench> {
  const double = await startDoubleProcess('anthropic', config)
  cleanups.push(double.close)
  const cli = createBaton({ anthropic: double.url })
  cleanups.push(cli.close)
  return { cli, double }
}

const runArgs = (what: string): string[] => ['run', what, '--yes', '--budget', '2', '--json']

/** Resumes until nothing is left to do, and looks at everything that may have gone wrong on the way. */
async function resumeToTheEnd({ cli, double }: Bench, files: number, lostAtMost: number): Promise<Books> {
  const end = await cli.run(['resume', '--yes', '--json'])
  expect(end.code, end.stderr + end.stdout.slice(-2_000)).toBe(0)
  const result = resultOf(end)
  expect(result.status).toBe('succeeded')
  expect(filesBelow(result.workspace)).toHaveLength(files)
  expect(result.artifacts).toHaveLength(files)
  expect(deadLinks(result.workspace)).toEqual([])
  const books = readBooks(cli.data_dir)
  expect(new Set(books.tasks.map((task) => task.state))).toEqual(new Set(['succeeded']))
  // One attempt each: a crash is no failure of the task.
  expect(new Set(books.tasks.map((task) => task.attempts))).toEqual(new Set([1]))
  await expectHonestBooks({ cli, double }, books)
  await expectNothingTwice(double, books, lostAtMost)
  return books
}

async function expectHonestBooks({ double }: Bench, books: Books): Promise<void> {
  const billed = billedMicros(await double.report())
  expect(billed).toBeGreaterThan(0)
  expect(books).toMatchObject({ reserved_micros: 0, open_reservations: 0 })
  expect(billed).toBeLessThanOrEqual(books.settled_micros)
  expect(books.usage_micros).toBe(books.settled_micros)
  expect(books.highest_of_a_project_micros).toBeLessThanOrEqual(LIMIT_MICROS)
  // What is not flagged is known to the micro-dollar.
  if (books.unconfirmed_micros === 0) expect(books.settled_micros).toBe(billed)
}

/** No finished call is asked again: of the same question at most the lost ones are seen twice. */
async function expectNothingTwice(double: DoubleProcess, books: Books, lostAtMost: number): Promise<void> {
  const asked = modelCalls(await double.report()).map(({ body }) => questionOf(body))
  const repeated = asked.length - new Set(asked).size
  expect(repeated).toBeLessThanOrEqual(lostAtMost)
  const done = books.steps.filter((step) => step.state === 'done').map((step) => `${step.run_id}/${step.key}`)
  expect(new Set(done).size).toBe(done.length)
  const calls = books.steps.filter((step) => step.kind === 'model')
  // Every request that arrived belongs to a journaled step: nothing was sent behind the journal's back.
  expect(asked.length).toBeLessThanOrEqual(calls.length)
}

/** A request without the bound of its answer, which may shrink with what is left of the budget. */
function questionOf(body: unknown): string {
  return JSON.stringify({ ...(body as object), max_tokens: 0 })
}

/**
 * Where failpoints come by in the middle of the job: the second task's first calls, among others. Cores are killed at all
 * failpoints there are in `faults/kills.test.ts`; this is how a person meets such a death.
 */
const POINTS: Partial<Record<FailpointName, readonly number[]>> = {
  'after-reserve': [2],
  'after-settle': [3],
  'after-lease-granted': [2],
  'after-lease-ended': [1],
  'after-sent': [1, 3],
  'after-model-reply': [1, 4],
  'after-model-done': [3],
  'after-tool-prepare': [2],
  'after-temporary-file': [2],
  'after-rename': [2],
  'after-tool-effect': [1, 3],
  'after-tool-done': [2],
  // From the first commits, when the project is just written down, to the middle of the work.
  'before-turn-commit': [5, 6, 40],
  'after-turn-commit': [5, 40],
  'after-plan-approved': [1],
  'after-change-kept': [1, 2],
  'before-checkpoint': [1, 3],
  'after-checkpoint': [2],
}

describe.each(Object.entries(POINTS))('killed %s', (name, passings) => {
  test.each(passings)('E5 at time %i goes on and repeats nothing that was finished', async (times) => {
    const made = await bench()
    const killed = await made.cli.run(runArgs(CHAIN), { env: { BATON_FAILPOINTS: `${name}:${times}` } })
    expect(killed.signal).toBe('SIGKILL')
    await resumeToTheEnd(made, 3, 1)
  })
})

test('E5 a core that is killed in its recovery recovers at the next start', async () => {
  const made = await bench()
  await made.cli.run(runArgs(CHAIN), { env: { BATON_FAILPOINTS: 'after-model-reply:3' } })
  for (const name of ['before-turn-commit:1', 'after-turn-commit:1', 'before-turn-commit:2']) {
    const killed = await made.cli.run(['resume', '--json'], { env: { BATON_FAILPOINTS: name } })
    expect(killed.signal).toBe('SIGKILL')
  }
  await resumeToTheEnd(made, 3, 1)
})

test('E5 a core that is killed after every single answer still ends, one step at a time', async () => {
  const made = await bench()
  const task = {
    key: 'gulls',
    title: 'Write about gulls',
    type: 'writing',
    complexity: 'medium',
    artifacts: ['gulls.md'],
  }
  const plan = join(made.cli.folder, 'plan.json')
  writeFileSync(plan, JSON.stringify({ title: 'Gulls', tasks: [task] }))
  const options = { env: { BATON_FAILPOINTS: 'after-model-done:1' } }
  let end = await made.cli.run(runArgs(plan), options)
  let deaths = 0
  while (end.signal === 'SIGKILL' && deaths < 20) {
    deaths += 1
    end = await made.cli.run(['resume', '--yes', '--json'], options)
  }
  expect(end.code, end.stderr).toBe(0)
  const books = readBooks(made.cli.data_dir)
  // Each death came right after one answered call, so there were as many as answers.
  expect(deaths).toBe(books.steps.filter((step) => step.kind === 'model').length)
  expect(books.unconfirmed_micros).toBe(0)
  await expectHonestBooks(made, books)
  await expectNothingTwice(made.double, books, 0)
})

test.each([
  ['while it plans', 1],
  ['among the first pages', 4],
  ['in the middle', 14],
  ['near the end', 27],
])('E5 kill -9 %s, with calls in flight, loses no task, no file and no cent', async (_when, calls) => {
  const { cli, double } = await bench({ default: { kind: 'answer', start_delay_ms: 30 } })
  const running = cli.start(runArgs(BIRDS))
  await eventually('the call in whose middle Baton is killed', async () => {
    const seen = modelCalls(await double.report())
    return seen.length >= calls && seen.some((call) => call.outcome === 'open')
  })
  const killed = await running.kill()
  expect(killed.signal).toBe('SIGKILL')
  // At most as many calls were in flight as Anthropic may have at once.
  await resumeToTheEnd({ cli, double }, 14, 4)
})

test('E5 kill -9 of the demo loses nothing either', async () => {
  const cli = createBaton()
  cleanups.push(cli.close)
  const running = cli.start(['run', CHAIN, '--yes', '--profile', 'demo', '--json'], {
    env: { BATON_FAILPOINTS: 'after-tool-effect:3' },
  })
  expect((await running.ended).signal).toBe('SIGKILL')
  const half = filesBelow(join(cli.data_dir, 'workspaces', 'prj_1')).filter((path) => !path.startsWith('.'))
  const before = new Map(half.map((path) => [path, readFileSync(join(cli.data_dir, 'workspaces', 'prj_1', path))]))
  const end = await cli.run(['resume', '--json'])
  expect(end.code, end.stderr).toBe(0)
  const { workspace, status } = resultOf(end)
  expect(status).toBe('succeeded')
  for (const [path, content] of before) expect(readFileSync(join(workspace, path))).toEqual(content)
  expect(readBooks(cli.data_dir).steps.filter((step) => step.state === 'sent')).toEqual([])
})

test('E5 a lost call is booked in full, flagged, and said', async () => {
  const made = await bench()
  await made.cli.run(runArgs(CHAIN), { env: { BATON_FAILPOINTS: 'after-sent:2' } })
  const books = await resumeToTheEnd(made, 3, 1)
  expect(books.unconfirmed_micros).toBeGreaterThan(0)
  // The call died before its first byte left, so the provider never saw it, and Baton cannot know that.
  expect(books.steps.filter((step) => step.state === 'unknown')).toHaveLength(1)
  expect(books.settled_micros - books.unconfirmed_micros).toBe(billedMicros(await made.double.report()))
})

test('E8 an interrupt ends in order with exit code 130, and resume goes on', async () => {
  const { cli, double } = await bench({ default: { kind: 'answer', start_delay_ms: 30 } })
  const running = cli.start(runArgs(BIRDS))
  await eventually('some work', async () => modelCalls(await double.report()).length >= 6)
  running.interrupt()
  const end = await running.ended
  expect(end.code, end.stderr).toBe(130)
  expect(resultOf(end).status).toBe('paused')
  expect(existsSync(join(cli.data_dir, 'core.lock'))).toBe(false)
  // Steps were let to finish, so nothing is unknown and nothing is asked again.
  expect(readBooks(cli.data_dir)).toMatchObject({ unconfirmed_micros: 0, reserved_micros: 0 })
  await resumeToTheEnd({ cli, double }, 14, 0)
})
