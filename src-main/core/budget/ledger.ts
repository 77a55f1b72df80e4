import { encodeId } from '#contract/ids.ts'
import { formatUsd } from '#contract/money.ts'
import { ok, type Result } from '#contract/result.ts'
import type { ReservationState } from '#contract/states.ts'
import type { EventLog } from '../event/event-log.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { remembered } from '../store/remembered.ts'
import type { ReservationRow } from '../store/schema.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import { canPass } from '../store/state-machine.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { createAccountBook, type OpenAccount, type Sums } from './account-book.ts'
import { type PeriodKeys, periodKeys } from './period.ts'
import { createReservationBook } from './reservation-book.ts'
import { RESERVATION_TRANSITIONS } from './reservation-states.ts'

/** A paid call that is about to be made. */
export interface Purchase {
  readonly provider: string
  readonly model: string
  readonly project_id: number | null
  readonly task_id: number | null
  readonly run_id: number | null
  /** Output bound that the caller wants, and the smallest that is of use to it. */
  readonly max_tokens: number
  readonly min_tokens: number
  /** The most that the call can cost with that output bound, in micro-dollars. Must not fall as the bound grows. */
  worstCase(max_tokens: number): number
}

/** Money set aside: how much, and the output bound that it covers. */
export interface Granted {
  readonly ok: true
  readonly reservation_id: number
  readonly amount_micros: number
  readonly max_tokens: number
}

/**
 * Why no money was set aside. `by: 'reserved'`: other calls hold it at the moment, so waiting helps. `by: 'settled'`: it is
 * spent, so only a higher limit (or the next period) helps.
 */
export interface Denied {
  readonly ok: false
  readonly by: 'reserved' | 'settled'
  readonly scope: string
  readonly limit_micros: number
  readonly used_micros: number
  readonly wanted_micros: number
  readonly message: string
  /** {@link Ledger.generation} at the denial. */
  readonly generation: number
}

export interface AccountState {
  readonly scope: string
  readonly reserved_micros: number
  readonly settled_micros: number
  readonly unconfirmed_micros: number
  readonly limit_micros: number | null
}

/**
 * Reserve, send, settle (B2). For every scope and at every moment settled + reserved ≤ limit, because a reservation is the
 * worst case of its call and is taken in the transaction that checks all scopes. Every method belongs inside a `write`.
 */
export interface Ledger {
  reserve(tx: Tx, purchase: Purchase): Granted | Denied
  /** Must be durable before the first byte leaves. */
  markSent(tx: Tx, reservationId: number): void
  /** Books what the provider counted and gives the rest back. */
  settle(tx: Tx, reservationId: number, cost_micros: number): void
  /** Nobody can tell what the call cost: books the full amount, flagged. Answers with that amount. */
  settleUnconfirmed(tx: Tx, reservationId: number): number
  /**
   * A person says what an unconfirmed call cost: books that and gives the rest back, in every scope. Refused where the call
   * is not unconfirmed, and above what is booked, because a provider never bills more than the worst case.
   */
  correct(tx: Tx, reservationId: number, cost_micros: number): Result<void, Refusal>
  /** Nothing was billed: gives everything back. */
  release(tx: Tx, reservationId: number): void
  /** Reservations that a dead process left behind, oldest first. */
  open(): { id: number; state: ReservationState; run_id: number | null }[]
  account(scope: string): AccountState
  /** Where a scope stops, in micro-dollars; null where nothing stops it. Cheaper than its account. */
  limitOf(scope: string): number | null
  /** Grows with each change that gives money back, so that who was denied can tell whether asking again may help. */
  generation(): number
  onFreed(listener: () => void): void
  /** Period keys and limits of now, for who shows them. */
  scopesNow(): { day: string; month: string; global: string }
}

const WARNING_SHARE = 0.8

interface ProjectLimits {
  readonly budget_micros: number | null
  readonly authorised_micros: number | null
}

/** An account that moves with a call, and where it stops. */
interface LimitedAccount {
  readonly scope: string
  readonly limit_micros: number | null
  readonly account: OpenAccount
}

