import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Run } from '../../src-contract/run.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { type Brain, defaultBrain, filesToDeliver } from '../doubles/brain.ts'
import type { Double } from '../doubles/double-server.ts'
import { CHAIN, HANG, make } from '../support/chain-bench.ts'
import { cleanup } from '../support/cleanup.ts'
import {
  anthropicDouble,
  asked,
  billed,
  type CoreBench,
  coreBench,
  must,
  ollamaDouble,
  profile,
} from '../support/core-bench.ts'
import { startDoubleProcess } from '../support/double-process.ts'
import { eventually } from '../support/eventually.ts'

function runsOf(bench: CoreBench, id: string, key: string): Run[] {
  return must(bench.core.tasks.runs(bench.task(id, key).id)).items
}

/** Calls that the double is working on now. */
function open(double: Double): number {
  return asked(double).filter((call) => call.outcome === 'open').length
}

async function isBalanced(bench: CoreBench, double: Double): Promise<void> {
  const { global } = bench.core.budget.get()
  expect(global.reserved_micros).toBe(0)
  expect(global.settled_micros).toBeGreaterThanOrEqual(billed(double))
  expect(must(await bench.core.usage.summary('model')).total.cost_micros).toBe(global.settled_micros)
}

describe('pause and resume', () => {
  test('E4 a paused task lets its step finish, keeps it, and goes on from there', async () => {
    const { double, bench } = await make()
    const release = double.hold()
    const { id } = await bench.start([{ key: 'a' }])
    await eventually('a call under way', () => open(double) === 1)
    must(await bench.core.tasks.pause(bench.task(id, 'a').id))
    release()
    await bench.reaches(id, 'waiting')
    expect(bench.project(id).reason).toMatch(/paused by you/)
    expect(bench.task(id, 'a')).toMatchObject({ state: 'ready', held: true })
    expect(asked(double).map((call) => call.outcome)).toEqual(['answered'])
    must(await bench.core.tasks.resume(bench.task(id, 'a').id))
    await bench.reaches(id, 'succeeded')
    expect(runsOf(bench, id, 'a')).toHaveLength(1)
    expect(new Set(asked(double).map((call) => JSON.stringify(call.body))).size).toBe(asked(double).length)
    await isBalanced(bench, double)
  })

  test('E4 a project that waits for its paused tasks alone goes on with them, and with none while others wait', async () => {
    const { double, bench } = await make()
    const release = double.hold()
    const { id } = await bench.start([{ key: 'a' }, { key: 'b', depends_on: ['a'] }])
    await eventually('a call under way', () => open(double) === 1)
    for (const key of ['a', 'b']) must(await bench.core.tasks.pause(bench.task(id, key).id))
    // It runs still, so there is something else to wait for.
    must(await bench.core.projects.start(id))
    expect(bench.task(id, 'a').held).toBe(true)
    release()
    await bench.reaches(id, 'waiting')
    must(await bench.core.projects.start(id))
    await bench.reaches(id, 'succeeded')
    expect(bench.tasks(id).map((task) => task.held)).toEqual([false, false])
    await isBalanced(bench, double)
  })

  test('E4 a paused task that is skipped or cancelled is no longer paused', async () => {
    const { double, bench } = await make({ queue: [HANG] })
    const { id } = await bench.start(CHAIN)
    await eventually('a call that hangs', () => open(double) === 1)
    for (const { id: task } of bench.tasks(id)) must(await bench.core.tasks.pause(task))
    must(await bench.core.tasks.skip(bench.task(id, 'c').id))
    must(await bench.core.tasks.cancel(bench.task(id, 'a').id))
    expect(bench.task(id, 'c')).toMatchObject({ state: 'skipped', held: false })
    expect(bench.task(id, 'a')).toMatchObject({ state: 'cancelled', held: false })
    must(await bench.core.projects.cancel(id))
    expect(bench.task(id, 'b')).toMatchObject({ state: 'cancelled', held: false })
  })

  test('E4 a paused project stands still, across a restart too, and goes on', async () => {
    const { double, bench } = await make()
    const release = double.hold()
    const { id } = await bench.start(CHAIN)
    await eventually('a call under way', () => open(double) === 1)
    must(await bench.core.projects.pause(id))
    release()
    await eventually('quiet', () => bench.core.system.status().running === 0)
    const before = asked(double).length
    expect(bench.project(id).state).toBe('paused')
    await bench.reopen()
    await bench.core.idle()
    expect(bench.project(id).state).toBe('paused')
    expect(asked(double)).toHaveLength(before)
    must(await bench.core.projects.resume(id))
    await bench.reaches(id, 'succeeded')
    await isBalanced(bench, double)
  })

  test('E4 pausing everything stops all projects, and resuming lets all go on', async () => {
    const { double, bench } = await make()
    const release = double.hold()
    const first = await bench.start(CHAIN)
    const second = await bench.start(CHAIN)
    await eventually('calls of both', () => open(double) === 2)
    must(await bench.core.system.pauseAll())
    release()
    await eventually('quiet', () => bench.core.system.status().running === 0)
    const before = asked(double).length
    await bench.core.idle()
    expect(asked(double)).toHaveLength(before)
    const left = [...bench.tasks(first.id), ...bench.tasks(second.id)].filter((task) => task.state === 'ready')
    for (const task of left) expect(task.reason).toMatch(/paused/i)
    expect(left.length).toBeGreaterThan(0)
    must(await bench.core.system.resumeAll())
    await bench.reaches(first.id, 'succeeded')
    await bench.reaches(second.id, 'succeeded')
    await isBalanced(bench, double)
  })

  test('E4 a planning run that was paused with everything goes on with everything', async () => {
    const { double, bench } = await make({ queue: [{ kind: 'answer', text: 'no plan' }] })
    const release = double.hold()
    const input = {
      requirements: 'Write about gulls',
      attachments: [],
      local_only: false,
      can_wait: false,
      priority: 1,
    }
    const { id } = must(await bench.core.projects.create(input))
    must(await bench.core.projects.plan(id))
    await eventually('the planner is asked', () => open(double) === 1)
    must(await bench.core.system.pauseAll())
    release()
    await eventually('quiet', () => bench.core.system.status().running === 0)
    expect(asked(double)).toHaveLength(1)
    must(await bench.core.system.resumeAll())
    await bench.reaches(id, 'awaiting_approval')
    expect(asked(double)).toHaveLength(2)
  })

  test('E4 E6 a plan that comes after its project was paused asks for approval, and is not planned for ever', async () => {
    const { double, bench } = await make()
    const release = double.hold()
    const input = {
      requirements: 'Write about gulls',
      attachments: [],
      local_only: false,
      can_wait: false,
      priority: 1,
    }
    const { id } = must(await bench.core.projects.create(input))
    must(await bench.core.projects.plan(id))
    await eventually('the planner is asked', () => open(double) === 1)
    must(await bench.core.projects.pause(id))
    expect(bench.project(id).state).toBe('paused')
    release()
    await bench.reaches(id, 'awaiting_approval')
    const plan = must(bench.core.projects.plans(id)).items.find(({ state }) => state === 'proposed')
    must(await bench.core.plans.approve(plan?.id ?? ''))
    await bench.reaches(id, 'succeeded')
    expect(asked(double).length).toBeGreaterThan(1)
  })
})

