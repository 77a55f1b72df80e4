import { z } from 'zod'
import { type CallGuard, guardCall } from './call-guard.ts'
import type { ModelFault } from './fault.ts'
import { emptyAnswer, type GoogleAnswer, takeChunk } from './google-answer.ts'
import { googleHttpFault, googleStopFault, googleStreamFault } from './google-fault.ts'
import { toGoogleBody } from './google-request.ts'
import { parseJson } from './json-text.ts'
import { patientFetch } from './patient-fetch.ts'
import {
  type CompletionContext,
  type ModelProvider,
  type ModelReply,
  type ModelRequest,
  NO_USAGE,
  type ProviderHealth,
} from './provider.ts'
import { brokenCall, HttpRefusal, parseData, request as send, sseData } from './sse-call.ts'

/** A thinking model may say nothing for minutes. */
const SILENCE_MS = 600_000
const CHECK_MS = 10_000
const MAX_ANSWER_BYTES = 32 * 1_048_576
const WHO = 'Gemini'

export interface GoogleOptions {
  readonly api_key: string
  /** Without a version: `https://generativelanguage.googleapis.com`. */
  readonly base_url: string
  /** Longest silence of the server, in ms. */
  readonly timeout_ms?: number
}

const modelList = z.lazy(() =>
  z.object({
    models: z
      .array(z.object({ name: z.string(), supportedGenerationMethods: z.array(z.string()).nullish() }))
      .default([]),
  }),
)

/** Google's Gemini models over its REST interface. Always paid: its free tier is a limit of rate, not a price we know. */
export function createGoogleProvider(options: GoogleOptions): ModelProvider {
  const limits = { silence_ms: options.timeout_ms ?? SILENCE_MS, max_bytes: MAX_ANSWER_BYTES }

  return {
    id: 'google',
    paid: true,

    async complete(request, context) {
      if (options.api_key === '') return failed(noKey())
      const guard = guardCall({ ...limits, signal: context.signal, fetch: patientFetch })
      const answer = emptyAnswer()
      try {
        return await ask(options, request, context, guard, answer)
      } catch (error) {
        return failed(toFault(error, guard, request.model, answer, limits))
      } finally {
        guard.dispose()
      }
    },

    async check(signal) {
      if (options.api_key === '') return { state: 'not_configured', detail: noKey().message, models: [] }
      const checkLimits = { ...limits, silence_ms: CHECK_MS }
      const guard = guardCall({ ...checkLimits, signal, fetch })
      try {
        const response = await send(guard, `${options.base_url}/v1beta/models?pageSize=1000`, headersOf(options))
        const parsed = parseJson(await response.text())
        const list = modelList.safeParse(parsed.ok ? parsed.value : null)
        if (!list.success) {
          const detail = `${options.base_url} answers, but not like Google. Check the address under Settings, Models.`
          return { state: 'down', detail, models: [] }
        }
        const able = list.data.models.filter(
          (model) => model.supportedGenerationMethods?.includes('generateContent') ?? true,
        )
        const models = able.map((model) => model.name.replace(/^models\//, ''))
        return { state: 'healthy', detail: 'The key is accepted.', models }
      } catch (error) {
        return toHealth(toFault(error, guard, 'this model', emptyAnswer(), checkLimits))
      } finally {
        guard.dispose()
      }
    },
  }
}

function headersOf({ api_key }: GoogleOptions): Record<string, string> {
  return { 'x-goog-api-key': api_key }
}

async function ask(
  options: GoogleOptions,
  request: ModelRequest,
  context: CompletionContext,
  guard: CallGuard,
  answer: GoogleAnswer,
): Promise<ModelReply> {
  const model = encodeURIComponent(request.model)
  const url = `${options.base_url}/v1beta/models/${model}:streamGenerateContent?alt=sse`
  const response = await send(guard, url, headersOf(options), toGoogleBody(request))
  for await (const data of sseData(response)) {
    for (const delta of takeChunk(answer, parseData(data), request)) context.onDelta(delta)
  }
  return toReply(answer, request.model)
}

function toReply(answer: GoogleAnswer, model: string): ModelReply {
  if (answer.error !== null) return failed(googleStreamFault(answer.error, answer.usage))
  if (answer.problem !== '') {
    const message = `${WHO} sent something that is not of its format: ${answer.problem}. Try again.`
    return failed({ kind: 'invalid', message, maybe_billed: true })
  }
  const fault = googleStopFault(answer, model)
  if (fault !== null) return failed(fault)
  const calls = answer.calls
  return {
    ok: true,
    text: answer.text,
    tool_calls: calls,
    stop_reason: answer.finish_reason === 'MAX_TOKENS' ? 'max_tokens' : calls.length > 0 ? 'tool_calls' : 'end',
    usage: answer.usage ?? NO_USAGE,
  }
}

function toFault(
  error: unknown,
  guard: CallGuard,
  model: string,
  answer: GoogleAnswer,
  limits: { readonly silence_ms: number; readonly max_bytes: number },
): ModelFault {
  if (error instanceof HttpRefusal && guard.ended() === null) return googleHttpFault(error, model)
  const unreachable = 'Check the network and the address under Settings, Models.'
  return brokenCall(error, guard, { who: WHO, unreachable, paid: true, limits, usage: answer.usage })
}

function noKey(): ModelFault {
  return {
    kind: 'auth',
    message: 'There is no key for Gemini. Enter one under Settings, Models, or set GEMINI_API_KEY.',
    maybe_billed: false,
  }
}

function toHealth(fault: ModelFault): ProviderHealth {
  const passing = fault.kind === 'rate_limit' || fault.kind === 'overloaded'
  return { state: passing ? 'degraded' : 'down', detail: fault.message, models: [] }
}

function failed(fault: ModelFault): ModelReply {
  return { ok: false, fault }
}
