import fc from 'fast-check'
import { expect, test } from 'vitest'
import { restoreBackup } from '../../src-main/core/store/restore.ts'
import { createBatchDesk, type Fate } from '../doubles/anthropic-batches.ts'
import type { Double } from '../doubles/double-server.ts'
import { anthropicDouble, billed, type CoreBench, coreBench, must, ollamaDouble } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const FAST = { batch_window_ms: 20, batch_poll_ms: 5, batch_poll_cap_ms: 20 }

async function bench(anthropic: Double, change: Record<string, number> = {}): Promise<CoreBench> {
  const made = await coreBench({ anthropic })
  must(await made.core.settings.change({ ...FAST, ...change }))
  return made
}

/** Until so many calls have come, none is sent, however slow the machine is. */
const together = (calls: number) => ({ batch_window_ms: 3_600_000, batch_max_requests: calls })

/** From now on nobody waits for others. */
async function apart(made: CoreBench): Promise<void> {
  must(await made.core.settings.change({ ...FAST, batch_max_requests: 1_000 }))
}

/** Calls that were asked directly, by a path of their own. */
function direct(double: Double): number {
  return double.record.calls.filter((call) => call.method === 'POST' && call.path === '/v1/messages').length
}

/** Nothing is held any more, and the books say what the provider's bill says. */
async function isBalanced(made: CoreBench, double: Double): Promise<void> {
  const { global } = made.core.budget.get()
  expect(global.reserved_micros).toBe(0)
  expect(global.settled_micros).toBe(billed(double))
  expect(must(await made.core.usage.summary('model')).total.cost_micros).toBe(billed(double))
}

test('R5 B5 a project that can wait has its tasks done in batches, at half the price, which is shown', async () => {
  const desk = createBatchDesk()
  const double = await anthropicDouble({ desk })
  const made = await bench(double, together(2))
  const { id } = await made.start([{ key: 'a' }, { key: 'b' }, { key: 'c', depends_on: ['a', 'b'] }], {
    can_wait: true,
  })
  await eventually('the first batch', () => desk.batches.length === 1)
  await apart(made)
  await eventually('the end', () => made.project(id).state === 'succeeded')
  // Only the closing words of the project are asked directly.
  expect(direct(double)).toBe(1)
  const calls = must(made.core.usage.list({ limit: 100 })).items
  const batched = calls.filter((call) => call.batch_saved_micros !== null)
  expect(batched.length).toBeGreaterThanOrEqual(6)
  for (const call of batched) expect(Math.abs((call.batch_saved_micros ?? 0) - call.cost_micros)).toBeLessThanOrEqual(1)
  expect(must(await made.core.usage.summary('model')).total.batch_saved_micros).toBeGreaterThan(0)
  // Tasks that ask at about the same time share a batch.
  expect(desk.batches.at(-1)?.calls).toHaveLength(2)
  await isBalanced(made, double)
})

test('R5 a project that was not said to wait, its plan and its closing words are asked directly', async () => {
  const double = await anthropicDouble()
  const made = await bench(double)
  const { id } = await made.start([{ key: 'a' }])
  await made.reaches(id, 'succeeded')
  const planned = await made.plan('Write a short report about gulls', { can_wait: true })
  expect(planned.state).toBe('awaiting_approval')
  expect(double.record.calls.some((call) => call.path.startsWith('/v1/messages/batches'))).toBe(false)
})

test('R5 the user sees what waits in a batch, since when and with how many others, and nothing else is held up', async () => {
  const desk = createBatchDesk({ held: true })
  const double = await anthropicDouble({ desk })
  const made = await bench(double, { max_concurrent: 1, ...together(3) })
  const { id } = await made.start([{ key: 'a' }, { key: 'b' }], { can_wait: true })
  await made.taskReaches(id, 'a', 'waiting')
  expect(made.task(id, 'a')).toMatchObject({ waiting_on: 'batch', resumes_at: null })
  expect(made.task(id, 'a').reason).toMatch(/^Collected for a batch to Anthropic since .*Z, [12] requests? so far/)
  await eventually('both', () => made.task(id, 'b').waiting_on === 'batch')
  must(await made.core.settings.change({ batch_max_requests: 2 }))
  await eventually('the word of it', () =>
    made.task(id, 'a').reason.startsWith('In a batch of 2 requests at Anthropic since '),
  )
  await eventually('the reason', () => made.project(id).waiting_on === 'batch' && made.project(id).state === 'waiting')
  // Money is set aside at the price of a batch.
  const held = made.core.budget.get().global.reserved_micros
  // The only place there is is free.
  const other = await made.start([{ key: 'c' }])
  await made.reaches(other.id, 'succeeded')
  expect(made.core.budget.get().global.reserved_micros).toBe(held)
  await apart(made)
  desk.held = false
  await made.reaches(id, 'succeeded')
  await isBalanced(made, double)
})