describe('cancel, skip and retry', () => {
  test('E4 a cancelled task breaks off its call, blocks what needs it, and can be retried', async () => {
    const { double, bench } = await make({ queue: [HANG] })
    // One at a time, so that the call that hangs is the first task's.
    must(await bench.core.settings.change({ max_concurrent: 1 }))
    const { id } = await bench.start([...CHAIN, { key: 'other' }])
    await eventually('a call that hangs', () => asked(double).some((call) => call.behaviour === 'hang'))
    must(await bench.core.tasks.cancel(bench.task(id, 'a').id))
    await bench.reaches(id, 'failed')
    expect(bench.task(id, 'a')).toMatchObject({ state: 'cancelled', reason: 'Cancelled by you.' })
    expect(bench.task(id, 'b')).toMatchObject({ state: 'blocked' })
    expect(bench.task(id, 'c').reason).toContain('"Write a", which was cancelled')
    expect(bench.task(id, 'other').state).toBe('succeeded')
    // What the broken call cost nobody can tell, so it is booked and flagged.
    expect(bench.core.budget.get().global.unconfirmed_micros).toBeGreaterThan(0)
    must(await bench.core.tasks.retry(bench.task(id, 'a').id, 'start'))
    await bench.reaches(id, 'succeeded')
    expect(bench.project(id).result?.not_done).toEqual([])
    await isBalanced(bench, double)
  })

  test('E4 a cancelled project ends at once, and nothing of it runs any more', async () => {
    const { double, bench } = await make({ default: HANG })
    const { id } = await bench.start([...CHAIN, { key: 'other' }])
    await eventually('calls that hang', () => open(double) === 2)
    must(await bench.core.projects.cancel(id))
    expect(bench.project(id)).toMatchObject({ state: 'cancelled', reason: 'Cancelled by you.' })
    await eventually('the calls are broken off', () => open(double) === 0)
    // The task is cancelled at once, its run when its call has been broken off.
    await eventually('the run has ended', () => runsOf(bench, id, 'a')[0]?.state !== 'running')
    expect(new Set(bench.tasks(id).map((task) => task.state))).toEqual(new Set(['cancelled']))
    expect(asked(double)).toHaveLength(2)
    expect(runsOf(bench, id, 'a')[0]?.state).toBe('cancelled')
    expect((await bench.core.tasks.retry(bench.task(id, 'a').id, 'start')).ok).toBe(false)
    for (const steer of [bench.core.projects.retry, bench.core.projects.skip]) {
      expect(await steer(id, 'step')).toMatchObject({ error: { code: 'conflict' } })
    }
    await isBalanced(bench, double)
  })

  test.each(['delete', 'retry'] as const)(
    'E4 E10 of deleting a project and retrying a task of it at once one counts: %s first',
    async (first) => {
      const { double, bench } = await make({ queue: [{ kind: 'refusal' }] })
      const { id } = await bench.start([{ key: 'a' }])
      const { workspace } = await bench.reaches(id, 'failed')
      const task = bench.task(id, 'a').id
      const remove = () => bench.core.projects.remove(id)
      const retry = () => bench.core.tasks.retry(task, 'start')
      const [one, other] = await Promise.all(first === 'delete' ? [remove(), retry()] : [retry(), remove()])
      expect([one.ok, other.ok]).toEqual([true, false])
      if (first === 'retry') {
        await bench.reaches(id, 'succeeded')
        expect(existsSync(join(workspace, 'a.md'))).toBe(true)
      } else {
        await bench.core.idle()
        expect(existsSync(workspace)).toBe(false)
        expect(asked(double)).toHaveLength(1)
      }
      expect(bench.core.budget.get().global).toMatchObject({ reserved_micros: 0, settled_micros: billed(double) })
    },
  )

  test('E4 a retry from the failed step keeps what was done before it', async () => {
    const { double, bench } = await make({
      queue: [
        { kind: 'answer', tool_calls: [{ name: 'write_file', arguments: { path: 'a.md', content: 'kept' } }] },
        { kind: 'refusal' },
      ],
    })
    const { id } = await bench.start([{ key: 'a' }])
    await bench.reaches(id, 'failed')
    must(await bench.core.tasks.retry(bench.task(id, 'a').id, 'step'))
    await bench.reaches(id, 'succeeded')
    const runs = runsOf(bench, id, 'a')
    expect(runs.map((run) => run.attempt).toSorted()).toEqual([1, 2])
    const second = runs.find((run) => run.attempt === 2)
    const steps = must(bench.core.runs.steps(second?.id ?? ''))
    expect(steps.slice(0, 2)).toMatchObject([
      { kind: 'model', reused: true },
      { kind: 'tool', reused: true },
    ])
    // First answer, refusal, the step again, and the summary.
    expect(asked(double)).toHaveLength(4)
    await isBalanced(bench, double)
  })

  test('E4 a retry from the start does everything anew', async () => {
    const { double, bench } = await make({ queue: [{ kind: 'refusal' }] })
    const { id } = await bench.start([{ key: 'a' }])
    await bench.reaches(id, 'failed')
    must(await bench.core.tasks.retry(bench.task(id, 'a').id, 'start'))
    await bench.reaches(id, 'succeeded')
    const second = runsOf(bench, id, 'a').find((run) => run.attempt === 2)
    const steps = must(bench.core.runs.steps(second?.id ?? ''))
    expect(steps.some((step) => step.reused)).toBe(false)
    await isBalanced(bench, double)
  })

  test('E4 a skipped task satisfies what needs it, and the result says so', async () => {
    const { bench } = await make({ queue: [{ kind: 'refusal' }] })
    const { id } = await bench.start(CHAIN)
    await bench.reaches(id, 'failed')
    must(await bench.core.tasks.skip(bench.task(id, 'a').id))
    const project = await bench.reaches(id, 'succeeded')
    expect(bench.tasks(id).map((task) => task.state)).toEqual(['skipped', 'succeeded', 'succeeded'])
    expect(project.result?.not_done).toMatchObject([{ title: 'Write a', state: 'skipped' }])
  })

  test('E4 a task that is changed and retried does what it says now', async () => {
    const { double, bench } = await make({ queue: [{ kind: 'refusal' }] })
    const { id } = await bench.start([{ key: 'a' }])
    await bench.reaches(id, 'failed')
    const { id: task } = bench.task(id, 'a')
    must(await bench.core.tasks.change(task, { description: 'Write about terns instead', artifacts: ['terns.md'] }))
    must(await bench.core.tasks.retry(task, 'step'))
    await bench.reaches(id, 'succeeded')
    expect(JSON.stringify(asked(double)[1]?.body)).toContain('Write about terns instead')
    expect(existsSync(join(bench.project(id).workspace, 'terns.md'))).toBe(true)
  })
})

