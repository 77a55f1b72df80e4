import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import type { ReservationState } from '#contract/states.ts'
import { type StoreBench, storeBench } from '../store/store-bench.ts'
import { createLedger, type Denied, type Granted, type Ledger, type Purchase } from './ledger.ts'

afterEach(() => {
  vi.useRealTimers()
})

type LedgerBench = StoreBench & { ledger: Ledger; reserve(change: Partial<Purchase>): Promise<Granted | Denied> }

function ledgerBench(): LedgerBench {
  const bench = storeBench()
  const ledger = createLedger(bench.store, bench.events, bench.settings)
  const plain = {
    provider: 'p',
    model: 'm',
    project_id: null,
    task_id: null,
    run_id: null,
    max_tokens: 1,
    min_tokens: 1,
  }
  return {
    ...bench,
    ledger,
    reserve: (change) => bench.store.write((tx) => ledger.reserve(tx, { ...plain, worstCase: () => 0, ...change })),
  }
}

function granted(answer: Granted | Denied): Granted {
  if (!answer.ok) throw new Error(answer.message)
  return answer
}

function denied(answer: Granted | Denied): Denied {
  if (answer.ok) throw new Error('Granted')
  return answer
}

interface Want {
  project: number | null
  task: number | null
  run: number | null
  base: number
  rate: number
  max: number
  min: number
}
type Action =
  | { do: 'reserve'; want: Want }
  | { do: 'send' | 'release' | 'unconfirmed'; which: number }
  | { do: 'settle'; which: number; percent: number }

const key = fc.option(fc.constantFrom(1, 2))
/** A run belongs to one task at most. */
const owner = fc.constantFrom(
  { task: null, run: null },
  { task: null, run: 3 },
  { task: 1, run: 1 },
  { task: 2, run: 2 },
)
const want: fc.Arbitrary<Want> = fc
  .record({
    project: key,
    owner,
    base: fc.nat(60),
    rate: fc.nat(5),
    max: fc.integer({ min: 1, max: 30 }),
    min: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ owner: own, ...rest }) => ({ ...own, ...rest }))
const which = fc.nat(30)
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reserve' as const), want }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('send', 'release', 'unconfirmed'), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), which, percent: fc.nat(100) }) },
)
const limit = fc.option(fc.nat(300), { freq: 3 })
const limits = fc.record({
  daily_micros: limit,
  monthly_micros: limit,
  global_micros: limit,
  project_micros: limit,
  task_micros: limit,
  run_micros: limit,
})

interface Known {
  id: number
  state: ReservationState
  amount: number
  settled: number
  scopes: readonly string[]
}

/** What the ledger must say, worked out from all reservations anew each time. */
class Model {
  readonly reservations: Known[] = []
  readonly limits = new Map<string, number | null>()

  used(scope: string): { settled: number; reserved: number; unconfirmed: number } {
    const own = this.reservations.filter((each) => each.scopes.includes(scope))
    const open = own.filter((each) => each.state === 'reserved' || each.state === 'sent')
    const unsure = own.filter((each) => each.state === 'unconfirmed')
    return {
      settled: own.reduce((sum, each) => sum + each.settled, 0),
      reserved: open.reduce((sum, each) => sum + each.amount, 0),
      unconfirmed: unsure.reduce((sum, each) => sum + each.settled, 0),
    }
  }

  fits(scopes: readonly string[], amount: number, countReserved: boolean): boolean {
    return scopes.every((scope) => {
      const { settled, reserved } = this.used(scope)
      return settled + (countReserved ? reserved : 0) + amount <= (this.limits.get(scope) ?? Infinity)
    })
  }

  /** The most tokens that fit, found by trying each. */
  most(scopes: readonly string[], { base, rate, max, min }: Want): number | null {
    for (let tokens = max; tokens >= Math.min(min, max); tokens--) {
      if (this.fits(scopes, base + rate * tokens, true)) return tokens
    }
    return null
  }
}

const STEPS = { send: 'sent', release: 'released', unconfirmed: 'unconfirmed', settle: 'settled' } as const
const MAY: Readonly<Record<ReservationState, readonly ReservationState[]>> = {
  reserved: ['sent', 'released'],
  sent: ['settled', 'unconfirmed', 'released'],
  unconfirmed: ['settled'],
  settled: [],
  released: [],
}