test('R5 what waits is done at once when a person wants it; nothing is paid twice, and the others wait for another batch', async () => {
  const desk = createBatchDesk({ held: true })
  const double = await anthropicDouble({ desk })
  const made = await bench(double, together(2))
  const { id } = await made.start([{ key: 'a' }, { key: 'b' }], { can_wait: true })
  await eventually('the batch', () => desk.batches.some((batch) => batch.calls.length === 2))
  await apart(made)
  must(await made.core.tasks.atOnce(made.task(id, 'a').id))
  await made.taskReaches(id, 'a', 'succeeded')
  expect(made.task(id, 'a').at_once).toBe(true)
  await eventually('the next batch', () => desk.batches.length > 1)
  expect(made.task(id, 'b').state).toBe('waiting')
  expect(desk.batches.at(-1)?.cancel_initiated_at).not.toBeNull()
  desk.held = false
  await made.reaches(id, 'succeeded')
  await isBalanced(made, double)
})

test('R5 what had been answered when it was taken back is used, and not asked again', async () => {
  const desk = createBatchDesk({ held: true, answered_before_cancel: 1 })
  const double = await anthropicDouble({ desk })
  const made = await bench(double)
  const { id } = await made.start([{ key: 'a' }], { can_wait: true })
  await eventually('the batch', () => desk.batches.length === 1)
  must(await made.core.tasks.atOnce(made.task(id, 'a').id))
  await made.reaches(id, 'succeeded')
  const calls = must(made.core.usage.list({ limit: 100 })).items
  expect(calls.filter((call) => call.batch_saved_micros !== null && call.outcome === 'ok')).toHaveLength(1)
  expect(new Set(questions(double)).size).toBe(questions(double).length)
  await isBalanced(made, double)
})

test('R5 what is still being collected is taken back without a byte, also for a whole project', async () => {
  const double = await anthropicDouble()
  const made = await bench(double, { batch_window_ms: 3_600_000 })
  const { id } = await made.start([{ key: 'a' }, { key: 'b' }], { can_wait: true })
  await made.taskReaches(id, 'a', 'waiting')
  must(await made.core.projects.change(id, { can_wait: false }))
  await made.reaches(id, 'succeeded')
  expect(double.record.calls.some((call) => call.path.startsWith('/v1/messages/batches'))).toBe(false)
  expect(
    must(await made.core.tasks.atOnce(made.task(id, 'a').id).then((refused) => ({ ok: true, value: refused }))),
  ).toMatchObject({
    ok: false,
    error: { code: 'conflict' },
  })
  await isBalanced(made, double)
})

test('R5 E4 a cancelled project takes its batch back and leaves no money behind', async () => {
  const desk = createBatchDesk({ held: true })
  const double = await anthropicDouble({ desk })
  const made = await bench(double)
  const { id } = await made.start([{ key: 'a' }, { key: 'b' }], { can_wait: true })
  await eventually('the batch', () => desk.batches.length === 1)
  must(await made.core.projects.cancel(id))
  await eventually('the money', () => made.core.budget.get().global.reserved_micros === 0)
  expect(desk.batches[0]?.cancel_initiated_at).not.toBeNull()
  expect(billed(double)).toBe(0)
  await isBalanced(made, double)
})

