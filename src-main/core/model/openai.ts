import { z } from 'zod'
import { type CallGuard, guardCall } from './call-guard.ts'
import type { ModelFault } from './fault.ts'
import { healthAfter } from './health-after.ts'
import { parseJson } from './json-text.ts'
import { emptyAnswer, type OpenAiAnswer, takeChunk, toolCalls } from './openai-answer.ts'
import { type OpenAiParty, openAiHttpFault, openAiStreamFault } from './openai-fault.ts'
import { toOpenAiBody } from './openai-request.ts'
import { patientFetch } from './patient-fetch.ts'
import {
  type CompletionContext,
  type ModelProvider,
  type ModelReply,
  type ModelRequest,
  NO_USAGE,
  type ProviderHealth,
} from './provider.ts'
import { type ResponsesAnswer, takeEvent, withThoughts } from './responses-answer.ts'
import { isAtResponses, toResponsesBody } from './responses-request.ts'
import { brokenCall, HttpRefusal, parseData, request as send, sseData } from './sse-call.ts'

/** Reasoning models say nothing while they think, local servers nothing while they load and read. */
const SILENCE_MS = 600_000
const CHECK_MS = 10_000
const MAX_ANSWER_BYTES = 32 * 1_048_576

export interface OpenAiOptions {
  readonly id: string
  /** The provider as the user knows it. */
  readonly label: string
  /** With the version: `https://api.openai.com/v1`. */
  readonly base_url: string
  readonly api_key: string
  /** Whether a call without a key is refused before it is sent. */
  readonly needs_key: boolean
  readonly paid: boolean
  readonly dialect: 'openai' | 'compatible'
  /** What to do where nobody answers. */
  readonly unreachable: string
  /** Longest silence of the server, in ms. */
  readonly timeout_ms?: number
}

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) })

/**
 * OpenAI, and every server that speaks its chat completions over HTTP. OpenAI's newer models are asked through its Responses
 * API, the only one where they take tools and reason. Retries nothing.
 */
export function createOpenAiProvider(options: OpenAiOptions): ModelProvider {
  const limits = { silence_ms: options.timeout_ms ?? SILENCE_MS, max_bytes: MAX_ANSWER_BYTES }
  const hasNoKey = options.needs_key && options.api_key === ''

  return {
    id: options.id,
    paid: options.paid,

    async complete(request, context) {
      if (hasNoKey) return failed(noKey(options))
      const guard = guardCall({ ...limits, signal: context.signal, fetch: patientFetch })
      const answer = emptyAnswer()
      try {
        return await ask(options, request, context, guard, answer)
      } catch (error) {
        return failed(toFault(options, error, guard, request.model, answer, limits))
      } finally {
        guard.dispose()
      }
    },

    async check(signal) {
      if (hasNoKey) return { state: 'not_configured', detail: noKey(options).message, models: [] }
      const checkLimits = { ...limits, silence_ms: CHECK_MS }
      const guard = guardCall({ ...checkLimits, signal, fetch })
      try {
        const response = await send(guard, `${options.base_url}/models`, headersOf(options))
        const list = modelList.safeParse(valueIn(await response.text()))
        if (!list.success) {
          const detail = `${options.base_url} answers, but not like ${options.label}. Check the address.`
          return { state: 'down', detail, models: [] }
        }
        return listed(list.data.data.map((model) => model.id))
      } catch (error) {
        return healthAfter(toFault(options, error, guard, 'this model', emptyAnswer(), checkLimits))
      } finally {
        guard.dispose()
      }
    },
  }
}

/** Null where the text is not JSON: another server may stand at that address. */
function valueIn(text: string): unknown {
  const parsed = parseJson(text)
  return parsed.ok ? parsed.value : null
}

function listed(models: string[]): ProviderHealth {
  return models.length > 0
    ? {
        state: 'healthy',
        detail: models.length === 1 ? '1 model is there.' : `${models.length} models are there.`,
        models,
      }
    : { state: 'degraded', detail: 'The server runs but has no model. Load one there.', models }
}

function headersOf(options: OpenAiOptions): Record<string, string> {
  return options.api_key === '' ? {} : { authorization: `Bearer ${options.api_key}` }
}

