import { z } from 'zod'
import { err, ok, type Result } from '#contract/result.ts'
import { emptyAnswer, wholeAnswer } from './anthropic-answer.ts'
import { type AnthropicOptions, noKey, openClient, toFault } from './anthropic-client.ts'
import { itemFault } from './anthropic-fault.ts'
import { toReply } from './anthropic-reply.ts'
import { toAnthropicBody } from './anthropic-request.ts'
import { toAnthropicSchema } from './anthropic-schema.ts'
import { guardCall } from './call-guard.ts'
import type { BatchedRequest, BatchFault, BatchLook, BatchOutcome, BatchResult, ModelBatches } from './provider.ts'

const SILENCE_MS = 120_000
/** A thousand long answers; more than that of one batch is nothing that Baton has asked. */
const MAX_RESULT_BYTES = 1_024 * 1_048_576
const PAGE = 100

const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const count = z.number().int().nonnegative()
const wireBatch = z.lazy(() =>
  z.object({
    id: z.string().min(1),
    processing_status: z.enum(['in_progress', 'canceling', 'ended']),
    created_at: moment,
    request_counts: z.object({
      processing: count,
      succeeded: count,
      errored: count,
      canceled: count,
      expired: count,
    }),
  }),
)

const wireError = z.object({ error: z.object({ type: z.string(), message: z.string() }) })
const wireResult = z.lazy(() =>
  z.object({
    custom_id: z.string(),
    result: z.discriminatedUnion('type', [
      z.object({ type: z.literal('succeeded'), message: z.unknown() }),
      z.object({ type: z.literal('errored'), error: wireError }),
      z.object({ type: z.literal('canceled') }),
      z.object({ type: z.literal('expired') }),
    ]),
  }),
)

type Client = Awaited<ReturnType<typeof openClient>>

/** Anthropic's Message Batches (WIRE §1, "Structured output, caching, batches"). */
export function createAnthropicBatches(options: AnthropicOptions): ModelBatches {
  const limits = { silence_ms: options.timeout_ms ?? SILENCE_MS, max_bytes: MAX_RESULT_BYTES }

  async function ask<T>(
    signal: AbortSignal,
    what: (client: Client, signal: AbortSignal) => Promise<Result<T, BatchFault>>,
  ): Promise<Result<T, BatchFault>> {
    if (options.api_key === '') return err(noKey())
    const guard = guardCall({ ...limits, signal, fetch })
    try {
      return await what(await openClient(options, guard), guard.signal)
    } catch (error) {
      const { model_missing, ...fault } = await toFault(error, guard, null, emptyAnswer(), limits)
      return err(model_missing === true ? { ...fault, gone: true } : fault)
    } finally {
      guard.dispose()
    }
  }

  return {
    create: (requests, signal) =>
      ask(signal, async (client, guarded) => {
        const bodies = await Promise.all(requests.map(toWire))
        const refused = bodies.find((body) => !body.ok)
        if (refused !== undefined && !refused.ok) return refused
        const wire = bodies.flatMap((body) => (body.ok ? [body.value] : []))
        return read(await client.messages.batches.create({ requests: wire }, { signal: guarded }))
      }),
    look: (id, signal) =>
      ask(signal, async (client, guarded) =>
        read(await client.messages.batches.retrieve(id, undefined, { signal: guarded })),
      ),
    cancel: (id, signal) =>
      ask(signal, async (client, guarded) =>
        read(await client.messages.batches.cancel(id, undefined, { signal: guarded })),
      ),
    since: (from, signal) =>
      ask(signal, async (client, guarded) => {
        const found: BatchLook[] = []
        for await (const batch of client.messages.batches.list({ limit: PAGE }, { signal: guarded })) {
          const look = read(batch)
          if (!look.ok) return look
          if (look.value.created_at < from) break
          found.push(look.value)
        }
        return ok(found)
      }),
    results: (id, take, signal) =>
      ask(signal, async (client, guarded) => {
        for await (const line of await client.messages.batches.results(id, undefined, { signal: guarded })) {
          const parsed = wireResult.safeParse(line)
          if (!parsed.success) return err(notUnderstood(z.prettifyError(parsed.error)))
          if (!(await take(toResult(parsed.data)))) break
        }
        return ok(undefined)
      }),
  }
}

/** Nothing is cached: hours lie between the turns of a conversation that waits for batches. */
async function toWire({ name, request }: BatchedRequest) {
  const schema = await toAnthropicSchema(request.output_schema)
  if (!schema.ok) return err<BatchFault>(schema.fault)
  return ok({ custom_id: name, params: toAnthropicBody(request, schema.value, false) })
}

function read(raw: unknown): Result<BatchLook, BatchFault> {
  const parsed = wireBatch.safeParse(raw)
  if (!parsed.success) return err(notUnderstood(z.prettifyError(parsed.error)))
  const { id, processing_status, created_at, request_counts } = parsed.data
  const requests = Object.values(request_counts).reduce((sum, n) => sum + n, 0)
  return ok({ id, state: processing_status, created_at, requests })
}

function notUnderstood(why: string): BatchFault {
  return {
    kind: 'invalid',
    message: `Anthropic said something about a batch that is not of its format: ${why}. Baton asks again later.`,
    maybe_billed: true,
  }
}

function toResult({ custom_id, result }: z.infer<typeof wireResult>): BatchResult {
  return { name: custom_id, outcome: toOutcome(result) }
}

function toOutcome(result: z.infer<typeof wireResult>['result']): BatchOutcome {
  switch (result.type) {
    case 'succeeded':
      return { kind: 'reply', reply: toReply(wholeAnswer(result.message), 'The model') }
    case 'errored': {
      const { type, message } = result.error.error
      return { kind: 'reply', reply: { ok: false, fault: itemFault(type, message, 'this model') } }
    }
    case 'canceled':
    case 'expired':
      return { kind: 'unasked', why: result.type }
  }
}
