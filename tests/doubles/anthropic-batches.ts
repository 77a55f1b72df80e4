import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Exchange } from './double-server.ts'
import type { RecordedCall, RecordedTokens } from './record.ts'

/** How a call of a batch ends. */
export type Fate = 'succeeded' | 'errored' | 'overloaded' | 'canceled' | 'expired'

/** An answer of the model, and what it is billed for. */
export interface BatchAnswer {
  readonly message: unknown
  readonly model: string
  readonly tokens: RecordedTokens
  /** At the price of a call that is made directly. */
  readonly billed_micros: number
}

/** Where batches are answered; what a test wants of it is set from outside, at any time. */
export interface BatchDesk {
  /** How long (ms) a batch takes from its creation. */
  takes_ms: number
  /** No batch goes on while this is set. */
  held: boolean
  /** Ends of the next calls, in the order in which they are answered; then all succeed. */
  readonly fates: Fate[]
  /** So many calls of a batch are answered before a cancellation takes effect. */
  answered_before_cancel: number
  /** So many times the results are cut in their middle. */
  cuts: number
  /** The answer to so many creations is lost on its way: the batch is there. */
  lost_creations: number
  readonly batches: readonly DeskBatch[]
}

export interface DeskBatch {
  readonly id: string
  readonly created_at: number
  cancel_initiated_at: number | null
  ended_at: number | null
  readonly calls: { readonly custom_id: string; readonly params: unknown; result: Record<string, unknown> | null }[]
}

export function createBatchDesk(change: Partial<Omit<BatchDesk, 'batches'>> = {}): BatchDesk {
  return {
    takes_ms: 0,
    held: false,
    fates: [],
    answered_before_cancel: 0,
    cuts: 0,
    lost_creations: 0,
    batches: [],
    ...change,
  }
}

const MAX_REQUESTS = 100_000
const DAY_MS = 86_400_000
/** Half of what the same costs asked directly (WIRE §1, "Batch"). */
const SHARE = 0.5

const createBody = z.strictObject({
  requests: z
    .array(z.strictObject({ custom_id: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/), params: z.unknown() }))
    .min(1)
    .max(MAX_REQUESTS),
})

interface Handlers {
  /** What the model says to a body, or why it does not (an error of the API). */
  answer(
    params: unknown,
    version: string | undefined,
  ): BatchAnswer | { readonly type: string; readonly message: string }
  refuse(exchange: Exchange, status: number, type: string, message: string): Promise<void>
  /** Where calls are recorded, each with its bill. */
  record(): RecordedCall[]
}

