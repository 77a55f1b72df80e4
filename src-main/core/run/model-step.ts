import { z } from 'zod'
import { encodeId } from '#contract/ids.ts'
import { askLater } from '../batch/ask-later.ts'
import { cacheSavedMicros, costMicros, priceOf, settledMicros } from '../model/price-table.ts'
import { type ModelReply, type ModelRequest, NO_USAGE, type TokenUsage } from '../model/provider.ts'
import { withImageBytes } from '../model/request-images.ts'
import type { Tx } from '../store/write-queue.ts'
import { afterFault } from './after-fault.ts'
import type { StepPlace } from './journal.ts'
import { keptBack } from './kept-back.ts'
import { enterCard, sideOf } from './on-the-card.ts'
import { type OpenCall, openCall } from './open-call.ts'
import { failedRun, type Passage, passed, suspendedRun } from './outcome.ts'
import { overBudget } from './over-budget.ts'
import type { RunFrame } from './run-frame.ts'

const tokenUsage = z.object({
  input: z.number(),
  output: z.number(),
  cache_write_5m: z.number(),
  cache_write_1h: z.number(),
  cache_read: z.number(),
})

/** A model's answer as the journal keeps it. */
const modelAnswer = z.object({
  text: z.string(),
  tool_calls: z.array(
    z.object({ id: z.string(), name: z.string(), arguments: z.unknown(), signature: z.string().optional() }),
  ),
  stop_reason: z.enum(['end', 'tool_calls', 'max_tokens']),
  usage: tokenUsage,
})
export type ModelAnswer = z.infer<typeof modelAnswer>

/**
 * One call of the run's model: taken from the journal where it is already done, otherwise reserved, marked as sent, made
 * and settled, each durably before the next. A fault that can heal suspends the run; it asks again later, as a new attempt
 * with a new reservation.
 */
export async function askModel(
  frame: RunFrame,
  place: StepPlace,
  request: ModelRequest,
): Promise<Passage<ModelAnswer>> {
  const { services, run } = frame
  const done = services.journal.finished(run.id, place)
  if (done !== null) return passed(modelAnswer.parse(services.journal.value(done.output)))
  const stop = frame.control.end()
  if (stop !== null) return { ok: false, outcome: stop }
  const later = await askLater(frame, place, request)
  if (later !== null) return later
  const side = sideOf(frame.provider.id)
  if (side === null) return callInTurn(frame, place, request)
  const card = await enterCard(frame, side)
  if (!card.ok) return card
  try {
    return await callInTurn(frame, place, request)
  } finally {
    card.leave()
  }
}

/** In a place of its own among the calls of its provider and profile (E2). */
async function callInTurn(frame: RunFrame, place: StepPlace, request: ModelRequest): Promise<Passage<ModelAnswer>> {
  const { services, provider, profile, control } = frame
  const caps = {
    provider_cap: services.settings.settings().max_concurrent_per_provider,
    profile_cap: profile.max_concurrent,
  }
  const at = { provider: provider.id, profile: profile.name, ...caps }
  const leave = await services.callSlots.enter(at, control.signal)
  if (leave === null) return { ok: false, outcome: control.end() ?? suspendedRun(null, 'It was stopped.').outcome }
  try {
    return await callModel(frame, place, request)
  } finally {
    leave()
  }
}

async function callModel(frame: RunFrame, place: StepPlace, request: ModelRequest): Promise<Passage<ModelAnswer>> {
  const kept = keptBack(frame)
  if (kept !== null) return kept
  try {
    return await callOnce(frame, place, request)
  } finally {
    // Whatever became of it: nobody waits any more for this call to tell whether the provider is back.
    frame.services.board.left(frame.provider.id)
  }
}

async function callOnce(frame: RunFrame, place: StepPlace, request: ModelRequest): Promise<Passage<ModelAnswer>> {
  const { services, run } = frame
  const whole = await withImageBytes(request, services.images.base64)
  if (!whole.ok) return failedRun(whole.error)
  const opened = await services.store.write((tx) => openCall(tx, frame, place, request, { kind: 'direct' }))
  if (!opened.ok) return overBudget(run, opened)
  services.failpoint('after-sent')

  const started = Date.now()
  const reply = await call(frame, { ...whole.value, max_tokens: opened.max_tokens })
  services.failpoint('after-model-reply')
  const latency_ms = Date.now() - started
  await services.store.write((tx) => close(tx, frame, place, opened, reply, latency_ms))
  services.failpoint('after-model-done')
  services.log.info('A model was asked', {
    step_id: encodeId('step', opened.step_id),
    profile: frame.profile.name,
    outcome: reply.ok ? 'ok' : reply.fault.kind,
    duration_ms: latency_ms,
  })

  if (reply.ok) {
    services.board.worked(frame.provider.id, true)
    return passed({ ...reply, tool_calls: [...reply.tool_calls].map((toolCall) => ({ ...toolCall })) })
  }
  return afterFault(frame, place, reply.fault)
}