test('B2 B3 any interleaving keeps settled + reserved within every limit, and refuses nothing that fits', async () => {
  await fc.assert(
    fc.asyncProperty(
      limits,
      fc.array(fc.array(action, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 14 }),
      async (given, turns) => {
        vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 20, 12) })
        const { store, settings, ledger, reserve, project, tasks, run } = ledgerBench()
        const first = project({ budget_micros: 150 })
        project({ authorised_micros: 90 })
        for (const own of [...tasks(first, [[], []]), null]) run(first, own, 'running')
        await store.write((tx) => settings.changeBudgetLimits(tx, given))
        const model = new Model()
        const { daily_micros, monthly_micros, global_micros, project_micros, task_micros, run_micros } = given
        const always = ['global', 'month:2026-11', 'day:2026-11-20']
        for (const [scope, bound] of [
          ['global', global_micros],
          ['month:2026-11', monthly_micros],
          ['day:2026-11-20', daily_micros],
          ['project:1', 150],
          ['project:2', Math.min(90, project_micros ?? Infinity)],
          ['task:1', task_micros],
          ['task:2', task_micros],
          ['run:1', run_micros],
          ['run:2', run_micros],
          ['run:3', run_micros],
        ] as const) {
          model.limits.set(scope, bound)
        }

        async function tryReserve(asked: Want): Promise<void> {
          const { project: project_id, task: task_id, run: run_id, base, rate, max, min } = asked
          const own = { project: project_id, task: task_id, run: run_id }
          const scopes = [
            ...always,
            ...Object.entries(own).flatMap(([kind, id]) => (id === null ? [] : [`${kind}:${id}`])),
          ]
          const answering = reserve({
            project_id,
            task_id,
            run_id,
            max_tokens: max,
            min_tokens: min,
            worstCase: (tokens) => base + rate * tokens,
          })
          // Changes of one turn are applied in the order in which they were asked for, so the model may go first.
          const tokens = model.most(scopes, asked)
          if (tokens === null) {
            const least = base + rate * Math.min(min, max)
            const by = model.fits(scopes, least, false) ? 'reserved' : 'settled'
            expect(await answering).toMatchObject({ ok: false, by, wanted_micros: least })
            return
          }
          const amount = base + rate * tokens
          const known: Known = { id: 0, state: 'reserved', amount, settled: 0, scopes }
          model.reservations.push(known)
          known.id = model.reservations.length
          expect(await answering).toEqual({
            ok: true,
            reservation_id: known.id,
            amount_micros: amount,
            max_tokens: tokens,
          })
        }

        async function tryMove(step: keyof typeof STEPS, index: number, percent: number): Promise<void> {
          const known = model.reservations[index % model.reservations.length]
          if (known === undefined) return
          const cost = Math.floor((known.amount * percent) / 100)
          const moving = store.write((tx) => {
            if (step === 'send') ledger.markSent(tx, known.id)
            else if (step === 'release') ledger.release(tx, known.id)
            else if (step === 'settle') ledger.settle(tx, known.id, cost)
            else ledger.settleUnconfirmed(tx, known.id)
          })
          if (!MAY[known.state].includes(STEPS[step])) {
            await expect(moving).rejects.toThrow(/cannot become/)
            return
          }
          known.state = STEPS[step]
          if (step === 'settle') known.settled = cost
          if (step === 'unconfirmed') known.settled = known.amount
          await moving
        }

        function compare(): void {
          for (const [scope, bound] of model.limits) {
            const { settled, reserved, unconfirmed } = model.used(scope)
            expect(ledger.account(scope)).toEqual({
              scope,
              settled_micros: settled,
              reserved_micros: reserved,
              unconfirmed_micros: unconfirmed,
              limit_micros: bound,
            })
            expect(settled + reserved).toBeLessThanOrEqual(bound ?? Infinity)
          }
          expect(sumsOverRows(store.sqlite)).toEqual({
            reserved: model.used('global').reserved,
            settled: model.used('global').settled,
          })
        }

        for (const turn of turns) {
          // All of a turn share one transaction.
          await Promise.all(
            turn.map((each) =>
              each.do === 'reserve'
                ? tryReserve(each.want)
                : tryMove(each.do, each.which, each.do === 'settle' ? each.percent : 0),
            ),
          )
          compare()
        }
        for (const [index, { state }] of model.reservations.entries()) {
          if (state === 'reserved') await tryMove('release', index, 0)
          if (state === 'sent') await tryMove('settle', index, 50)
        }
        compare()
        expect(ledger.open()).toEqual([])
        for (const scope of model.limits.keys()) expect(ledger.account(scope).reserved_micros).toBe(0)
      },
    ),
    { numRuns: 60 },
  )
})

function sumsOverRows(sqlite: StoreBench['store']['sqlite']): unknown {
  return sqlite
    .prepare(
      `SELECT coalesce(sum(CASE WHEN state IN ('reserved', 'sent') THEN amount_micros END), 0) AS reserved,
         coalesce(sum(settled_micros), 0) AS settled FROM reservation`,
    )
    .get()
}