/** Speaks the routes of Message Batches (WIRE §1). */
export function serveBatches(desk: BatchDesk, handlers: Handlers): (exchange: Exchange) => Promise<void> {
  const batches = desk.batches as DeskBatch[]
  let version: string | undefined

  function answerCall(batch: DeskBatch, call: DeskBatch['calls'][number]): void {
    const fate = desk.fates.shift() ?? 'succeeded'
    if (fate === 'canceled' || fate === 'expired') {
      call.result = { type: fate }
      return
    }
    const said =
      fate === 'succeeded'
        ? handlers.answer(call.params, version)
        : fate === 'errored'
          ? { type: 'invalid_request_error', message: 'The scripted error of a call.' }
          : { type: 'overloaded_error', message: 'Overloaded' }
    if ('type' in said) {
      call.result = { type: 'errored', error: { type: 'error', error: said, request_id: `req_${randomUUID()}` } }
      return
    }
    call.result = { type: 'succeeded', message: said.message }
    handlers.record().push({
      at_ms: Date.now(),
      method: 'BATCH',
      path: '/v1/messages',
      headers: { batch: batch.id },
      body: call.params,
      behaviour: 'answer',
      outcome: 'answered',
      status: 200,
      tokens: said.tokens,
      billed_micros: said.billed_micros * SHARE,
    })
  }

  /** What has happened since it was last looked at. The whole batch ends at once, as the counts of the real one do. */
  function advance(batch: DeskBatch): void {
    if (batch.ended_at !== null) return
    const isCanceled = batch.cancel_initiated_at !== null
    if (!isCanceled && (desk.held || Date.now() < batch.created_at + desk.takes_ms)) return
    let left = isCanceled ? desk.answered_before_cancel : batch.calls.length
    for (const call of batch.calls) {
      if (left > 0) answerCall(batch, call)
      else call.result = { type: 'canceled' }
      left -= 1
    }
    batch.ended_at = Date.now()
  }

  function view(batch: DeskBatch, base: string): unknown {
    const counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 }
    for (const { result } of batch.calls)
      counts[batch.ended_at === null ? 'processing' : (String(result?.['type']) as keyof typeof counts)] += 1
    const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
    return {
      id: batch.id,
      type: 'message_batch',
      processing_status:
        batch.ended_at !== null ? 'ended' : batch.cancel_initiated_at !== null ? 'canceling' : 'in_progress',
      request_counts: counts,
      created_at: time(batch.created_at),
      expires_at: time(batch.created_at + DAY_MS),
      ended_at: time(batch.ended_at),
      cancel_initiated_at: time(batch.cancel_initiated_at),
      archived_at: null,
      results_url: batch.ended_at === null ? null : `${base}/v1/messages/batches/${batch.id}/results`,
    }
  }

  async function create(exchange: Exchange, base: string): Promise<void> {
    const parsed = createBody.safeParse(exchange.body)
    if (!parsed.success) return handlers.refuse(exchange, 400, 'invalid_request_error', z.prettifyError(parsed.error))
    const names = parsed.data.requests.map((request) => request.custom_id)
    if (new Set(names).size < names.length)
      return handlers.refuse(exchange, 400, 'invalid_request_error', 'requests: custom_id must be unique')
    version = exchange.headers['anthropic-version']
    const batch: DeskBatch = {
      id: `msgbatch_${randomUUID().replaceAll('-', '')}`,
      created_at: Date.now(),
      cancel_initiated_at: null,
      ended_at: null,
      calls: parsed.data.requests.map(({ custom_id, params }) => ({ custom_id, params, result: null })),
    }
    batches.unshift(batch)
    if (desk.lost_creations > 0) {
      desk.lost_creations -= 1
      exchange.call.outcome = 'cut'
      exchange.response.socket?.destroy()
      return
    }
    exchange.json(200, view(batch, base))
  }

  async function results(exchange: Exchange, batch: DeskBatch): Promise<void> {
    // Never in the order of the requests.
    const lines = batch.calls.map(({ custom_id, result }) => `${JSON.stringify({ custom_id, result })}\n`).toReversed()
    const isCut = desk.cuts > 0
    if (isCut) desk.cuts -= 1
    await exchange.stream(lines, 'application/x-jsonl', { kind: isCut ? 'stream_cut' : 'answer' })
  }

  return async (exchange) => {
    const base = `http://${exchange.headers['host'] ?? '127.0.0.1'}`
    const [id, verb] = exchange.path.slice('/v1/messages/batches'.length).split('/').filter(Boolean)
    if (id === undefined && exchange.call.method === 'POST') return create(exchange, base)
    for (const batch of batches) advance(batch)
    if (id === undefined) {
      const limit = Number(exchange.query.get('limit') ?? 20)
      const after = exchange.query.get('after_id')
      const from = after === null ? 0 : batches.findIndex((batch) => batch.id === after) + 1
      const page = batches.slice(from, from + limit)
      return exchange.json(200, {
        data: page.map((batch) => view(batch, base)),
        has_more: batches.length > from + limit,
        first_id: page[0]?.id ?? null,
        last_id: page.at(-1)?.id ?? null,
      })
    }
    const batch = batches.find((each) => each.id === id)
    if (batch === undefined) return handlers.refuse(exchange, 404, 'not_found_error', `Message Batch '${id}' not found`)
    if (verb === 'cancel') {
      if (batch.ended_at === null) batch.cancel_initiated_at ??= Date.now()
      return exchange.json(200, view(batch, base))
    }
    if (verb === 'results') {
      if (batch.ended_at !== null) return results(exchange, batch)
      return handlers.refuse(exchange, 404, 'not_found_error', 'The batch has not ended yet')
    }
    return exchange.json(200, view(batch, base))
  }
}
