import { type AnthropicAnswer, emptyAnswer, takeEvent, toolCalls, toUsage } from './anthropic-answer.ts'
import { anthropicFault } from './anthropic-fault.ts'
import { toAnthropicBody } from './anthropic-request.ts'
import { type CallGuard, errorCode, guardCall } from './call-guard.ts'
import type { ModelFault } from './fault.ts'
import { guardFault } from './guard-fault.ts'
import { healthAfter } from './health-after.ts'
import type { CompletionContext, ModelProvider, ModelReply, ModelRequest } from './provider.ts'

/** The stream sends a ping every few seconds, so longer silence means that nobody is there any more. */
const SILENCE_MS = 120_000
const CHECK_MS = 10_000
const MAX_ANSWER_BYTES = 32 * 1_048_576
const WHO = 'Anthropic'

export interface AnthropicOptions {
  readonly api_key: string
  /** Without `/v1`; the SDK's default where it is missing. */
  readonly base_url?: string
  /** Longest silence of the server, in ms. */
  readonly timeout_ms?: number
}

/** Anthropic's models through the official SDK, which is loaded with the first call and never retries by itself. */
export function createAnthropicProvider(options: AnthropicOptions): ModelProvider {
  const limits = { silence_ms: options.timeout_ms ?? SILENCE_MS, max_bytes: MAX_ANSWER_BYTES }

  return {
    id: 'anthropic',
    paid: true,

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

async function openClient(options: AnthropicOptions, guard: CallGuard) {
  const { default: Anthropic } = await import('@anthropic-ai/sdk')
  return new Anthropic({
    apiKey: options.api_key,
    // `null` would send the SDK looking in the environment; the hosts read that, not we.
    baseURL: options.base_url ?? 'https://api.anthropic.com',
    maxRetries: 0,
    // The guard watches for silence; the SDK's own limit must not end a long answer before.
    timeout: 2_147_483_647,
    // The SDK would print what the server sent, which may hold anything.
    logLevel: 'off',
    fetch: guard.fetch,
  })
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

type SchemaResult = { ok: true; value: Record<string, unknown> | null } | { ok: false; fault: ModelFault }

/** The API refuses limits of length and number in schemas; the SDK moves them into descriptions, zod checks them later. */
async function toAnthropicSchema(schema: ModelRequest['output_schema']): Promise<SchemaResult> {
  if (schema === undefined) return { ok: true, value: null }
  const { transformJSONSchema } = await import('@anthropic-ai/sdk/lib/transform-json-schema')
  try {
    return { ok: true, value: transformJSONSchema(schema) as Record<string, unknown> }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      ok: false,
      fault: {
        kind: 'invalid',
        message: `The answer's schema cannot be sent to Anthropic: ${why}. This is a fault of Baton; nothing was sent.`,
        maybe_billed: false,
      },
    }
  }
}

function toReply(answer: AnthropicAnswer, model: string): ModelReply {
  const calls = toolCalls(answer)
  const usage = answer.usage === null ? null : toUsage(answer.usage)
  const fault = (kind: ModelFault['kind'], message: string, maybe_billed = usage === null): ModelReply =>
    failed({ kind, message, maybe_billed, ...(usage === null ? {} : { usage }) })

  if (answer.problem !== '') {
    return fault('invalid', `Anthropic sent something that is not of its format: ${answer.problem}. Try again.`, true)
  }
  if (!answer.finished || answer.stop_reason === null || usage === null) {
    return fault('truncated', `${WHO}'s answer ended before it was complete. Try again; the call may be billed.`, true)
  }
  const base = { ok: true as const, text: answer.text, tool_calls: calls, usage }
  switch (answer.stop_reason) {
    case 'refusal':
      return fault(
        'refused',
        `${model} declined to answer${answer.explanation === '' ? '' : `: "${answer.explanation}"`}. Change the task's wording, or choose another model.`,
      )
    case 'model_context_window_exceeded':
      return fault('context_too_long', `The prompt and the answer do not fit ${model} together. Split the task.`)
    case 'max_tokens':
      return { ...base, stop_reason: 'max_tokens' }
    case 'end_turn':
    case 'stop_sequence':
    case 'tool_use':
      return { ...base, stop_reason: calls.length > 0 ? 'tool_calls' : 'end' }
    default:
      return fault('invalid', `${WHO} stopped for a reason that Baton does not know: "${answer.stop_reason}".`)
  }
}

async function toFault(
  error: unknown,
  guard: CallGuard,
  request: ModelRequest | null,
  answer: AnthropicAnswer,
  limits: { readonly silence_ms: number; readonly max_bytes: number },
): Promise<ModelFault> {
  const { APIConnectionError, APIError, APIUserAbortError } = await import('@anthropic-ai/sdk')
  const usage = answer.usage === null ? null : toUsage(answer.usage)
  const known = usage === null ? {} : { usage }
  const ended = guard.ended()
  if (ended !== null) return { ...guardFault(ended, WHO, limits, guard.maybeSent()), ...known }
  const isNetwork = error instanceof APIConnectionError || error instanceof APIUserAbortError
  if (error instanceof APIError && !isNetwork) return anthropicFault(error, request?.model ?? 'this model', usage)
  if (!guard.maybeSent()) {
    return {
      kind: 'unavailable',
      message: `${WHO} cannot be reached (${errorCode(error) || 'no connection'}). Check the network and the base URL.`,
      maybe_billed: false,
    }
  }
  if (hasCause(error, SyntaxError) || answer.problem !== '') {
    return {
      kind: 'invalid',
      message: `${WHO} sent something that is not JSON in the middle of the answer. Try again; the call may be billed.`,
      maybe_billed: true,
      ...known,
    }
  }
  return {
    kind: 'truncated',
    message: `The connection to ${WHO} was cut before the answer was complete (${errorCode(error) || 'stream ended'}). Try again; the call may be billed.`,
    maybe_billed: true,
    ...known,
  }
}

function hasCause(error: unknown, type: typeof SyntaxError): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    if (at instanceof type) return true
  }
  return false
}

function noKey(): ModelFault {
  return {
    kind: 'auth',
    message: 'There is no key for Anthropic. Enter one under Settings, Models, or set ANTHROPIC_API_KEY.',
    maybe_billed: false,
  }
}

function failed(fault: ModelFault): ModelReply {
  return { ok: false, fault }
}
