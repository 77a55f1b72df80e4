import { type AnthropicAnswer, emptyAnswer, takeEvent } from './anthropic-answer.ts'
import { createAnthropicBatches } from './anthropic-batches.ts'
import { type AnthropicOptions, noKey, openClient, toFault } from './anthropic-client.ts'
import { toReply } from './anthropic-reply.ts'
import { toAnthropicBody } from './anthropic-request.ts'
import { toAnthropicSchema } from './anthropic-schema.ts'
import { type CallGuard, guardCall } from './call-guard.ts'
import type { ModelFault } from './fault.ts'
import { healthAfter } from './health-after.ts'
import type { CompletionContext, ModelProvider, ModelReply, ModelRequest } from './provider.ts'

/** The stream sends a ping every few seconds, so longer silence means that nobody is there any more. */
const SILENCE_MS = 120_000
const CHECK_MS = 10_000
const MAX_ANSWER_BYTES = 32 * 1_048_576

/** Anthropic's models through the official SDK, which is loaded with the first call and never retries by itself. */
export function createAnthropicProvider(options: AnthropicOptions): ModelProvider {
  const limits = { silence_ms: options.timeout_ms ?? SILENCE_MS, max_bytes: MAX_ANSWER_BYTES }

  return {
    id: 'anthropic',
    paid: true,
    batches: createAnthropicBatches(options),

    async complete(request, context) {
      if (options.api_key === '') return failed(noKey())
      const guard = guardCall({ ...limits, signal: context.signal, fetch })
      const answer = emptyAnswer()
      try {
        return await ask(options, request, context, guard, answer)
      } catch (error) {
        return failed(await toFault(error, guard, request, answer, limits))
      } finally {
        guard.dispose()
      }
    },

    async check(signal) {
      if (options.api_key === '') return { state: 'not_configured', detail: noKey().message, models: [] }
      const guard = guardCall({ silence_ms: CHECK_MS, max_bytes: MAX_ANSWER_BYTES, signal, fetch })
      try {
        const client = await openClient(options, guard)
        const page = await client.models.list({ limit: 1_000 }, { signal: guard.signal })
        return { state: 'healthy', detail: 'The key is accepted.', models: page.data.map((model) => model.id) }
      } catch (error) {
        return healthAfter(await toFault(error, guard, null, emptyAnswer(), { ...limits, silence_ms: CHECK_MS }))
      } finally {
        guard.dispose()
      }
    },
  }
}

async function ask(
  options: AnthropicOptions,
  request: ModelRequest,
  context: CompletionContext,
  guard: CallGuard,
  answer: AnthropicAnswer,
): Promise<ModelReply> {
  const schema = await toAnthropicSchema(request.output_schema)
  if (!schema.ok) return failed(schema.fault)
  const client = await openClient(options, guard)
  const stream = client.messages.stream(toAnthropicBody(request, schema.value), { signal: guard.signal })
  stream.on('streamEvent', (event) => {
    const delta = takeEvent(answer, event)
    if (delta !== null && delta.text !== '') context.onDelta(delta)
  })
  await stream.done()
  return toReply(answer, request.model)
}

function failed(fault: ModelFault): ModelReply {
  return { ok: false, fault }
}
