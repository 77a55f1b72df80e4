import { eq } from 'drizzle-orm'
import type { BatchRequestState } from '#contract/states.ts'
import type { Ledger } from '../budget/ledger.ts'
import type { Failpoint } from '../failpoint.ts'
import type { ModelFault } from '../model/fault.ts'
import { batchPrices, cacheSavedMicros, type PriceTable } from '../model/price-table.ts'
import { type BatchOutcome, NO_USAGE, type TokenUsage } from '../model/provider.ts'
import type { UsageNote } from '../model/usage-log.ts'
import { type Journal, LOST_CALL, type StepEnd } from '../run/journal.ts'
import { type BatchRequestRow, run as runTable } from '../store/schema.ts'
import type { Tx } from '../store/write-queue.ts'
import type { BatchBook } from './batch-book.ts'
import { batchedMicros } from './batch-price.ts'

/**
 * How a call ends: as its provider says; or `unsent`, taken back before it left; `refused` with its whole batch, which the
 * provider did not take; or `lost`, where nobody can tell what became of it.
 */
export type RequestEnd =
  | BatchOutcome
  | { readonly kind: 'unsent' }
  | { readonly kind: 'refused'; readonly fault: ModelFault }
  | { readonly kind: 'lost' }

export interface EndParts {
  readonly ledger: Ledger
  readonly journal: Journal
  readonly prices: PriceTable
  readonly book: BatchBook
  readonly failpoint: Failpoint
  noteUsage(tx: Tx, note: UsageNote): void
  /** Lets tasks that wait for a batch go on. */
  goOn(taskIds: readonly number[]): void
}

interface Bill {
  readonly cost_micros: number
  readonly saved_micros: number
  readonly unconfirmed: boolean
}

const NOTHING: Bill = { cost_micros: 0, saved_micros: 0, unconfirmed: false }

/**
 * Settles a call, logs its usage and ends its step, all in one transaction and once: what has ended already is left alone.
 * `takenBack`: its batch comes back because a person wanted it to.
 */
export function endRequest(
  parts: EndParts,
  tx: Tx,
  request: BatchRequestRow,
  end: RequestEnd,
  takenBack: boolean,
): void {
  const { book, journal, failpoint } = parts
  const fault = faultOf(end)
  // Read anew: its run may have gone elsewhere while the results came.
  const dropped = book.get(request.id)?.dropped ?? request.dropped
  if (!book.move(tx, request.id, stateAfter(end, takenBack), fault ?? undefined)) return
  const usage = usageOf(end)
  const bill = settle(parts, tx, request, end, usage)
  failpoint('after-batch-settle')
  parts.noteUsage(tx, {
    provider: request.provider,
    model: request.model,
    profile: request.profile,
    project_id: request.project_id,
    task_id: request.task_id,
    run_id: request.run_id,
    step_id: request.step_id,
    reservation_id: request.reservation_id,
    tier: request.tier,
    attempt: request.attempt,
    usage: usage ?? NO_USAGE,
    cost_micros: bill.cost_micros,
    saved_micros: 0,
    cache_saved_micros: cacheSavedMicros(batchPrices(parts.prices), request.model, Date.now(), usage ?? NO_USAGE),
    batch_saved_micros: bill.saved_micros,
    latency_ms: Date.now() - request.created_at,
    outcome: wordOf(end),
    unconfirmed: bill.unconfirmed,
  })
  // Money is settled however long its project is gone.
  const run = tx.orm.select().from(runTable).where(eq(runTable.id, request.run_id)).get()
  const step = { id: request.step_id, kind: 'model' as const, name: request.profile }
  if (run !== undefined) journal.end(tx, run, step, dropped ? leftBehind(bill) : stepEnd(end, bill))
  tx.afterCommit(() => parts.goOn([request.task_id]))
}

function faultOf(end: RequestEnd): ModelFault | null {
  if (end.kind === 'refused') return end.fault
  return end.kind === 'reply' && !end.reply.ok ? end.reply.fault : null
}

function usageOf(end: RequestEnd): TokenUsage | null {
  if (end.kind !== 'reply') return null
  return end.reply.ok ? end.reply.usage : (end.reply.fault.usage ?? null)
}

function stateAfter(end: RequestEnd, takenBack: boolean): BatchRequestState {
  switch (end.kind) {
    case 'reply':
      return end.reply.ok ? 'answered' : 'faulted'
    case 'refused':
      return 'faulted'
    case 'unasked':
      // What somebody cancelled at the provider is not put into the next batch, to be cancelled again.
      return end.why === 'canceled' && takenBack ? 'returned' : 'expired'
    case 'unsent':
      return 'returned'
    // Each loss is booked in full, so the next batch does not get the chance.
    case 'lost':
      return 'expired'
  }
}

/** As the usage log names it. */
function wordOf(end: RequestEnd): string {
  switch (end.kind) {
    case 'reply':
      return end.reply.ok ? 'ok' : end.reply.fault.kind
    case 'refused':
      return end.fault.kind
    case 'unasked':
      return end.why
    case 'unsent':
      return 'canceled'
    case 'lost':
      return 'lost'
  }
}

function settle(
  { ledger, prices }: EndParts,
  tx: Tx,
  { reservation_id, model, created_at }: BatchRequestRow,
  end: RequestEnd,
  usage: TokenUsage | null,
): Bill {
  const unconfirmed = (): Bill => ({
    cost_micros: ledger.settleUnconfirmed(tx, reservation_id),
    saved_micros: 0,
    unconfirmed: true,
  })
  if (end.kind === 'lost') return unconfirmed()
  if (end.kind === 'reply' && !end.reply.ok && end.reply.fault.maybe_billed) return unconfirmed()
  if (usage === null) {
    ledger.release(tx, reservation_id)
    return NOTHING
  }
  const bill = batchedMicros(prices, model, { from_ms: created_at, to_ms: Date.now() }, usage)
  if (bill === null) return unconfirmed()
  ledger.settle(tx, reservation_id, bill.cost_micros)
  return { ...bill, unconfirmed: false }
}

/** Its run has asked somebody else at this place: a second answer there would be taken for the first. */
function leftBehind({ cost_micros, unconfirmed }: Bill): StepEnd {
  const error = 'The run went on with another model before the batch was there; what it cost is booked.'
  return { state: unconfirmed ? 'unknown' : 'failed', error, cost_micros, summary: 'batch: left behind' }
}

function stepEnd(end: RequestEnd, { cost_micros, unconfirmed }: Bill): StepEnd {
  if (end.kind === 'reply' && end.reply.ok) {
    const { text, tool_calls, stop_reason, usage } = end.reply
    const names = tool_calls.map((toolCall) => toolCall.name)
    return {
      state: 'done',
      output: { text, tool_calls, stop_reason, usage },
      cost_micros,
      summary: names.length > 0 ? `asks for ${names.join(', ')}` : 'answered',
    }
  }
  const error = faultOf(end)?.message ?? (end.kind === 'lost' ? LOST_CALL.batch : LOST_CALL.unasked)
  return { state: unconfirmed ? 'unknown' : 'failed', error, cost_micros, summary: `batch: ${wordOf(end)}` }
}
