import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { type PlanDocument, planDocument } from '../../src-contract/plan.ts'
import { REPLAN_FAILPOINTS } from '../../src-main/core/failpoint.ts'
import { type Baton, createBaton, resultOf } from '../support/baton-process.ts'
import { readBooks } from '../support/books.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, asked } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const task = (key: string, depends_on: string[] = []) => ({
  ...{ key, title: `Write ${key}`, type: 'writing', complexity: 'medium', depends_on, artifacts: [`${key}.md`] },
})
const PLAN = planDocument.parse({ title: 'Letters', tasks: [task('a'), task('b'), task('c', ['b'])] })

function baton(anthropic: string): Baton {
  const cli = createBaton({ anthropic })
  cleanup(cli.close)
  return cli
}

function planFile(cli: Baton, name: string, plan: unknown): string {
  const file = join(cli.folder, name)
  writeFileSync(file, stringify(plan))
  return file
}

/** b is said differently, c is dropped, d is new. */
function changed(now: PlanDocument): PlanDocument {
  const tasks = now.tasks.filter(({ key }) => key !== 'c')
  return planDocument.parse({
    ...now,
    tasks: [
      ...tasks.map((each) => (each.key === 'b' ? { ...each, title: 'Write another b' } : each)),
      task('d', ['a', 'b']),
    ],
  })
}

const rows = z.array(z.object({ key: z.string(), state: z.string(), title: z.string(), attempts: z.number() }))

/** What is on the disk, read when no core has it open. */
function onDisk({ data_dir }: Baton) {
  const db = new Database(join(data_dir, 'baton.db'), { readonly: true })
  try {
    return {
      plans: db.prepare('SELECT state FROM plan ORDER BY version').pluck().all(),
      tasks: rows.parse(db.prepare('SELECT key, state, title, attempts FROM task ORDER BY key').all()),
      runs: db
        .prepare("SELECT r.state FROM run r JOIN task t ON t.id = r.task_id WHERE t.key = 'b' ORDER BY r.id")
        .pluck()
        .all(),
      project: db.prepare('SELECT id, state, plan_id FROM project').get(),
    }
  } finally {
    db.close()
  }
}

test.each(REPLAN_FAILPOINTS)(
  'P7 E5 killed at %s, a changed plan is approved whole or not at all, and work goes on',
  async (failpoint) => {
    let isHanging = true
    const double = await anthropicDouble({
      how: (said) => (isHanging && said.includes('Title: Write b') ? { kind: 'hang' } : null),
    })
    const cli = baton(double.url)
    const plan = planFile(cli, 'plan.yaml', PLAN)
    const host = cli.start(['run', plan, '--yes', '--json'], { env: { BATON_FAILPOINTS: failpoint } })
    await eventually('the call of b', () => asked(double).some(({ outcome }) => outcome === 'open'))
    await eventually('a is done', async () => {
      const tasks = await cli.run(['tasks', '--json'])
      return tasks.stdout.includes('"state":"succeeded"')
    })
    const shown = await cli.run(['replan', 'prj_1'])
    expect(shown.code, shown.stderr).toBe(0)
    const now = planDocument.parse(parse(shown.stdout))
    expect(now).toEqual(PLAN)
    const file = planFile(cli, 'changed.yaml', changed(now))
    const proposed = await cli.run(['replan', 'prj_1', '--file', file])
    expect(proposed.code, proposed.stderr).toBe(4)
    expect(proposed.stdout).toMatch(/\+ d .*Write d/)
    expect(proposed.stdout).toMatch(/- c .*Write c/)
    expect(proposed.stdout).toMatch(/~ b .*Write another b: title \(runs now, and is stopped\)/)
    const second = await cli.run(['replan', 'prj_1', '--file', file, '--yes'])
    expect(second.code).not.toBe(0)
    expect((await host.ended).signal).toBe('SIGKILL')

    const isApproved = failpoint === 'replan-committed'
    const left = onDisk(cli)
    expect(left.plans).toEqual(
      isApproved ? ['superseded', 'superseded', 'approved'] : ['approved', 'superseded', 'proposed'],
    )
    expect(left.tasks.map(({ key, title }) => [key, title])).toEqual(
      isApproved
        ? [
            ['a', 'Write a'],
            ['b', 'Write another b'],
            ['c', 'Write c'],
            ['d', 'Write d'],
          ]
        : [
            ['a', 'Write a'],
            ['b', 'Write b'],
            ['c', 'Write c'],
          ],
    )
    isHanging = false
    const end = await cli.run(['resume', '--json'])
    expect(end.code, end.stderr).toBe(0)
    expect(resultOf(end).status).toBe('succeeded')
    const after = onDisk(cli)
    expect(after.tasks.map(({ key, state, attempts }) => [key, state, attempts])).toEqual(
      isApproved
        ? [
            ['a', 'succeeded', 1],
            ['b', 'succeeded', 2],
            ['c', 'cancelled', 0],
            ['d', 'succeeded', 1],
          ]
        : [
            ['a', 'succeeded', 1],
            ['b', 'succeeded', 1],
            ['c', 'succeeded', 1],
          ],
    )
    expect(after.runs).toEqual(isApproved ? ['cancelled', 'succeeded'] : ['succeeded'])
    const books = readBooks(cli.data_dir)
    expect(books).toMatchObject({ reserved_micros: 0, open_reservations: 0 })
    expect(books.usage_micros).toBe(books.settled_micros)
  },
)

test('P7 X1 the command line changes a plan that has succeeded, and follows it to its end', async () => {
  const double = await anthropicDouble()
  const cli = baton(double.url)
  const run = await cli.run(['run', planFile(cli, 'plan.yaml', PLAN), '--yes', '--json'])
  expect(run.code, run.stderr).toBe(0)
  const more = planFile(cli, 'more.yaml', { ...PLAN, tasks: [...PLAN.tasks, task('e', ['a'])] })
  const end = await cli.run(['replan', 'prj_1', '--file', more, '--yes', '--json'])
  expect(end.code, end.stderr).toBe(0)
  expect(resultOf(end)).toMatchObject({ status: 'succeeded' })
  expect(onDisk(cli).tasks.map(({ key, attempts }) => [key, attempts])).toEqual([
    ['a', 1],
    ['b', 1],
    ['c', 1],
    ['e', 1],
  ])
  const less = planFile(cli, 'less.yaml', { ...PLAN, tasks: PLAN.tasks.slice(0, 2) })
  const refused = await cli.run(['replan', 'prj_1', '--file', less, '--yes'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('has succeeded, so it stays in the plan')
})