test('R5 B2 a cancelled task leaves the batch of others alone; what it cost there is settled, also when its project is gone', async () => {
  const desk = createBatchDesk({ held: true })
  const double = await anthropicDouble({ desk })
  const made = await bench(double, together(2))
  const one = await made.start([{ key: 'a' }], { can_wait: true })
  const two = await made.start([{ key: 'b' }], { can_wait: true })
  await eventually('the batch', () => desk.batches.some((batch) => batch.calls.length === 2))
  await apart(made)
  must(await made.core.tasks.cancel(made.task(one.id, 'a').id))
  await made.core.projects.cancel(one.id)
  must(await made.core.projects.remove(one.id))
  expect(desk.batches[0]?.cancel_initiated_at).toBeNull()
  desk.held = false
  await made.reaches(two.id, 'succeeded')
  expect(must(made.core.usage.list({ limit: 100 })).items.some((call) => call.project_id === one.id)).toBe(true)
  await isBalanced(made, double)
})

test('R5 what expired is not billed, and is asked directly, because a day is over', async () => {
  const desk = createBatchDesk({ fates: ['expired', 'expired'] })
  const double = await anthropicDouble({ desk })
  const made = await bench(double)
  const { id } = await made.start([{ key: 'a' }], { can_wait: true })
  await made.reaches(id, 'succeeded')
  expect(outcomes(made)).toContain('expired')
  expect(direct(double)).toBeGreaterThanOrEqual(2)
  await isBalanced(made, double)
})

test('R5 E3 a call that failed in its batch is asked again where that may heal, and not where it cannot', async () => {
  const desk = createBatchDesk({ fates: ['overloaded', 'overloaded'] })
  const double = await anthropicDouble({ desk })
  const made = await bench(double)
  const { id } = await made.start([{ key: 'a' }], { can_wait: true })
  await made.reaches(id, 'succeeded')
  expect(outcomes(made).filter((outcome) => outcome === 'overloaded')).toHaveLength(2)
  desk.fates.push('errored')
  const other = await made.start([{ key: 'b' }], { can_wait: true })
  await made.reaches(other.id, 'failed')
  expect(made.task(other.id, 'b').reason).toContain('The scripted error of a call.')
  await isBalanced(made, double)
})

test('R5 E3 a rate limit on a batch holds it until it resets, and then it goes', async () => {
  const double = await anthropicDouble({ queue: [{ kind: 'rate_limit', retry_after_s: 1 }] })
  const made = await bench(double)
  const { id } = await made.start([{ key: 'a' }], { can_wait: true })
  await made.taskReaches(id, 'a', 'waiting')
  await eventually('the hold', () => made.task(id, 'a').waiting_on === 'rate_limit')
  await made.reaches(id, 'succeeded')
  await isBalanced(made, double)
})

test('R5 one call that its provider refuses does not spoil the batch for the others', async () => {
  const double = await anthropicDouble({ queue: [{ kind: 'context_too_long' }] })
  const made = await bench(double, together(2))
  const one = await made.start([{ key: 'a' }], { can_wait: true })
  const two = await made.start([{ key: 'b' }], { can_wait: true })
  await made.taskReaches(one.id, 'a', 'waiting').catch(() => undefined)
  await eventually('both are asked directly', () => direct(double) >= 2)
  await apart(made)
  await made.reaches(one.id, 'succeeded')
  await made.reaches(two.id, 'succeeded')
  await isBalanced(made, double)
})

test('R5 E4 an answer that comes when its run has gone elsewhere is paid, and stands in nobody’s way', async () => {
  const desk = createBatchDesk({ held: true })
  const double = await anthropicDouble({ desk })
  const ollama = await ollamaDouble()
  const made = await coreBench({ anthropic: double, ollama: ollama.url })
  must(await made.core.settings.change({ ...FAST, highest_tier: 'strong' }))
  const { id } = await made.start([{ key: 'a', tier: 'fast' }], { can_wait: true })
  await eventually('the batch', () => desk.batches.length === 1)
  const task = made.task(id, 'a').id
  must(await made.core.projects.change(id, { local_only: true }))
  await made.reaches(id, 'succeeded')
  desk.held = false
  must(await made.core.projects.change(id, { local_only: false }))
  await eventually('it is settled', () => made.core.budget.get().global.reserved_micros === 0)
  const runs = must(made.core.tasks.runs(task)).items
  const steps = runs.flatMap((run) => must(made.core.runs.steps(run.id)))
  expect(steps.filter(({ error }) => error?.includes('went on with another model'))).toMatchObject([
    { state: 'failed' },
  ])
  expect(
    steps.filter(({ kind, name, state }) => kind === 'model' && name.startsWith('claude') && state === 'done'),
  ).toEqual([])
  await isBalanced(made, double)
})

