import { describe, expect, test } from 'vitest'
import { anthropicDouble, asked, coreBench, must, ollamaDouble, profile } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const SIX = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ key }))

describe('a provider that fails again and again', () => {
  test('H2 is left alone, and its tasks wait with the reason and the time', async () => {
    const double = await anthropicDouble({ default: { kind: 'overloaded' } })
    const bench = await coreBench({ anthropic: double })
    must(await bench.core.settings.change({ breaker_failures: 3, retry_cap_ms: 3_600_000, max_concurrent: 1 }))
    const { id } = await bench.start(SIX)
    await bench.reaches(id, 'waiting')
    await eventually('all to wait', () => bench.tasks(id).every((task) => task.state === 'waiting'))
    expect(asked(double)).toHaveLength(3)
    const tasks = bench.tasks(id)
    expect(tasks.some((task) => task.waiting_on === 'resource')).toBe(true)
    for (const task of tasks.filter((each) => each.waiting_on === 'resource')) {
      expect(task.reason).toMatch(/overloaded.*in a row/i)
      expect(Date.parse(task.resumes_at ?? '') - Date.now()).toBeGreaterThan(3_000_000)
    }
    const service = bench.core.services.list().find(({ name }) => name === 'anthropic')
    expect(service).toMatchObject({ state: 'degraded', detail: expect.stringMatching(/^Goes on at .*in a row/) })
    expect(bench.core.budget.get().global).toMatchObject({ reserved_micros: 0, settled_micros: 0 })
  })

  test('H2 is tried by one call when the time has come, and the work goes on by itself', async () => {
    const double = await anthropicDouble({ default: { kind: 'overloaded' } })
    const bench = await coreBench({ anthropic: double })
    must(await bench.core.settings.change({ breaker_failures: 3, retry_cap_ms: 400, max_retries: 20 }))
    const { id } = await bench.start(SIX)
    const held = () => bench.core.services.list().find(({ name }) => name === 'anthropic')?.state === 'degraded'
    await eventually('the rest', held)
    double.setDefault({ kind: 'answer' })
    await bench.reaches(id, 'succeeded')
    expect(held()).toBe(false)
  })

  test('H2 R3 is passed over for another of its tier, and the reason says so', async () => {
    const double = await anthropicDouble({ default: { kind: 'overloaded' } })
    const ollama = await ollamaDouble()
    const bench = await coreBench({ anthropic: double, ollama: ollama.url })
    must(await bench.core.settings.change({ breaker_failures: 1, retry_cap_ms: 3_600_000, retry_base_ms: 1 }))
    const second = { name: 'second', provider: 'ollama', model: 'llama3.2:latest', display_name: 'Second' } as const
    must(await bench.core.models.put(profile({ ...second, rank: 500, context_tokens: 16_384 })))
    const { id } = await bench.start([{ key: 'a' }])
    await bench.reaches(id, 'succeeded')
    const runs = must(bench.core.tasks.runs(bench.task(id, 'a').id)).items
    expect(runs.at(-1)).toMatchObject({
      profile: 'second',
      route_reason: expect.stringMatching(/fast tier.*Claude Haiku 4\.5 was passed over: .*overloaded/),
    })
    expect(asked(double)).toHaveLength(1)
  })
})

describe('a rate limit', () => {
  test('E3 holds over a restart, and is kept as an event', async () => {
    const double = await anthropicDouble({ queue: [{ kind: 'rate_limit', retry_after_s: 3_600 }] })
    const bench = await coreBench({ anthropic: double })
    const first = await bench.start([{ key: 'a' }])
    await bench.reaches(first.id, 'waiting')
    const held = bench.core.events.list({ type: 'provider.held' }, 10).items
    expect(held).toMatchObject([{ data: { provider: 'anthropic' } }])
    await bench.reopen()
    const second = await bench.start([{ key: 'b' }])
    const project = await bench.reaches(second.id, 'waiting')
    expect(bench.task(second.id, 'b')).toMatchObject({ state: 'waiting', waiting_on: 'rate_limit' })
    expect(project.reason).toContain('Goes on at ')
    expect(asked(double)).toHaveLength(1)
  })

  test('E3 a short one ends by itself, and all tasks go on', async () => {
    const double = await anthropicDouble({ queue: [{ kind: 'rate_limit', retry_after_s: 1 }] })
    const bench = await coreBench({ anthropic: double })
    must(await bench.core.settings.change({ max_concurrent: 1 }))
    const { id } = await bench.start(SIX)
    await eventually('the hold', () => bench.tasks(id).some((task) => task.waiting_on === 'rate_limit'))
    await bench.reaches(id, 'succeeded')
    const [limited, ...later] = asked(double)
    // Nobody asked while it held.
    expect(Math.min(...later.map((call) => call.at_ms)) - (limited?.at_ms ?? 0)).toBeGreaterThanOrEqual(990)
  })

  test('E4 U2 a task that is paused while one holds waits for a person, and for the provider once it goes on', async () => {
    const double = await anthropicDouble({ queue: [{ kind: 'rate_limit', retry_after_s: 3_600 }] })
    const bench = await coreBench({ anthropic: double })
    const { id } = await bench.start([{ key: 'a' }])
    await bench.reaches(id, 'waiting')
    must(await bench.core.tasks.pause(bench.task(id, 'a').id))
    await eventually('the project to say so', () => bench.project(id).reason.includes('paused by you'))
    expect(bench.project(id)).toMatchObject({ state: 'waiting', waiting_on: null })
    expect(bench.core.system.status().needs_you).toBe(1)
    must(await bench.core.projects.start(id))
    await eventually('the project to wait for it', () => bench.project(id).waiting_on === 'rate_limit')
    expect(bench.task(id, 'a').held).toBe(false)
    expect(bench.core.system.status().needs_you).toBe(0)
  })
})

