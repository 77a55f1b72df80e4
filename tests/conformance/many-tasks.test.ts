import { expect, test } from 'vitest'
import { anthropicDouble, coreBench, must } from '../support/core-bench.ts'

/** The first three calls fail for good; what comes after is answered. */
async function failedProject() {
  const refusal = { kind: 'refusal' } as const
  const double = await anthropicDouble({ queue: [refusal, refusal] })
  const bench = await coreBench({ anthropic: double })
  const { id } = await bench.start([
    { key: 'a', tier: 'fast', artifacts: ['a.md'] },
    { key: 'b', tier: 'fast', artifacts: ['b.md'] },
    { key: 'c', tier: 'fast', artifacts: ['c.md'], depends_on: ['a', 'b'] },
  ])
  await bench.reaches(id, 'failed')
  expect(bench.tasks(id).map((task) => task.state)).toEqual(['failed', 'failed', 'blocked'])
  return { bench, id }
}

test('E4 all that failed in a project is retried at once, and what it blocked goes on', async () => {
  const { bench, id } = await failedProject()
  must(await bench.core.projects.retry(id, 'step'))
  await bench.reaches(id, 'succeeded')
  expect(bench.tasks(id).map((task) => task.state)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  expect(await bench.core.projects.retry(id, 'step')).toMatchObject({ ok: false, error: { code: 'conflict' } })
})

test('E4 all that failed in a project is skipped at once, and the rest is done without it', async () => {
  const { bench, id } = await failedProject()
  must(await bench.core.projects.skip(id))
  const project = await bench.reaches(id, 'succeeded')
  expect(bench.tasks(id).map((task) => task.state)).toEqual(['skipped', 'skipped', 'succeeded'])
  expect(project.result?.not_done.map((task) => task.title)).toHaveLength(2)
})

test('E4 everything is cancelled at once', async () => {
  const double = await anthropicDouble({ default: { kind: 'hang' } })
  const bench = await coreBench({ anthropic: double })
  const first = await bench.start([{ key: 'a', tier: 'fast' }])
  const second = await bench.start([{ key: 'a', tier: 'fast' }])
  await bench.taskReaches(first.id, 'a', 'running')
  expect(must(await bench.core.system.cancelAll())).toEqual([first.id, second.id])
  for (const { id } of [first, second]) {
    expect(bench.project(id).state).toBe('cancelled')
    expect(bench.tasks(id).map((task) => task.state)).toEqual(['cancelled'])
  }
  await bench.core.idle()
  expect(bench.core.budget.get().global.reserved_micros).toBe(0)
  expect(must(await bench.core.system.cancelAll())).toEqual([])
})