async function ask(
  options: OpenAiOptions,
  request: ModelRequest,
  context: CompletionContext,
  guard: CallGuard,
  answer: OpenAiAnswer,
): Promise<ModelReply> {
  if (options.dialect === 'openai' && isAtResponses(request.model)) {
    return askResponses(options, request, context, guard, answer)
  }
  const body = toOpenAiBody(request, options.dialect)
  const response = await send(guard, `${options.base_url}/chat/completions`, headersOf(options), body)
  let isDone = false
  for await (const data of sseData(response)) {
    isDone ||= data.trim() === '[DONE]'
    if (isDone) continue
    for (const delta of takeChunk(answer, parseData(data))) context.onDelta(delta)
  }
  return toReply(options, answer, request)
}

async function askResponses(
  options: OpenAiOptions,
  request: ModelRequest,
  context: CompletionContext,
  guard: CallGuard,
  answer: OpenAiAnswer,
): Promise<ModelReply> {
  const growing: ResponsesAnswer = { answer, thoughts: [] }
  const url = `${options.base_url}/responses`
  const response = await send(guard, url, headersOf(options), toResponsesBody(request))
  for await (const data of sseData(response)) {
    for (const delta of takeEvent(growing, parseData(data))) context.onDelta(delta)
  }
  const reply = toReply(options, answer, request)
  if (!reply.ok) return reply
  return { ...reply, tool_calls: withThoughts(request.model, reply.tool_calls, growing.thoughts) }
}

function toReply(options: OpenAiOptions, answer: OpenAiAnswer, request: ModelRequest): ModelReply {
  const { label, paid } = options
  const party: OpenAiParty = { who: label, paid, model: request.model }
  const known = {
    ...(answer.usage === null ? {} : { usage: answer.usage }),
    ...(answer.cost_micros === null ? {} : { cost_micros: answer.cost_micros }),
  }
  const unknownCost = paid && answer.usage === null
  if (answer.error !== null) return failed(openAiStreamFault(answer.error, party, answer.usage))
  if (answer.problem !== '') {
    return failed({
      kind: 'invalid',
      message: `${label} sent something that is not of its format: ${answer.problem}. Try again.`,
      maybe_billed: paid,
    })
  }
  if (answer.finish_reason === null || unknownCost) {
    return failed({
      kind: 'truncated',
      message: `${label}'s answer ended before it was complete. Try again${paid ? '; the call may be billed' : ''}.`,
      maybe_billed: paid,
      ...known,
    })
  }
  if (answer.finish_reason === 'content_filter' || answer.refusal !== '') {
    const why = answer.refusal === '' ? '' : `: "${answer.refusal}"`
    const message = `${request.model} declined to answer${why}. Change the task's wording, or choose another model.`
    return failed({ kind: 'refused', message, maybe_billed: false, ...known })
  }
  const calls = toolCalls(answer, request)
  return {
    ok: true,
    text: answer.text,
    tool_calls: calls,
    stop_reason: answer.finish_reason === 'length' ? 'max_tokens' : calls.length > 0 ? 'tool_calls' : 'end',
    usage: answer.usage ?? NO_USAGE,
    ...(answer.cost_micros === null ? {} : { cost_micros: answer.cost_micros }),
  }
}

function toFault(
  options: OpenAiOptions,
  error: unknown,
  guard: CallGuard,
  model: string,
  answer: OpenAiAnswer,
  limits: { readonly silence_ms: number; readonly max_bytes: number },
): ModelFault {
  const { label: who, paid } = options
  if (error instanceof HttpRefusal && guard.ended() === null) return openAiHttpFault(error, { who, paid, model })
  return brokenCall(error, guard, { who, unreachable: options.unreachable, paid, limits, usage: answer.usage })
}

function noKey({ label }: OpenAiOptions): ModelFault {
  return {
    kind: 'auth',
    message: `There is no key for ${label}. Enter one under Settings, Models, or set it in the environment.`,
    maybe_billed: false,
  }
}

function failed(fault: ModelFault): ModelReply {
  return { ok: false, fault }
}