describe('timeouts', () => {
  test('E3 a step that hangs is broken off at its limit, asked again, and given up after its retries', async () => {
    const { double, bench } = await make({ default: HANG })
    must(await bench.core.settings.change({ step_timeout_ms: 1_000, max_retries: 1 }))
    const { id } = await bench.start([{ key: 'a' }])
    const project = await bench.reaches(id, 'failed')
    expect(project.reason).toMatch(/gave no whole answer within 1 s.*tried 2 times/)
    expect(asked(double)).toHaveLength(2)
    expect(bench.core.budget.get().global.unconfirmed_micros).toBeGreaterThanOrEqual(billed(double))
    await isBalanced(bench, double)
  })

  test('E3 a task that takes too long ends at its limit', async () => {
    const { double, bench } = await make({ default: HANG })
    must(await bench.core.settings.change({ task_timeout_ms: 1_000 }))
    const { id } = await bench.start([{ key: 'a' }])
    const project = await bench.reaches(id, 'failed')
    expect(project.reason).toMatch(/longer than the time limit of a task. Raise the limit, or split/)
    await isBalanced(bench, double)
  })
})

describe('caps and order', () => {
  const many = Array.from({ length: 12 }, (_, index) => ({ key: `t${index}` }))
  const caps: [string, Parameters<CoreBench['core']['settings']['change']>[0], number][] = [
    ['everything', { max_concurrent: 3 }, 3],
    ['a project', { max_concurrent_per_project: 2 }, 2],
    ['a provider', { max_concurrent_per_provider: 5 }, 5],
    ['a model profile', { max_concurrent_per_provider: 50 }, 6],
  ]
  test.each(caps)('E2 the cap of %s is reached and never passed', async (_name, change, cap) => {
    const { double, bench } = await make({ default: HANG })
    must(await bench.core.models.put(profile({ max_concurrent: 6 })))
    must(await bench.core.settings.change({ max_concurrent: 50, max_concurrent_per_project: 50, ...change }))
    must(await bench.core.budget.set({ daily_micros: null, monthly_micros: null }))
    const { id } = await bench.start(many, { budget_micros: 50_000_000 })
    await eventually('as many calls as the cap allows', () => open(double) === cap)
    expect(bench.tasks(id).filter((task) => task.state === 'running')).toHaveLength(cap)
    // Each answer lets exactly one more begin.
    const waiting = bench.tasks(id).find((task) => task.state === 'ready')
    expect(waiting?.reason).toMatch(/Waits for a free place/)
    double.setDefault({ kind: 'answer' })
    for (const task of bench.tasks(id)) {
      if (task.state === 'running') must(await bench.core.tasks.cancel(task.id))
    }
    await bench.reaches(id, 'failed')
    expect(double.record.max_concurrent).toBe(cap)
    expect(bench.tasks(id).filter((task) => task.state === 'succeeded')).toHaveLength(many.length - cap)
  })

  /** The order in which tasks begin that were given these priorities while they were ready. */
  async function orderOf(priorities: Readonly<Record<string, number>>): Promise<(string | undefined)[]> {
    const { bench } = await make()
    must(await bench.core.settings.change({ max_concurrent: 1 }))
    must(await bench.core.system.pauseAll())
    const { id } = await bench.start(Object.keys(priorities).map((key) => ({ key })))
    for (const [key, priority] of Object.entries(priorities)) {
      must(await bench.core.tasks.change(bench.task(id, key).id, { priority }))
    }
    must(await bench.core.system.resumeAll())
    await bench.reaches(id, 'succeeded')
    const { items } = bench.core.events.list({ project_id: id, type: 'task.state' }, 500)
    return items.flatMap((event) =>
      event.type === 'task.state' && event.data.state === 'running'
        ? [bench.tasks(id).find((task) => task.id === event.task_id)?.key]
        : [],
    )
  }

  test('E2 higher priority goes first, equal ones in the order of the plan', async () => {
    expect(await orderOf({ a: 1, b: 5, c: 5, d: 9 })).toEqual(['d', 'b', 'c', 'a'])
  })

  test('E6 a project ends also where one of its tasks was queued twice and others took the place', async () => {
    const { double, bench } = await make()
    const release = double.hold()
    must(await bench.core.settings.change({ max_concurrent: 1 }))
    must(await bench.core.system.pauseAll())
    const first = await bench.start([{ key: 'a' }])
    // Queued anew with each change; the older entry stays behind.
    must(await bench.core.tasks.change(bench.task(first.id, 'a').id, { priority: 5 }))
    must(await bench.core.system.resumeAll())
    await eventually('its call', () => open(double) === 1)
    const second = await bench.start([{ key: 'b' }])
    must(await bench.core.tasks.change(bench.task(second.id, 'b').id, { priority: 9 }))
    release()
    await bench.reaches(second.id, 'succeeded')
    await bench.reaches(first.id, 'succeeded')
  })

  test('E2 a task whose priority is lowered while it is ready goes later', async () => {
    expect(await orderOf({ a: 0, b: 1, c: 1 })).toEqual(['b', 'c', 'a'])
  })
})

