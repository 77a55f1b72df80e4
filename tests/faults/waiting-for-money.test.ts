import { expect, test } from 'vitest'
import { anthropicDouble, coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

test('B2 a plan that waits for money which another call holds goes on when that call has ended', async () => {
  const double = await anthropicDouble({ default: { kind: 'answer', start_delay_ms: 200 } })
  const { core, project } = await coreBench({ anthropic: double })
  // As much as one planner's call takes at most, so that the second finds nothing left.
  must(await core.budget.set({ daily_micros: 60_000 }))
  const ids: string[] = []
  for (const requirements of ['Write about gulls', 'Write about terns']) {
    const made = must(await core.projects.create({ requirements, attachments: [], local_only: false, priority: 1 }))
    ids.push(made.id)
  }
  for (const id of ids) must(await core.projects.plan(id))
  await eventually('one of them denied', () => ids.some((id) => project(id).reason.startsWith('Other calls hold')))
  await eventually('both planned', () => ids.every((id) => project(id).state === 'awaiting_approval'))
  expect(core.budget.get().global).toMatchObject({ reserved_micros: 0, unconfirmed_micros: 0 })
})
