import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PlanDocument } from '../../src-contract/plan.ts'
import { whyNoSandboxHere } from '../../src-main/core/sandbox/sandbox-bench.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { anthropicDouble, asked, coreBench, must } from '../support/core-bench.ts'

const REQUIREMENT = 'Write a TypeScript library that parses and formats ISO 8601 durations, with tests'
const absent = await whyNoSandboxHere()

const PLAN = {
  title: 'ISO 8601 durations',
  summary: 'A library and its tests.',
  tasks: [
    {
      key: 'lib',
      title: 'Write the library and its tests',
      description: 'parse(text) gives a Duration, format(duration) gives the text.',
      type: 'code',
      complexity: 'medium',
      tier: null,
      tools: ['read_file', 'write_file', 'run_command'],
      depends_on: [],
      acceptance: ['All tests pass'],
      verify_command: 'node --test',
      write_scope: [],
      hosts: [],
      artifacts: ['src/duration.ts', 'src/duration.test.ts'],
    },
  ],
} satisfies PlanDocument

/** `weeks` and `fraction`: what the first attempt forgets. */
function library(weeks: boolean, fraction: boolean): string {
  return `export interface Duration { weeks: number; days: number; hours: number; minutes: number; seconds: number }

const SHAPE = /^P${weeks ? '(?:(?<weeks>\\d+)W)?' : ''}(?:(?<days>\\d+)D)?(?:T(?:(?<hours>\\d+)H)?(?:(?<minutes>\\d+)M)?(?:(?<seconds>\\d+${fraction ? '(?:[.,]\\d+)?' : ''})S)?)?$/

/** Reads an ISO 8601 duration; throws where the text is none. */
export function parse(text: string): Duration {
  const groups = SHAPE.exec(text)?.groups
  if (groups === undefined || text === 'P' || text.endsWith('T')) throw new RangeError('Not a duration: ' + text)
  const part = (name: string): number => Number((groups[name] ?? '0').replace(',', '.'))
  return { weeks: part('weeks'), days: part('days'), hours: part('hours'), minutes: part('minutes'), seconds: part('seconds') }
}

/** The shortest spelling. */
export function format({ weeks, days, hours, minutes, seconds }: Duration): string {
  const of = (value: number, unit: string): string => (value === 0 ? '' : value + unit)
  const time = of(hours, 'H') + of(minutes, 'M') + of(seconds, 'S')
  const text = of(weeks, 'W') + of(days, 'D') + (time === '' ? '' : 'T' + time)
  return 'P' + (text === '' ? 'T0S' : text)
}
`
}

const TESTS = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, parse } from './duration.ts'

const ZERO = { weeks: 0, days: 0, hours: 0, minutes: 0, seconds: 0 }
test('reads days and time', () => assert.deepEqual(parse('P1DT2H3M4S'), { ...ZERO, days: 1, hours: 2, minutes: 3, seconds: 4 }))
test('reads weeks', () => assert.deepEqual(parse('P3W'), { ...ZERO, weeks: 3 }))
test('reads fractions of seconds', () => assert.deepEqual(parse('PT1.5S'), { ...ZERO, seconds: 1.5 }))
test('refuses what is none', () => assert.throws(() => parse('P'), RangeError))
test('writes the shortest spelling', () => assert.equal(format({ ...ZERO, days: 1, minutes: 5 }), 'P1DT5M'))
test('writes nothing as zero seconds', () => assert.equal(format(ZERO), 'PT0S'))
`

const writes = (path: string, content: string): { name: string; arguments: Record<string, unknown> } => ({
  name: 'write_file',
  arguments: { path, content },
})
const SCRIPT: Behaviour[] = [
  { kind: 'answer', text: JSON.stringify(PLAN) },
  {
    kind: 'answer',
    text: '',
    tool_calls: [
      writes('package.json', '{ "name": "durations", "type": "module" }\n'),
      writes('src/duration.ts', library(false, false)),
      writes('src/duration.test.ts', TESTS),
    ],
  },
  { kind: 'answer', text: 'The library is written and all tests pass.' },
  { kind: 'answer', text: '', tool_calls: [writes('src/duration.ts', library(true, true))] },
  { kind: 'answer', text: 'Weeks and fractions are read now.' },
]

test('G3 G4 T4 a code project is done only when its tests pass in the sandbox, and repair is told which failed', async ({
  skip,
}) => {
  skip(absent !== null, absent ?? '')
  const double = await anthropicDouble({ queue: SCRIPT })
  const bench = await coreBench({ anthropic: double, git: true })
  const { id } = await bench.plan(REQUIREMENT)
  const [plan] = must(bench.core.projects.plans(id)).items
  expect(plan?.document.tasks[0]?.verify_command).toBe('node --test')
  must(await bench.core.plans.approve(plan?.id ?? ''))
  const project = await bench.reaches(id, 'succeeded', 'failed', 'waiting')
  expect(project).toMatchObject({ state: 'succeeded' })

  const [run] = must(bench.core.tasks.runs(bench.task(id, 'lib').id)).items
  expect(run).toMatchObject({ state: 'succeeded', repairs: 1 })
  const checks = must(bench.core.runs.steps(run?.id ?? '')).filter((step) => step.name === 'run_command')
  expect(checks.map(({ phase }) => phase)).toEqual(['verifier', 'verifier'])
  expect(JSON.stringify(checks[0]?.output)).toMatch(/Exit code 1 .*fail 2/s)
  expect(JSON.stringify(checks[1]?.output)).toMatch(/Exit code 0 .*pass 6.*fail 0/s)
  const failed = must(bench.core.runs.events(run?.id ?? '')).find(
    ({ node, phase }) => node === 'verifier' && phase === 'failed',
  )
  expect(JSON.stringify(failed?.payload)).toMatch(/The check `node --test` failed/)

  const repair = JSON.stringify(asked(double)[3]?.body)
  expect(repair).toMatch(/reads weeks/)
  expect(repair).toMatch(/reads fractions of seconds/)
  expect(repair).not.toMatch(/✖ writes the shortest/)

  const files = must(await bench.core.projects.artifacts(id)).items.map(({ path }) => path)
  expect(files).toEqual(expect.arrayContaining(['src/duration.ts', 'src/duration.test.ts']))
  expect(bench.task(id, 'lib').output).toMatch(/Checked by `node --test`, which passed:\n.*pass 6/s)
  expect(readFileSync(join(project.workspace, 'src/duration.ts'), 'utf8')).toBe(library(true, true))
})