test('B2 shrinks the output bound to what fits, down to the smallest of use and not under it', async () => {
  const { store, settings, reserve } = ledgerBench()
  await store.write((tx) => settings.changeBudgetLimits(tx, { daily_micros: 10_000 }))
  const call = { max_tokens: 4_096, min_tokens: 1_024, worstCase: (tokens: number) => 1_000 + 3 * tokens }
  expect(granted(await reserve(call))).toMatchObject({ max_tokens: 3_000, amount_micros: 10_000 })
  await store.write((tx) => settings.changeBudgetLimits(tx, { daily_micros: 10_000 + 1_000 + 3 * 1_024 }))
  expect(granted(await reserve(call)).max_tokens).toBe(1_024)
  await store.write((tx) => settings.changeBudgetLimits(tx, { daily_micros: 14_072 + 1_000 + 3 * 1_024 - 1 }))
  expect(denied(await reserve(call))).toMatchObject({ by: 'reserved', wanted_micros: 4_072 })
})

test('B2 waits for what others hold, stops at what is spent, and tells of the stop', async () => {
  const { store, events, settings, ledger, reserve, project } = ledgerBench()
  await store.write((tx) => settings.changeBudgetLimits(tx, { daily_micros: 100 }))
  const project_id = project()
  const first = granted(await reserve({ worstCase: () => 80 }))
  const waits = denied(await reserve({ project_id, worstCase: () => 30 }))
  expect(waits).toMatchObject({ by: 'reserved', limit_micros: 100, used_micros: 0, wanted_micros: 30 })
  expect(waits.generation).toBe(ledger.generation())
  expect(events.list({ after: 0, type: 'budget.stopped', limit: 9 })).toEqual([])

  await store.write((tx) => {
    ledger.markSent(tx, first.reservation_id)
    ledger.settle(tx, first.reservation_id, 75)
  })
  expect(ledger.generation()).toBeGreaterThan(waits.generation)
  const stops = denied(await reserve({ project_id, worstCase: () => 30 }))
  expect(stops).toMatchObject({ by: 'settled', limit_micros: 100, used_micros: 75, wanted_micros: 30 })
  expect(stops.message).toMatch(/^Today's limit .* is reached: .* Raise the limit/)
  const { scope, used_micros, limit_micros, wanted_micros } = stops
  expect(events.list({ after: 0, type: 'budget.stopped', limit: 9 })).toMatchObject([
    { project_id: 'prj_1', data: { scope, used_micros, limit_micros, wanted_micros } },
  ])
  expect(granted(await reserve({ worstCase: () => 25 })).amount_micros).toBe(25)
})

test('B3 tells who waits when money was given back, after it is durable', async () => {
  const { store, ledger, reserve } = ledgerBench()
  const { reservation_id } = granted(await reserve({ worstCase: () => 10 }))
  const freed: number[] = []
  ledger.onFreed(() => freed.push(ledger.account('global').reserved_micros))
  const failing = store.write((tx) => {
    ledger.release(tx, reservation_id)
    throw new Error('a bug')
  })
  await expect(failing).rejects.toThrow('a bug')
  expect([freed, ledger.generation(), ledger.account('global').reserved_micros]).toEqual([[], 0, 10])
  await store.write((tx) => ledger.release(tx, reservation_id))
  expect([freed, ledger.generation()]).toEqual([[0], 1])
})

test('B1 warns once in each scope when 80 % of its limit is spent', async () => {
  const { store, events, settings, ledger, reserve } = ledgerBench()
  await store.write((tx) => settings.changeBudgetLimits(tx, { daily_micros: 100, monthly_micros: 200 }))
  const { day, month } = ledger.scopesNow()
  const spend = async (cost: number): Promise<string[]> => {
    const before = events.lastSeq()
    const { reservation_id } = granted(await reserve({ worstCase: () => cost }))
    await store.write((tx) => {
      ledger.markSent(tx, reservation_id)
      ledger.settle(tx, reservation_id, cost)
    })
    const told = events.list({ after: before, type: 'budget.warning', limit: 9 })
    return told.map((event) => (event.type === 'budget.warning' ? event.data.scope : ''))
  }
  expect(await spend(79)).toEqual([])
  expect(await spend(1)).toEqual([day])
  expect(await spend(20)).toEqual([])
  await store.write((tx) => settings.changeBudgetLimits(tx, { daily_micros: null }))
  expect(await spend(60)).toEqual([month])
  expect(await spend(1)).toEqual([])
})

test('B2 an unconfirmed call is booked in full and flagged, until its cost is corrected', async () => {
  const { store, events, ledger, reserve } = ledgerBench()
  const other = granted(await reserve({ worstCase: () => 30 }))
  const lost = granted(await reserve({ worstCase: () => 50 }))
  await store.write((tx) => ledger.markSent(tx, lost.reservation_id))
  expect(await store.write((tx) => ledger.settleUnconfirmed(tx, lost.reservation_id))).toBe(50)
  expect(ledger.account('global')).toMatchObject({ reserved_micros: 30, settled_micros: 50, unconfirmed_micros: 50 })
  expect(events.list({ after: 0, type: 'budget.unconfirmed', limit: 9 })).toMatchObject([
    { data: { reservation_id: 'rsv_2', amount_micros: 50 } },
  ])
  const correct = (id: number, cost: number) => store.write((tx) => ledger.correct(tx, id, cost))
  // What is not lost has nothing to correct, and a provider never bills more than the worst case.
  expect(await correct(other.reservation_id, 1)).toMatchObject({ ok: false, error: { code: 'conflict' } })
  expect(await correct(lost.reservation_id, 51)).toMatchObject({ ok: false, error: { code: 'bad_request' } })
  expect(ledger.account('global')).toMatchObject({ settled_micros: 50, unconfirmed_micros: 50 })
  expect(await correct(lost.reservation_id, 12)).toMatchObject({ ok: true })
  expect(await correct(lost.reservation_id, 3)).toMatchObject({ ok: false, error: { code: 'conflict' } })
  expect(events.list({ after: 0, type: 'budget.corrected', limit: 9 })).toMatchObject([
    { data: { reservation_id: 'rsv_2', booked_micros: 50, cost_micros: 12 } },
  ])
  expect(ledger.account('global')).toMatchObject({ reserved_micros: 30, settled_micros: 12, unconfirmed_micros: 0 })
  await store.write((tx) => ledger.release(tx, other.reservation_id))
  expect(ledger.account('global')).toMatchObject({ reserved_micros: 0, settled_micros: 12 })
})

test('B1 a call belongs to the UTC day and month in which it was reserved', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 30, 23, 59, 59, 999) })
  const { store, settings, ledger, reserve } = ledgerBench()
  await store.write((tx) => settings.changeBudgetLimits(tx, { daily_micros: 100, monthly_micros: 100 }))
  const { reservation_id } = granted(await reserve({ worstCase: () => 90 }))
  expect(ledger.scopesNow()).toEqual({ day: 'day:2026-11-30', month: 'month:2026-11', global: 'global' })

  vi.setSystemTime(Date.UTC(2026, 11, 1))
  expect(granted(await reserve({ worstCase: () => 100 })).amount_micros).toBe(100)
  await store.write((tx) => {
    ledger.markSent(tx, reservation_id)
    ledger.settle(tx, reservation_id, 40)
  })
  expect(ledger.account('day:2026-11-30')).toMatchObject({ reserved_micros: 0, settled_micros: 40 })
  expect(ledger.account('month:2026-11')).toMatchObject({ reserved_micros: 0, settled_micros: 40 })
  expect(ledger.account('day:2026-12-01')).toMatchObject({ reserved_micros: 100, settled_micros: 0 })
  expect(ledger.account('month:2026-12')).toMatchObject({ reserved_micros: 100, settled_micros: 0 })
  expect(ledger.account('global')).toMatchObject({ reserved_micros: 100, settled_micros: 40 })
})