test('R5 results that were cut are read again, and each is settled once', async () => {
  const desk = createBatchDesk({ cuts: 3, held: true })
  const double = await anthropicDouble({ desk })
  const made = await bench(double, together(4))
  const keys = ['a', 'b', 'c', 'd', 'e']
  const { id } = await made.start(
    keys.map((key) => ({ key })),
    { can_wait: true },
  )
  await eventually('the batch', () => desk.batches.some((batch) => batch.calls.length > 1))
  await apart(made)
  desk.held = false
  await made.reaches(id, 'succeeded')
  expect(desk.cuts).toBe(0)
  expect(new Set(questions(double)).size).toBe(questions(double).length)
  await isBalanced(made, double)
})

test('R5 E5 a batch whose answer was lost on its way is found among those at the provider, and not sent again', async () => {
  const desk = createBatchDesk({ lost_creations: 1, takes_ms: 50 })
  const double = await anthropicDouble({ desk })
  const made = await bench(double)
  const { id } = await made.start([{ key: 'a' }, { key: 'b' }], { can_wait: true })
  await made.reaches(id, 'succeeded')
  expect(new Set(questions(double)).size).toBe(questions(double).length)
  await isBalanced(made, double)
})

test('R5 E5 a batch that never arrived is booked in full and flagged, and its calls are asked for directly', async () => {
  // Put into batches again and again, each loss would be booked in full: the second error meets the direct call.
  const double = await anthropicDouble({ queue: [{ kind: 'server_error' }, { kind: 'server_error' }] })
  const made = await bench(double)
  const { id } = await made.start([{ key: 'a' }], { can_wait: true })
  await made.reaches(id, 'succeeded')
  const { global } = made.core.budget.get()
  expect(global.reserved_micros).toBe(0)
  expect(global.settled_micros).toBeGreaterThan(billed(double))
  const unknown = must(made.core.usage.list({ limit: 100 }, undefined, 'unconfirmed')).items
  expect(unknown.map((call) => call.outcome).filter((outcome) => outcome === 'lost')).toHaveLength(1)
  expect(global.settled_micros - unknown.reduce((sum, call) => sum + call.cost_micros, 0)).toBe(billed(double))
})

test('R5 E5 a batch outlives Baton: after a restart it is waited for, and asked no more', async () => {
  const desk = createBatchDesk({ held: true })
  const double = await anthropicDouble({ desk })
  const made = await bench(double, together(2))
  const { id } = await made.start([{ key: 'a' }, { key: 'b' }], { can_wait: true })
  await eventually('the batch', () => desk.batches.some((batch) => batch.calls.length === 2))
  await apart(made)
  const held = made.core.budget.get().global.reserved_micros
  await made.close()
  await made.reopen()
  expect(made.core.budget.get().global.reserved_micros).toBe(held)
  expect(made.task(id, 'a')).toMatchObject({ state: 'waiting', waiting_on: 'batch' })
  // It ends while nobody looks.
  await made.close()
  desk.held = false
  await made.reopen()
  await made.reaches(id, 'succeeded')
  expect(new Set(questions(double)).size).toBe(questions(double).length)
  await isBalanced(made, double)
})

test('D3 B2 R5 calls that waited for a batch when a backup was made count as sent after its restore, and work goes on', async () => {
  const double = await anthropicDouble({ desk: createBatchDesk() })
  const made = await bench(double, together(3))
  const { id } = await made.start([{ key: 'a' }, { key: 'b' }], { can_wait: true })
  await eventually('both collected', () => made.tasks(id).every(({ waiting_on }) => waiting_on === 'batch'))
  const backup = must(await made.core.backups.create())
  // What the backup does not know of: they are sent, answered and billed.
  await apart(made)
  await made.reaches(id, 'succeeded')
  const before = billed(double)
  expect(before).toBeGreaterThan(0)
  await made.close()
  must(await restoreBackup(made.data_dir, backup.id))

  await made.reopen()
  const { global } = made.core.budget.get()
  expect(global.unconfirmed_micros).toBeGreaterThan(0)
  expect(global.settled_micros + global.reserved_micros).toBeGreaterThanOrEqual(before)
  await apart(made)
  await made.reaches(id, 'succeeded')
  expect(made.core.budget.get().global.reserved_micros).toBe(0)
  expect(must(made.core.usage.list({ limit: 9 }, id, 'unconfirmed')).items).toHaveLength(2)
})