describe('the budget', () => {
  const five = Array.from({ length: 5 }, (_, index) => ({ key: `t${index}` }))

  /** Watches every change of a project: at no moment is more reserved and settled than its limit. */
  async function watchLimit(bench: CoreBench, id: string, stop: AbortSignal): Promise<number> {
    let most = 0
    for await (const _ of bench.core.events.stream({}, stop)) {
      const { spent_micros, reserved_micros } = bench.project(id)
      most = Math.max(most, spent_micros + reserved_micros)
    }
    return most
  }

  /** Writes 28 kB in its first call, so that each task costs a good part of the limit. */
  const wordy: Brain = (request) => {
    const isFirst = !request.messages.some((message) => message.role === 'assistant')
    const [path] = filesToDeliver(request.messages)
    if (!isFirst || path === undefined) return defaultBrain(request)
    return { text: '', tool_calls: [{ name: 'write_file', arguments: { path, content: 'A gull. '.repeat(3_500) } }] }
  }

  test('B4 five parallel calls meet the limit: the rest waits, says why, and goes on when it is raised', async () => {
    const { double, bench } = await make({ brain: wordy })
    const release = double.hold()
    must(await bench.core.models.put(profile()))
    must(await bench.core.settings.change({ max_concurrent_per_provider: 5 }))
    const limit = 250_000
    must(await bench.core.system.pauseAll())
    const { id } = await bench.start(five, { budget_micros: limit })
    const stop = new AbortController()
    const watched = watchLimit(bench, id, stop.signal)
    must(await bench.core.system.resumeAll())
    await eventually('five calls', () => open(double) === 5)
    release()
    const project = await bench.reaches(id, 'waiting')
    await eventually('quiet', () => bench.core.system.status().running === 0)
    expect(double.record.max_concurrent).toBe(5)
    expect(project.reason).toMatch(/project's limit of \$0\.25.*is reached.*may cost up to.*Raise the limit/)
    const stopped = bench.tasks(id).filter((task) => task.waiting_on === 'budget')
    expect(stopped.length).toBeGreaterThan(0)
    for (const task of stopped) expect(task.reason).toMatch(/Raise the limit/)
    const { spent_micros, reserved_micros } = bench.project(id)
    expect(reserved_micros).toBe(0)
    expect(spent_micros).toBe(billed(double))
    const answered = new Set(asked(double).map((call) => JSON.stringify({ ...(call.body as object), max_tokens: 0 })))
    expect(answered.size).toBe(asked(double).length)

    stop.abort()
    expect(await watched).toBeLessThanOrEqual(limit)
    must(await bench.core.projects.change(id, { budget_micros: 3_000_000 }))
    await bench.reaches(id, 'succeeded')
    // From there on: what was answered before the stop was not asked again.
    const all = asked(double).map((call) => JSON.stringify({ ...(call.body as object), max_tokens: 0 }))
    expect(new Set(all).size).toBe(all.length)
    await isBalanced(bench, double)
  })

  test('B4 a daily limit stops and goes on in the same way', async () => {
    const { double, bench } = await make()
    must(await bench.core.budget.set({ daily_micros: 20_000 }))
    const { id } = await bench.start(five)
    const project = await bench.reaches(id, 'waiting')
    await eventually('quiet', () => bench.core.system.status().running === 0)
    expect(project.reason).toMatch(/Today's limit/)
    const { day } = bench.core.budget.get()
    expect(day.settled_micros + day.reserved_micros).toBeLessThanOrEqual(20_000)
    must(await bench.core.budget.set({ daily_micros: 5_000_000 }))
    await bench.reaches(id, 'succeeded')
    await isBalanced(bench, double)
  })

  test('B4 a task that was held while the limit was raised goes on when it is let go', async () => {
    const { bench } = await make()
    const { id } = await bench.start([{ key: 'a' }], { budget_micros: 1 })
    await bench.taskReaches(id, 'a', 'waiting')
    must(await bench.core.tasks.pause(bench.task(id, 'a').id))
    must(await bench.core.projects.change(id, { budget_micros: 1_000_000 }))
    must(await bench.core.tasks.resume(bench.task(id, 'a').id))
    await bench.reaches(id, 'succeeded')
  })

  test('B2 planning that other calls’ reservations keep back goes on when they end', async () => {
    const double = await startDoubleProcess('anthropic')
    cleanup(() => double.close())
    const bench = await coreBench({ anthropic: double })
    const working = await bench.start([{ key: 'a' }])
    double.freeze()
    const { day } = await eventually('money that is held', () => {
      const now = bench.core.budget.get()
      return now.day.reserved_micros > 0 && now
    })
    must(await bench.core.budget.set({ daily_micros: day.settled_micros + day.reserved_micros + 20_000 }))
    const input = {
      requirements: 'Write about gulls',
      attachments: [],
      local_only: false,
      can_wait: false,
      priority: 1,
    }
    const { id } = must(await bench.core.projects.create(input))
    must(await bench.core.projects.plan(id))
    await bench.reaches(id, 'waiting')
    expect(bench.project(id).reason).toMatch(/Other calls hold .* goes on when they have ended/)
    double.thaw()
    await bench.reaches(working.id, 'succeeded')
    await bench.reaches(id, 'awaiting_approval')
  })

  test('B2 a lost reply is booked in full and flagged', async () => {
    const { double, bench } = await make({ queue: [{ kind: 'stream_cut' }] })
    const { id } = await bench.start([{ key: 'a' }])
    await bench.reaches(id, 'succeeded')
    const { unconfirmed_micros } = bench.core.budget.get().global
    expect(unconfirmed_micros).toBeGreaterThan(billed(double) / 10)
    const entries = must(bench.core.usage.list({ limit: 50 }, id)).items
    const flagged = entries.filter((entry) => entry.unconfirmed)
    expect(flagged).toHaveLength(1)
    expect(flagged[0]).toMatchObject({ cost_micros: unconfirmed_micros, outcome: 'truncated' })
    expect(bench.core.events.list({ type: 'budget.unconfirmed' }, 10).items).toHaveLength(1)
    await isBalanced(bench, double)
  })
})

describe('ending', () => {
  test('E8 closing lets steps finish and says that it was clean', async () => {
    const { double, bench } = await make()
    const release = double.hold()
    const { id } = await bench.start(CHAIN)
    await eventually('a call under way', () => open(double) === 1)
    const before = asked(double).length
    const closed = bench.close()
    release()
    expect(await closed).toEqual({ clean: true })
    expect(asked(double)).toHaveLength(before)
    expect(asked(double).at(-1)?.outcome).toBe('answered')
    await bench.reopen()
    await bench.reaches(id, 'succeeded')
    expect(runsOf(bench, id, 'a')).toHaveLength(1)
    expect(bench.core.budget.get().global.unconfirmed_micros).toBe(0)
    await isBalanced(bench, double)
  })

  test('E8 what does not finish in time is broken off, journaled, and done again', async () => {
    const { double, bench } = await make({ queue: [HANG] })
    const { id } = await bench.start([{ key: 'a' }])
    await eventually('a call that hangs', () => open(double) === 1)
    expect(await bench.close(50)).toEqual({ clean: false })
    await eventually('the call is broken off', () => open(double) === 0)
    await bench.reopen()
    await bench.reaches(id, 'succeeded')
    expect(runsOf(bench, id, 'a')).toHaveLength(1)
    expect(bench.core.budget.get().global.unconfirmed_micros).toBeGreaterThanOrEqual(0)
    await isBalanced(bench, double)
  })

  test('E6 a project in which nothing can move any more has failed, and says why', async () => {
    const { bench } = await make({ queue: [{ kind: 'refusal' }] })
    const { id } = await bench.start(CHAIN)
    const project = await bench.reaches(id, 'failed')
    expect(project.reason).toMatch(/3 tasks of 3 did not get done. "Write a": .*declined/)
    expect(bench.tasks(id).map((task) => task.state)).toEqual(['failed', 'blocked', 'blocked'])
    expect(bench.core.system.status()).toMatchObject({ running: 0, waiting: 0 })
  })

  test('E9 a project ends with its files, a summary, its cost and time against the estimate', async () => {
    const { double, bench } = await make()
    const { id } = await bench.start(CHAIN)
    const { result } = await bench.reaches(id, 'succeeded')
    expect(result).toMatchObject({ summary_by: 'claude-haiku', not_done: [], cost_micros: billed(double) })
    expect(result?.summary).not.toBe('')
    expect(result?.estimated_high_micros).toBeGreaterThan(0)
    expect(result?.elapsed_ms).toBeGreaterThan(0)
    const artifacts = must(await bench.core.projects.artifacts(id)).items
    expect(artifacts.map((file) => [file.path, file.task_title])).toEqual([
      ['a.md', 'Write a'],
      ['b.md', 'Write b'],
      ['c.md', 'Write c'],
    ])
  })

  test('E6 E9 a task that is undone and done again while its project is summed up does not end the project as failed', async () => {
    const releases: (() => void)[] = []
    const double = await anthropicDouble({
      how(said) {
        if (releases.length === 0 && said.includes('the closing note of a project')) releases.push(double.hold())
        return null
      },
    })
    const bench = await coreBench({ anthropic: double, git: true })
    const { id } = await bench.start([{ key: 'a' }, { key: 'b' }])
    await eventually(
      'a summary under way',
      () => bench.tasks(id).every((task) => task.state === 'succeeded') && open(double) === 1,
    )
    must(await bench.core.tasks.undo(bench.task(id, 'a').id))
    expect(bench.project(id).state).toBe('executing')
    must(await bench.core.tasks.retry(bench.task(id, 'a').id, 'start'))
    for (const release of releases) release()
    await bench.reaches(id, 'succeeded', 'failed')
    expect(bench.project(id)).toMatchObject({ state: 'succeeded', reason: '' })
    expect(bench.tasks(id).map((task) => task.state)).toEqual(['succeeded', 'succeeded'])
  })

  test('E9 a summary that cannot be had does not keep a project from ending', async () => {
    const { double, bench } = await make({ default: { kind: 'refusal' } })
    double.script(...Array.from({ length: 2 }, (): Behaviour => ({ kind: 'answer' })))
    const { id } = await bench.start([{ key: 'a' }])
    const { result } = await bench.reaches(id, 'succeeded')
    expect(result).toMatchObject({ summary_by: null, not_done: [] })
    expect(result?.summary).toMatch(/1 of 1 tasks are done/)
  })
})

describe('what a run leaves to read', () => {
  test('G1 phases come in their order, numbered from 0, each later than the one before', async () => {
    const { bench } = await make({ queue: [{ kind: 'answer', text: 'All done.' }] })
    const { id } = await bench.start([{ key: 'a' }])
    await bench.reaches(id, 'succeeded')
    const [run] = runsOf(bench, id, 'a')
    const events = must(bench.core.runs.events(run?.id ?? ''))
    expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index))
    expect(events.map((event) => `${event.node} ${event.phase}`)).toEqual([
      ...['intent', 'planner', 'selector', 'tool_exec'].flatMap((node) => [`${node} started`, `${node} completed`]),
      'verifier started',
      'verifier failed',
      ...['repair', 'tool_exec', 'verifier', 'synth', 'responder'].flatMap((node) => [
        `${node} started`,
        `${node} completed`,
      ]),
    ])
    const stamps = events.map((event) => event.timestamp)
    for (const stamp of stamps) expect(stamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    expect(stamps.toSorted()).toEqual(stamps)
    expect(new Set(stamps).size).toBe(stamps.length)
  })

  test('E7 the context that was sent is stored, fits its budget, and holds the task, the goal and what came before', async () => {
    const ollama = await ollamaDouble()
    const bench = await coreBench({ ollama: ollama.url })
    const { id } = await bench.start([{ key: 'a' }, { key: 'b', depends_on: ['a'], description: 'Mind the terns' }])
    await bench.reaches(id, 'succeeded')
    const [run] = runsOf(bench, id, 'b')
    const context = must(bench.core.runs.context(run?.id ?? ''))
    expect(context.prompt).toContain('Do what the plan says')
    expect(context.prompt).toContain('Mind the terns')
    expect(context.prompt).toContain('a.md')
    expect(context.tokens).toBeLessThanOrEqual(context.token_budget)
    const sent = asked(ollama).map((call) => call.body as { messages: { role: string; content: string }[] })
    const first = sent.find((body) => body.messages.some((message) => message.content === context.prompt))
    expect(first?.messages[0]).toEqual({ role: 'system', content: context.system })
    expect(first).toMatchObject({ options: { num_ctx: 16_384 }, truncate: false, shift: false })
  })
})