test('B1 a project is limited by its own budget, else by the default, and by what was approved', async () => {
  const { store, settings, ledger, project } = ledgerBench()
  await store.write((tx) => settings.changeBudgetLimits(tx, { project_micros: 500 }))
  const bound = (fields: Parameters<StoreBench['project']>[0]): number | null =>
    ledger.account(`project:${project(fields)}`).limit_micros
  expect(bound({})).toBe(500)
  expect(bound({ budget_micros: 900 })).toBe(900)
  expect(bound({ budget_micros: 0 })).toBe(0)
  expect(bound({ authorised_micros: 300 })).toBe(300)
  expect(bound({ authorised_micros: 700 })).toBe(500)
  expect(bound({ budget_micros: 900, authorised_micros: 700 })).toBe(700)
  await store.write((tx) => settings.changeBudgetLimits(tx, { project_micros: null }))
  expect(bound({})).toBeNull()
})

test('B2 lists what a dead process left open, oldest first', async () => {
  const { store, ledger, reserve } = ledgerBench()
  for (let index = 0; index < 4; index++) await reserve({ run_id: index, worstCase: () => 1 })
  await store.write((tx) => {
    ledger.markSent(tx, 2)
    ledger.release(tx, 3)
  })
  expect(ledger.open()).toEqual([
    { id: 1, state: 'reserved', run_id: 0 },
    { id: 2, state: 'sent', run_id: 1 },
    { id: 4, state: 'reserved', run_id: 3 },
  ])
})
