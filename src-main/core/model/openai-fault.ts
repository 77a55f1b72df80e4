import { z } from 'zod'
import type { ModelFault, ModelFaultKind } from './fault.ts'
import { parseJson } from './json-text.ts'
import type { OpenAiError } from './openai-answer.ts'
import type { TokenUsage } from './provider.ts'
import { resetAfterMs, retryAfterMs } from './retry-after.ts'
import type { HttpRefusal } from './sse-call.ts'

/** Who was asked, for messages. */
export interface OpenAiParty {
  readonly who: string
  readonly paid: boolean
  readonly model: string
}

const errorBody = z.lazy(() =>
  z.object({
    error: z.union([
      z.string().transform((message) => ({ message, type: null, code: null })),
      z.object({
        message: z.string(),
        type: z.string().nullish(),
        code: z.union([z.string(), z.number()]).nullish(),
      }),
    ]),
  }),
)

/** What a refusal means: OpenAI's error codes, and those of the servers that follow it. */
export function openAiHttpFault(refusal: HttpRefusal, party: OpenAiParty): ModelFault {
  const parsed = parseJson(refusal.message)
  const body = errorBody.safeParse(parsed.ok ? parsed.value : null).data?.error
  const said = body?.message ?? (refusal.message.trim().slice(0, 300) || 'no reason given')
  const { status, headers } = refusal
  const { kind, message } = classify(status, { type: body?.type, code: body?.code }, said, party)
  const wait =
    kind === 'rate_limit' || kind === 'overloaded'
      ? (retryAfterMs(headers, Date.now()) ?? (kind === 'rate_limit' ? resetAfterMs(headers) : null))
      : null
  return {
    kind,
    message,
    ...(wait === null ? {} : { retry_after_ms: wait }),
    // Refusals (4xx) and "overloaded" (503) are answers: no tokens were used. Other server errors do not say.
    maybe_billed: party.paid && status >= 500 && status !== 503 && status !== 529,
    ...(kind === 'unavailable' && status === 404 ? { model_missing: true } : {}),
  }
}

/** An error inside a stream comes after the model began, so its cost is not known. */
export function openAiStreamFault(error: OpenAiError, party: OpenAiParty, usage: TokenUsage | null): ModelFault {
  const said = error.message
  const kind: ModelFaultKind = isTooLong(said, String(error.code ?? error.type ?? ''))
    ? 'context_too_long'
    : /rate.?limit|^429$/i.test(`${error.code ?? error.type ?? ''}`)
      ? 'rate_limit'
      : /overloaded|^(502|503|529)$/i.test(`${error.code ?? error.type ?? ''}`) && party.paid
        ? 'overloaded'
        : 'truncated'
  return {
    kind,
    message: `${party.who} broke off in the middle of the answer: "${said}" What had come was thrown away${party.paid ? '; the call may be billed' : ''}.`,
    maybe_billed: party.paid,
    ...(usage === null ? {} : { usage }),
  }
}

type ErrorWords = Pick<OpenAiError, 'type' | 'code'>

function classify(
  status: number,
  words: ErrorWords,
  said: string,
  { who, paid, model }: OpenAiParty,
): { kind: ModelFaultKind; message: string } {
  const code = String(words.code ?? '')
  if (status === 402 || words.type === 'insufficient_quota' || code === 'insufficient_quota') {
    return {
      kind: 'billing',
      message: `${who} refused the call because of money: "${said}" Add credit or raise the limit there, then resume.`,
    }
  }
  if (isTooLong(said, `${words.type ?? ''} ${code}`) || status === 413) {
    return {
      kind: 'context_too_long',
      message: `The prompt does not fit ${model}: "${said}" Split the task, give it fewer inputs, or load the model with a larger window.`,
    }
  }
  switch (status) {
    case 401:
      return {
        kind: 'auth',
        message: `${who} does not accept the API key: "${said}" Enter a valid key under Settings, Models.`,
      }
    case 403:
      return /moderation|flagged/i.test(said)
        ? { kind: 'refused', message: `${who} declined the prompt: "${said}" Change the task's wording.` }
        : { kind: 'auth', message: `${who} does not let this key use ${model}: "${said}" Use another key or model.` }
    case 404:
      return {
        kind: 'unavailable',
        message: `${who} has no model "${model}": "${said}" Choose another model under Settings, Models.`,
      }
    case 408:
    case 504:
      return { kind: 'timeout', message: `${who} took too long and gave up: "${said}" Try again.` }
    case 429:
      return {
        kind: 'rate_limit',
        message: `${who} is limiting how fast it may be asked: "${said}" The work goes on when the limit resets.`,
      }
    case 503:
    case 529:
      return { kind: 'overloaded', message: `${who} is overloaded: "${said}" It will be asked again later.` }
  }
  if (status >= 500) {
    // A local server that fails may only lack memory for this prompt; it is not gone.
    return {
      kind: paid ? 'unavailable' : 'overloaded',
      message: `${who} failed with an error of its own (HTTP ${status}): "${said}" It will be asked again later.`,
    }
  }
  return {
    kind: 'invalid',
    message: `${who} does not accept the request (HTTP ${status}): "${said}" Asking again does not help; choose a model that can do this, or correct the address.`,
  }
}

/** Wordings of OpenAI, vLLM, llama.cpp, LM Studio and OpenRouter. */
function isTooLong(said: string, code: string): boolean {
  return (
    /context_length_exceeded|exceed_context_size/.test(code) ||
    /maximum context length|exceeds? the available context|context (length|size|window)[^.]* exceed|greater than the context length|context overflow/i.test(
      said,
    )
  )
}
