import { expect, test } from 'vitest'
import { anthropicDouble, asked, coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

test('B2 a plan that waits for money which another call holds goes on when that call has ended', async () => {
  const double = await anthropicDouble({ default: { kind: 'answer', start_delay_ms: 200 } })
  const { core, project } = await coreBench({ anthropic: double })
  // As much as one planner's call takes at most, so that the second finds nothing left.
  must(await core.budget.set({ daily_micros: 60_000 }))
  const ids: string[] = []
  for (const requirements of ['Write about gulls', 'Write about terns']) {
    const made = must(
      await core.projects.create({ requirements, attachments: [], local_only: false, can_wait: false, priority: 1 }),
    )
    ids.push(made.id)
  }
  for (const id of ids) must(await core.projects.plan(id))
  await eventually('one of them denied', () => ids.some((id) => project(id).reason.startsWith('Other calls hold')))
  await eventually('both planned', () => ids.every((id) => project(id).state === 'awaiting_approval'))
  expect(core.budget.get().global).toMatchObject({ reserved_micros: 0, unconfirmed_micros: 0 })
})

test('B2 E5 a task that was denied and then set going by a higher limit is not begun again when others give money back', async () => {
  const double = await anthropicDouble({
    queue: [
      { kind: 'answer', start_delay_ms: 2_000 },
      { kind: 'answer', start_delay_ms: 4_000 },
    ],
  })
  const bench = await coreBench({ anthropic: double })
  const { core } = bench
  // The first call shrinks to all of it, so that nothing is left for the second.
  must(await core.budget.set({ daily_micros: 40_000 }))
  const { id } = await bench.start([{ key: 'a' }, { key: 'b' }])
  await eventually('one of them denied', () =>
    bench.tasks(id).some((task) => task.reason.startsWith('Other calls hold')),
  )
  must(await core.budget.set({ daily_micros: 5_000_000 }))
  await eventually('both asked', () => asked(double).length === 2)
  // The first ends and gives its money back while the second is under way.
  await bench.reaches(id, 'succeeded')
  expect(bench.tasks(id).map((task) => [task.key, task.state, task.attempts])).toEqual([
    ['a', 'succeeded', 1],
    ['b', 'succeeded', 1],
  ])
  for (const key of ['a', 'b']) {
    const runs = must(core.tasks.runs(bench.task(id, key).id)).items
    expect(runs.map((run) => run.state)).toEqual(['succeeded'])
  }
})