const NONE: readonly string[] = []
const NO_LIMITS: ProjectLimits = { budget_micros: null, authorised_micros: null }

export function createLedger(store: Store, events: EventLog, settings: SettingsStore): Ledger {
  const { sqlite } = store
  const reservations = createReservationBook(sqlite)
  const accounts = createAccountBook(sqlite)
  const limitsOfRow = sqlite.prepare<[number], ProjectLimits>(
    'SELECT budget_micros, authorised_micros FROM project WHERE id = ?',
  )
  const projectLimits = remembered(store, ['project'], (id) => limitsOfRow.get(id) ?? NO_LIMITS)
  const openRows = sqlite.prepare<[], { id: number; state: ReservationState; run_id: number | null }>(
    "SELECT id, state, run_id FROM reservation WHERE state IN ('reserved', 'sent') ORDER BY id",
  )

  function limitOf(scope: string): number | null {
    const limits = settings.budgetLimits()
    const end = scope.indexOf(':')
    switch (end < 0 ? scope : scope.slice(0, end)) {
      case 'day':
        return limits.daily_micros
      case 'month':
        return limits.monthly_micros
      case 'project': {
        const own = projectLimits(Number(scope.slice(end + 1)))
        return lower(own.budget_micros ?? limits.project_micros, own.authorised_micros)
      }
      case 'task':
        return limits.task_micros
      case 'run':
        return limits.run_micros
      default:
        return limits.global_micros
    }
  }

  /** Whether it is a plan's approval that limits a project, and no budget. */
  function isApproval(scope: string): boolean {
    const own = scope.startsWith('project:') ? projectLimits(Number(scope.slice('project:'.length))) : undefined
    const budget = own?.budget_micros ?? settings.budgetLimits().project_micros ?? Infinity
    return own?.authorised_micros != null && own.authorised_micros < budget
  }

  /** Tasks and runs have few calls each, and seldom a limit: they are summed up when somebody asks. */
  function used(scope: string): Sums {
    if (scope.startsWith('task:')) return reservations.sums('task', Number(scope.slice('task:'.length)))
    if (scope.startsWith('run:')) return reservations.sums('run', Number(scope.slice('run:'.length)))
    return accounts.read(scope)
  }

  function state(scope: string): AccountState {
    return { scope, ...used(scope), limit_micros: limitOf(scope) }
  }

  /** Whose accounts the open change has asked for last: its calls are mostly of one project. */
  let known: { readonly day: string; readonly project: number | null; readonly of: readonly LimitedAccount[] } | null =
    null
  const forgetKnown = (): void => {
    known = null
  }

  /** The accounts that move with a call. Whoever changes limits books nothing in the same change. */
  function accountsOf(tx: Tx, { day_key, month_key }: PeriodKeys, project: number | null): readonly LimitedAccount[] {
    if (known !== null && known.day === day_key && known.project === project) return known.of
    if (known === null) tx.atEnd(forgetKnown, forgetKnown)
    const scopes = ['global', `month:${month_key}`, `day:${day_key}`]
    if (project !== null) scopes.push(`project:${project}`)
    const of = scopes.map((scope) => ({ scope, limit_micros: limitOf(scope), account: accounts.open(tx, scope) }))
    known = { day: day_key, project, of }
    return of
  }

  /** Scopes without an account whose limit is set. */
  function limitedOf({ task_id, run_id }: Pick<ReservationRow, 'task_id' | 'run_id'>): readonly string[] {
    const { task_micros, run_micros } = settings.budgetLimits()
    if (task_micros === null && run_micros === null) return NONE
    const scopes: string[] = []
    if (task_id !== null && task_micros !== null) scopes.push(`task:${task_id}`)
    if (run_id !== null && run_micros !== null) scopes.push(`run:${run_id}`)
    return scopes
  }

  function take(id: number, next: ReservationState): ReservationRow {
    const row = reservations.get(id)
    if (row === undefined || !canPass(RESERVATION_TRANSITIONS, row.state, next)) {
      throw new Error(`Reservation ${id} is ${row?.state ?? 'missing'} and cannot become ${next}`)
    }
    return row
  }

  let generation = 0
  const freedListeners: (() => void)[] = []
  /** Whether the open change gives money back. */
  let isFreeing = false

  /** Once for a change, however many calls it ends. */
  function tellFreed(tx: Tx): void {
    if (isFreeing) return
    isFreeing = true
    const end = (): void => {
      isFreeing = false
    }
    tx.atEnd(end, end)
    tx.afterCommit(() => {
      generation += 1
      for (const listener of freedListeners) listener()
    })
  }

  function book(tx: Tx, id: number, next: 'settled' | 'unconfirmed' | 'released', cost: number | null): number {
    const row = take(id, next)
    const settled = cost ?? row.amount_micros
    // An unconfirmed one is booked in full already; its correction books the difference.
    const isCorrection = row.state === 'unconfirmed'
    const booked = isCorrection ? row.amount_micros : 0
    reservations.move(row, { state: next, settled_micros: settled, settled_at: Date.now() })
    const by = {
      reserved_micros: isCorrection ? 0 : -row.amount_micros,
      settled_micros: settled - booked,
      unconfirmed_micros: next === 'unconfirmed' ? settled : -booked,
    }
    const moved = accountsOf(tx, row, row.project_id)
    for (const { account } of moved) account.move(by)
    const added = settled - booked
    if (added > 0) {
      for (const { scope, limit_micros, account } of moved) warn(tx, row, scope, limit_micros, account, added)
      for (const scope of limitedOf(row)) warn(tx, row, scope, limitOf(scope), used(scope), added)
    }
    tellFreed(tx)
    return settled
  }

  /** Tells of the moment at which a scope passes its warning mark, by what was just added to it. */
  function warn(
    tx: Tx,
    row: ReservationRow,
    scope: string,
    limit_micros: number | null,
    { settled_micros: used_micros }: Sums,
    added: number,
  ): void {
    if (limit_micros === null) return
    const mark = limit_micros * WARNING_SHARE
    if (used_micros - added < mark && used_micros >= mark) {
      events.append(tx, 'budget.warning', row, { scope, used_micros, limit_micros })
    }
  }

  return {
    reserve(tx, purchase) {
      const now = Date.now()
      const keys = periodKeys(now)
      const { project_id, task_id, run_id } = purchase
      const subject = { project_id, task_id, run_id }
      const moved = accountsOf(tx, keys, project_id)
      const limited = limitedOf(subject)
      let free = Infinity
      for (const { limit_micros, account } of moved) free = Math.min(free, leftOf(limit_micros, account))
      for (const scope of limited) free = Math.min(free, leftOf(limitOf(scope), used(scope)))

      const max_tokens = largest(purchase, (tokens) => purchase.worstCase(tokens) <= free)
      if (max_tokens === null) {
        const states = [...moved.map(({ scope }) => scope), ...limited].map(state)
        const wanted = purchase.worstCase(Math.min(purchase.min_tokens, purchase.max_tokens))
        const over = (usedOf: (sums: Sums) => number): AccountState | undefined =>
          states.find(({ limit_micros, ...sums }) => limit_micros !== null && wanted > limit_micros - usedOf(sums))
        const spent = over((sums) => sums.settled_micros)
        const full = spent ?? over(committed)
        if (full === undefined) throw new Error('A purchase that fits was denied')
        const denied = denial(
          full,
          spent === undefined ? 'reserved' : 'settled',
          wanted,
          generation,
          isApproval(full.scope),
        )
        if (denied.by === 'settled') {
          const { scope, used_micros, limit_micros, wanted_micros } = denied
          events.append(tx, 'budget.stopped', subject, { scope, used_micros, limit_micros, wanted_micros })
        }
        return denied
      }
      const amount = purchase.worstCase(max_tokens)
      const reservation_id = reservations.add(tx, {
        state: 'reserved',
        provider: purchase.provider,
        model: purchase.model,
        project_id,
        task_id,
        run_id,
        day_key: keys.day_key,
        month_key: keys.month_key,
        amount_micros: amount,
        settled_micros: 0,
        created_at: now,
        sent_at: null,
        settled_at: null,
      })
      const by = { reserved_micros: amount, settled_micros: 0, unconfirmed_micros: 0 }
      for (const { account } of moved) account.move(by)
      return { ok: true, reservation_id, amount_micros: amount, max_tokens }
    },
    markSent(_tx, id) {
      reservations.move(take(id, 'sent'), { state: 'sent', sent_at: Date.now() })
    },
    settle: (tx, id, cost) => {
      book(tx, id, 'settled', cost)
    },
    settleUnconfirmed(tx, id) {
      const amount = book(tx, id, 'unconfirmed', null)
      const row = reservations.get(id)
      events.append(tx, 'budget.unconfirmed', row ?? {}, {
        reservation_id: encodeId('reservation', id),
        amount_micros: amount,
      })
      return amount
    },
    correct(tx, id, cost_micros) {
      const row = reservations.get(id)
      if (row?.state !== 'unconfirmed') {
        return refuse('conflict', 'The cost of this call is known, so there is nothing to correct.')
      }
      if (cost_micros > row.amount_micros) {
        const most = formatUsd(row.amount_micros)
        return refuse(
          'bad_request',
          `This call cannot have cost more than ${most}, which is booked for it. Enter less.`,
        )
      }
      book(tx, id, 'settled', cost_micros)
      events.append(tx, 'budget.corrected', row, {
        reservation_id: encodeId('reservation', id),
        booked_micros: row.amount_micros,
        cost_micros,
      })
      return ok(undefined)
    },
    release: (tx, id) => {
      book(tx, id, 'released', 0)
    },
    open: () => openRows.all(),
    account: state,
    limitOf,
    generation: () => generation,
    onFreed: (listener) => {
      freedListeners.push(listener)
    },
    scopesNow() {
      const { day_key, month_key } = periodKeys(Date.now())
      return { day: `day:${day_key}`, month: `month:${month_key}`, global: 'global' }
    },
  }
}

