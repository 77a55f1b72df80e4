import { expect, test } from 'vitest'
import { usageEntry } from '../../src-contract/usage.ts'
import { anthropicDouble, billed, type CoreBench, coreBench, must } from '../support/core-bench.ts'

/** A core whose one task lost a reply, was asked again and is done. */
async function lostReply(budget_micros: number): Promise<{ bench: CoreBench; id: string; lost: number; real: number }> {
  const double = await anthropicDouble({ queue: [{ kind: 'stream_cut' }] })
  const bench = await coreBench({ anthropic: double })
  const { id } = await bench.start([{ key: 'note' }], { budget_micros })
  await bench.reaches(id, 'succeeded')
  const [call] = must(bench.core.usage.list({ limit: 9 }, id, 'unconfirmed')).items
  if (call === undefined) throw new Error('No call is unconfirmed')
  expect(must(bench.core.usage.list({ limit: 9 }, id, 'unconfirmed')).items).toHaveLength(1)
  return { bench, id, lost: call.id, real: billed(double) }
}

test('B2 a lost reply is corrected to what was billed: every scope, the call and the project agree', async () => {
  const { bench, id, lost, real } = await lostReply(5_000_000)
  const { core } = bench
  const total = async (): Promise<number> => must(await core.usage.summary('project', id)).total.cost_micros
  const booked = must(core.usage.list({ limit: 9 }, id, 'unconfirmed')).items[0]?.cost_micros ?? 0
  expect(must(await core.usage.summary('model')).total.unconfirmed_micros).toBe(booked)
  expect(core.system.status().needs_you).toBe(1)
  const confirmed = (await total()) - booked

  expect(await core.usage.correct(lost, booked + 1)).toMatchObject({ ok: false, error: { code: 'bad_request' } })
  expect(await core.usage.correct(lost + 1_000, 1)).toMatchObject({ ok: false, error: { code: 'not_found' } })
  const corrected = usageEntry.parse(must(await core.usage.correct(lost, real - confirmed)))
  expect(corrected).toMatchObject({ id: lost, cost_micros: real - confirmed, unconfirmed: false })
  expect(await core.usage.correct(lost, 0)).toMatchObject({ ok: false, error: { code: 'conflict' } })

  expect(await total()).toBe(real)
  for (const scope of [core.budget.get().day, core.budget.get().month, core.budget.get().global]) {
    expect(scope).toMatchObject({ settled_micros: real, reserved_micros: 0, unconfirmed_micros: 0 })
  }
  expect(bench.project(id)).toMatchObject({ spent_micros: real, result: { cost_micros: real } })
  expect(bench.task(id, 'note').cost_micros).toBeLessThanOrEqual(real)
  expect(core.system.status().needs_you).toBe(0)
  expect(core.events.list({ type: 'budget.corrected' }, 9).items).toMatchObject([
    { project_id: id, data: { booked_micros: booked, cost_micros: real - confirmed } },
  ])
})

test('B2 B4 money that a correction gives back lets stopped work go on', async () => {
  const double = await anthropicDouble({ queue: [{ kind: 'stream_cut' }] })
  const bench = await coreBench({ anthropic: double })
  const { id } = await bench.start([{ key: 'note' }])
  await bench.reaches(id, 'succeeded')
  const { settled_micros } = bench.core.budget.get().day
  const [call] = must(bench.core.usage.list({ limit: 9 }, undefined, 'unconfirmed')).items
  must(await bench.core.budget.set({ daily_micros: settled_micros }))

  const second = await bench.start([{ key: 'more' }])
  await bench.reaches(second.id, 'waiting')
  expect(bench.task(second.id, 'more')).toMatchObject({ state: 'waiting', waiting_on: 'budget' })
  must(await bench.core.usage.correct(call?.id ?? 0, 0))
  await bench.reaches(second.id, 'succeeded')
  expect(bench.core.budget.get().day.settled_micros).toBeLessThanOrEqual(settled_micros)
})