describe('a first plan that waits', () => {
  test('U2 E3 says that it waits for a rate limit, needs nobody, and goes on by itself', async () => {
    const double = await anthropicDouble({ queue: [{ kind: 'rate_limit', retry_after_s: 2 }] })
    const bench = await coreBench({ anthropic: double })
    const { id, state, waiting_on } = await bench.plan('A note about owls')
    expect({ state, waiting_on }).toEqual({ state: 'waiting', waiting_on: 'rate_limit' })
    expect(bench.core.system.status().needs_you).toBe(0)
    const { waiting_on: after } = await bench.reaches(id, 'awaiting_approval')
    expect(after).toBeNull()
  })

  test('U2 B4 says that it waits for money, and needs a person', async () => {
    const bench = await coreBench({ anthropic: await anthropicDouble() })
    const { id, state, waiting_on } = await bench.plan('A note about owls', { budget_micros: 1 })
    expect({ state, waiting_on }).toEqual({ state: 'waiting', waiting_on: 'budget' })
    expect(bench.core.system.status().needs_you).toBe(1)
    must(await bench.core.projects.pause(id))
    expect(bench.core.system.status().needs_you).toBe(0)
  })
})

describe('a rate limit that comes while others work', () => {
  test('E3 holds their next call too, instead of letting each find out by itself', async () => {
    const slow = {
      kind: 'answer' as const,
      start_delay_ms: 3_000,
      tool_calls: [{ name: 'list_files', arguments: {} }],
    }
    const double = await anthropicDouble({ queue: [slow, { kind: 'rate_limit', retry_after_s: 3_600 }] })
    const bench = await coreBench({ anthropic: double })
    const { id } = await bench.start([{ key: 'a' }, { key: 'b' }])
    await bench.taskReaches(id, 'a', 'waiting')
    await bench.taskReaches(id, 'b', 'waiting')
    expect(bench.tasks(id).map((task) => task.waiting_on)).toEqual(['rate_limit', 'rate_limit'])
    // One was limited, the other had its first answer and asked nothing more.
    expect(asked(double).map((call) => call.outcome)).toEqual(['answered', 'refused'])
  })
})

describe('a model that is not there any more', () => {
  test('R3 is passed over at once for the next of its tier', async () => {
    const double = await anthropicDouble({ queue: [{ kind: 'no_model' }] })
    const bench = await coreBench({ anthropic: double })
    must(await bench.core.models.put(profile({ name: 'next', model: 'claude-sonnet-5-5', rank: 500 })))
    const { id } = await bench.start([{ key: 'a' }])
    await bench.reaches(id, 'succeeded')
    const run = must(bench.core.tasks.runs(bench.task(id, 'a').id)).items.at(-1)
    expect(run?.profile).toBe('next')
    expect(run?.route_reason).toMatch(/was passed over: Claude has no model claude-haiku-4-5-20251001 any more/)
    const haiku = bench.core.models.list().find(({ name }) => name === 'claude-haiku')
    expect(haiku).toMatchObject({ available: false })
  })

  test('R3 makes the work wait with the reason where it was the only one', async () => {
    const double = await anthropicDouble({ queue: [{ kind: 'no_model' }] })
    const bench = await coreBench({ anthropic: double })
    const { id } = await bench.start([{ key: 'a' }])
    const { reason } = await bench.reaches(id, 'waiting')
    expect(reason).toMatch(/has no model claude-haiku-4-5-20251001 any more/)
    expect(asked(double)).toHaveLength(1)
  })
})