/** What is spent or may be. */
function committed({ settled_micros, reserved_micros }: Sums): number {
  return settled_micros + reserved_micros
}

/** What may still be reserved. */
function leftOf(limit_micros: number | null, sums: Sums): number {
  return limit_micros === null ? Infinity : limit_micros - committed(sums)
}

function lower(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}

/** The largest output bound between the purchase's own bounds that fits; null where not even the smallest does. */
function largest(purchase: Purchase, fits: (tokens: number) => boolean): number | null {
  if (fits(purchase.max_tokens)) return purchase.max_tokens
  let low = Math.min(purchase.min_tokens, purchase.max_tokens)
  if (!fits(low)) return null
  let high = purchase.max_tokens
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}

const SCOPE_WORDS: Readonly<Record<string, string>> = {
  global: 'the overall limit',
  day: "today's limit",
  month: "this month's limit",
  project: "the project's limit",
  task: "the task's limit",
  run: "the run's limit",
}

function denial(
  account: AccountState,
  by: Denied['by'],
  wanted: number,
  generation: number,
  isApproval: boolean,
): Denied {
  const limit = account.limit_micros ?? 0
  const what = SCOPE_WORDS[account.scope.split(':')[0] ?? ''] ?? account.scope
  const message =
    by === 'settled'
      ? `${what.charAt(0).toUpperCase()}${what.slice(1)} of ${formatUsd(limit)}${isApproval ? ', which was approved with the plan,' : ''} is reached: ${formatUsd(account.settled_micros)} is spent and the next call may cost up to ${formatUsd(wanted)}. Raise the limit to go on.`
      : `Other calls hold ${formatUsd(account.reserved_micros)} of ${what} of ${formatUsd(limit)} at the moment; this goes on when they have ended.`
  return {
    ok: false,
    by,
    scope: account.scope,
    limit_micros: limit,
    used_micros: account.settled_micros,
    wanted_micros: wanted,
    message,
    generation,
  }
}
