import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, expect, test } from 'vitest'
import type { FailpointName } from '../../src-main/core/failpoint.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { type Baton, createBaton, resultOf } from '../support/baton-process.ts'
import { readBooks } from '../support/books.ts'
import { billedMicros, type DoubleProcess, modelCalls, startDoubleProcess } from '../support/double-process.ts'
import { filesBelow } from '../support/markdown-folder.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const ASK = ['ask', 'Plan a trip to Paris', '--with', 'max_days=5', '--json']

function baton(servers: Parameters<typeof createBaton>[0] = {}): Baton {
  const cli = createBaton(servers)
  cleanups.push(cli.close)
  return cli
}

async function double(...args: Parameters<typeof startDoubleProcess>): Promise<DoubleProcess> {
  const started = await startDoubleProcess(...args)
  cleanups.push(started.close)
  return started
}

interface Told {
  readonly run_id: number
  readonly node: string
  readonly phase: string
  readonly sequence: number
}

/** The phase boundaries on the disk, read when no core has it open. */
function boundaries({ data_dir }: Baton): Told[] {
  const db = new Database(join(data_dir, 'baton.db'), { readonly: true })
  try {
    return db
      .prepare<[], Told>(
        `SELECT run_id, data ->> 'node' AS node, data ->> 'phase' AS phase, data ->> 'sequence' AS sequence
         FROM event WHERE type = 'run.phase' ORDER BY seq`,
      )
      .all()
  } finally {
    db.close()
  }
}

/** Of a run that was killed: the phases that had begun and not ended. */
function phaseAtDeath(cli: Baton): string[] {
  const last = boundaries(cli).at(-1)
  return last?.phase === 'started' ? [last.node] : []
}

/** Goes on with what was killed, and looks at everything that may have gone wrong. */
async function goesOn(cli: Baton, doubles: readonly DoubleProcess[], lostAtMost: number): Promise<void> {
  const end = await cli.run(['resume', '--json'])
  expect(end.code, end.stderr + end.stdout.slice(-2_000)).toBe(0)
  await expectWhole(cli, resultOf(end), doubles, lostAtMost)
}

async function expectWhole(
  cli: Baton,
  result: ReturnType<typeof resultOf>,
  doubles: readonly DoubleProcess[],
  lostAtMost: number,
): Promise<void> {
  expect(result.status).toBe('succeeded')
  expect(filesBelow(result.workspace)).toHaveLength(1)
  const told = boundaries(cli)
  // One run to the end, whose boundaries are there once each, in order.
  expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, index) => index))
  expect(told.at(-1)).toMatchObject({ run_id: 1, node: 'responder', phase: 'completed' })
  const books = readBooks(cli.data_dir)
  expect(books).toMatchObject({ reserved_micros: 0, open_reservations: 0 })
  expect(books.usage_micros).toBe(books.settled_micros)
  expect(books.tasks).toMatchObject([{ state: 'succeeded', attempts: 1 }])
  const done = books.steps.filter((step) => step.state === 'done').map((step) => step.key)
  expect(new Set(done).size).toBe(done.length)
  const reports = await Promise.all(doubles.map((each) => each.report()))
  const billed = reports.reduce((sum, report) => sum + billedMicros(report), 0)
  expect(billed).toBeLessThanOrEqual(books.settled_micros)
  if (books.unconfirmed_micros === 0) expect(books.settled_micros).toBe(billed)
  // A request without the bound of its answer, which may shrink with what is left of the budget.
  const asked = reports.flatMap(modelCalls).map(({ body }) => JSON.stringify({ ...(body as object), max_tokens: 0 }))
  expect(asked.length - new Set(asked).size).toBeLessThanOrEqual(lostAtMost)
}

const seen = new Set<string>()
afterAll(() => {
  // A death in each phase that takes time; the last two are written in one transaction with the run's end.
  expect([...seen].toSorted()).toEqual(['intent', 'planner', 'selector', 'tool_exec', 'verifier'])
})

/** The calls of a free prompt: intent, planner, selector, two turns of work, the check of its criterion. */
const POINTS: readonly [FailpointName, number][] = [
  ...[1, 2, 3, 4, 6].map((nth): [FailpointName, number] => ['after-sent', nth]),
  ...[3, 6].map((nth): [FailpointName, number] => ['after-model-done', nth]),
  ['after-model-reply', 2],
  ['after-tool-effect', 1],
]

test.each(POINTS)('G5 a free prompt that is killed %s %i goes on there and repeats nothing', async (name, times) => {
  const anthropic = await double('anthropic')
  const cli = baton({ anthropic: anthropic.url })
  const killed = await cli.run([...ASK, '--budget', '2.50'], { env: { BATON_FAILPOINTS: `${name}:${times}` } })
  expect(killed.signal).toBe('SIGKILL')
  for (const phase of phaseAtDeath(cli)) seen.add(phase)
  await goesOn(cli, [anthropic], 1)
})

// From the first commit after the prompt was taken to the one that ends the project.
test.each([4, 9, 14, 19, 24])('G5 a free prompt on the demo model goes on after a death at commit %i', async (nth) => {
  const cli = baton()
  const killed = await cli.run([...ASK, '--profile', 'demo'], { env: { BATON_FAILPOINTS: `after-turn-commit:${nth}` } })
  expect(killed.signal).toBe('SIGKILL')
  await goesOn(cli, [], 0)
})

test('G5 G4 a free prompt that is killed after every single answer repairs, climbs and ends, one answer at a time', async () => {
  const answer = (value: unknown): Behaviour => ({ kind: 'answer', text: JSON.stringify(value) })
  const idle: Behaviour = { kind: 'answer', text: 'Done, all is written.' }
  const write: Behaviour = {
    kind: 'answer',
    tool_calls: [{ name: 'write_file', arguments: { path: 'trip.md', content: '# Paris\n\nFive days.\n' } }],
  }
  const ollama = await double('ollama', { default: idle })
  const anthropic = await double('anthropic', {
    queue: [
      answer({ goal: 'A trip to Paris', type: 'writing', complexity: 'simple' }),
      answer({ title: 'A trip', steps: ['Write it'], artifacts: ['trip.md'], acceptance: [] }),
      answer({ tier: 'local', tools: ['write_file'], why: 'It is easy.' }),
      write,
      idle,
    ],
  })
  const cli = baton({ anthropic: anthropic.url, ollama: ollama.url })
  const options = { env: { BATON_FAILPOINTS: 'after-model-done:1' } }
  let end = await cli.run([...ASK, '--budget', '2.50'], options)
  let deaths = 0
  while (end.signal === 'SIGKILL' && deaths < 20) {
    deaths += 1
    end = await cli.run(['resume', '--json'], options)
  }
  expect(end.code, end.stderr).toBe(0)
  // Three to think, three that the local model did not use, two of the next tier.
  expect(deaths).toBe(8)
  await expectWhole(cli, resultOf(end), [anthropic], 0)
  expect(boundaries(cli).filter(({ node }) => node === 'repair')).toHaveLength(6)
}, 300_000)