async function call(frame: RunFrame, request: ModelRequest): Promise<ModelReply> {
  const { services, run, control } = frame
  const timeout = AbortSignal.timeout(services.settings.settings().step_timeout_ms)
  const subject = {
    type: 'run.delta' as const,
    project_id: encodeId('project', run.project_id),
    task_id: run.task_id === null ? null : encodeId('task', run.task_id),
    run_id: encodeId('run', run.id),
  }
  const reply = await frame.provider.complete(request, {
    signal: AbortSignal.any([control.signal, timeout]),
    onDelta: (delta) => services.events.announce({ ...subject, ...delta }),
  })
  const timedOut = !reply.ok && timeout.aborted && !control.signal.aborted
  if (!timedOut) return reply
  const seconds = Math.round(services.settings.settings().step_timeout_ms / 1_000)
  return {
    ok: false,
    fault: {
      ...reply.fault,
      kind: 'timeout',
      message: `${frame.profile.display_name} gave no whole answer within ${seconds} s.`,
    },
  }
}

function close(
  tx: Tx,
  frame: RunFrame,
  place: StepPlace,
  opened: OpenCall,
  reply: ModelReply,
  latency_ms: number,
): void {
  const { services, run, provider, profile } = frame
  const usage = reply.ok ? reply.usage : (reply.fault.usage ?? NO_USAGE)
  const bill = settleCall(tx, frame, opened.reservation_id, reply)
  services.failpoint('after-settle')
  services.noteUsage(tx, {
    provider: provider.id,
    model: profile.model,
    profile: profile.name,
    project_id: run.project_id,
    task_id: run.task_id,
    run_id: run.id,
    step_id: opened.step_id,
    reservation_id: opened.reservation_id,
    tier: run.tier,
    attempt: opened.attempt,
    usage,
    ...bill,
    saved_micros: reply.ok ? saved(frame, usage) : 0,
    cache_saved_micros: frame.provider.paid
      ? cacheSavedMicros(services.prices, frame.profile.model, Date.now(), usage)
      : null,
    latency_ms,
    outcome: reply.ok ? 'ok' : reply.fault.kind,
  })
  const step = { id: opened.step_id, kind: 'model' as const, name: profile.name }
  if (reply.ok) {
    const { text, tool_calls, stop_reason } = reply
    services.journal.end(tx, run, step, {
      state: 'done',
      output: { text, tool_calls, stop_reason, usage },
      cost_micros: bill.cost_micros,
      summary:
        tool_calls.length > 0 ? `asks for ${tool_calls.map((toolCall) => toolCall.name).join(', ')}` : 'answered',
    })
  } else {
    services.journal.end(tx, run, step, {
      state: bill.unconfirmed ? 'unknown' : 'failed',
      error: reply.fault.message,
      cost_micros: bill.cost_micros,
      summary: `${place.phase}: ${reply.fault.kind}`,
    })
  }
}

function settleCall(
  tx: Tx,
  { services, profile }: RunFrame,
  reservation_id: number | null,
  reply: ModelReply,
): { cost_micros: number; unconfirmed: boolean } {
  if (reservation_id === null) return { cost_micros: 0, unconfirmed: false }
  if (!reply.ok && reply.fault.maybe_billed) {
    return { cost_micros: services.ledger.settleUnconfirmed(tx, reservation_id), unconfirmed: true }
  }
  const usage = reply.ok ? reply.usage : reply.fault.usage
  if (usage === undefined) {
    services.ledger.release(tx, reservation_id)
    return { cost_micros: 0, unconfirmed: false }
  }
  // Who says what it charged knows better than our table.
  const told = reply.ok ? reply.cost_micros : reply.fault.cost_micros
  const cost_micros = told ?? settledMicros(services.prices, profile.model, Date.now(), usage)
  if (cost_micros === null)
    return { cost_micros: services.ledger.settleUnconfirmed(tx, reservation_id), unconfirmed: true }
  services.ledger.settle(tx, reservation_id, cost_micros)
  return { cost_micros, unconfirmed: false }
}

/** What the same tokens would have cost on the paid tier that this work would have gone to. */
function saved({ services, provider, run }: RunFrame, usage: TokenUsage): number {
  if (provider.paid || provider.id === 'demo') return 0
  const model = services.paidModelFor(run.tier)
  const price = model === null ? null : priceOf(services.prices, model, Date.now(), usage.input)
  return price === null ? 0 : costMicros(usage, price)
}