test('R5 E4 paused work is not sent, and what is in a batch already is settled nevertheless', async () => {
  const desk = createBatchDesk({ held: true })
  const double = await anthropicDouble({ desk })
  const made = await bench(double)
  const { id } = await made.start([{ key: 'a' }], { can_wait: true })
  await eventually('the batch', () => desk.batches.length === 1)
  must(await made.core.projects.pause(id))
  desk.held = false
  await eventually('the money', () => made.core.budget.get().global.reserved_micros === 0)
  expect(billed(double)).toBeGreaterThan(0)
  expect(desk.batches).toHaveLength(1)
  must(await made.core.projects.resume(id))
  await made.reaches(id, 'succeeded')
  await isBalanced(made, double)
})

test('R7 R5 where all work stays local not a byte is sent about a batch, and afterwards it is settled', async () => {
  const desk = createBatchDesk({ held: true })
  const double = await anthropicDouble({ desk })
  const made = await bench(double)
  const { id } = await made.start([{ key: 'a' }, { key: 'b' }], { can_wait: true })
  await eventually('the batch', () => desk.batches.length === 1)
  must(await made.core.settings.change({ local_only: true }))
  await eventually('the wait', () => made.task(id, 'a').waiting_on === 'resource')
  const before = double.record.calls.length
  desk.held = false
  must(await made.core.projects.change(id, { priority: 2 }))
  await made.close()
  await made.reopen()
  await eventually('the wait', () => made.task(id, 'a').waiting_on === 'resource')
  expect(double.record.calls.length).toBe(before)
  must(await made.core.settings.change({ local_only: false }))
  await made.reaches(id, 'succeeded')
  await isBalanced(made, double)
})

test('B2 R5 however calls in batches end, no limit is passed at any moment, and nothing is left set aside', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        fates: fc.array(fc.constantFrom('succeeded', 'errored', 'overloaded', 'expired', 'canceled'), {
          maxLength: 12,
        }),
        budget_micros: fc.integer({ min: 60_000, max: 400_000 }),
        cuts: fc.integer({ min: 0, max: 2 }),
        lost_creations: fc.integer({ min: 0, max: 1 }),
        hurries: fc.boolean(),
      }),
      async ({ fates, budget_micros, cuts, lost_creations, hurries }) => {
        const desk = createBatchDesk({ fates: [...fates] as Fate[], cuts, lost_creations, takes_ms: 10 })
        const double = await anthropicDouble({ desk })
        const made = await bench(double)
        const { id } = await made.start(
          ['a', 'b', 'c', 'd'].map((key) => ({ key })),
          { can_wait: true, budget_micros },
        )
        await eventually('an end', async () => {
          const { spent_micros, reserved_micros, state } = made.project(id)
          expect(spent_micros + reserved_micros).toBeLessThanOrEqual(budget_micros)
          if (hurries && state === 'waiting') await made.core.tasks.atOnce(made.task(id, 'b').id)
          const isStopped = state === 'waiting' && reserved_micros === 0 && made.project(id).waiting_on === 'budget'
          return state === 'succeeded' || state === 'failed' || isStopped
        })
        await eventually('the money', () => made.core.budget.get().global.reserved_micros === 0)
        expect(made.core.budget.get().global.settled_micros).toBeGreaterThanOrEqual(billed(double))
        await made.close(0)
      },
    ),
    { numRuns: 12 },
  )
})

/** What was asked, without the bound of its answer, which may shrink with what is left of the budget. */
function questions(double: Double): string[] {
  return double.record.calls
    .filter((call) => call.path === '/v1/messages')
    .map(({ body }) => {
      const { model, messages, system } = body as Record<string, unknown>
      return JSON.stringify([model, messages, typeof system === 'string' ? system : JSON.stringify(system)]).replaceAll(
        /,?\\*"cache_control\\*":\{[^}]*\}/g,
        '',
      )
    })
}

function outcomes(made: CoreBench): string[] {
  return must(made.core.usage.list({ limit: 100 })).items.map((call) => call.outcome)
}
