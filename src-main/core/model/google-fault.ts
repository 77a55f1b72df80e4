import { z } from 'zod'
import type { ModelFault, ModelFaultKind } from './fault.ts'
import { type GoogleAnswer, type GoogleError, wireError } from './google-answer.ts'
import { parseJson } from './json-text.ts'
import type { TokenUsage } from './provider.ts'
import { durationMs, retryAfterMs } from './retry-after.ts'
import type { HttpRefusal } from './sse-call.ts'

const WHO = 'Gemini'

const errorBody = z.object({ error: wireError })
/** With streams some errors come as a list of one. */
const refusalBody = z.union([errorBody, z.array(errorBody).min(1)])

/** What a refusal of Google means (google.rpc.Status; ai.google.dev, troubleshooting and rate limits). */
export function googleHttpFault(refusal: HttpRefusal, model: string): ModelFault {
  const parsed = parseJson(refusal.message)
  const body = refusalBody.safeParse(parsed.ok ? parsed.value : null).data
  const error = (Array.isArray(body) ? body[0]?.error : body?.error) ?? {
    message: refusal.message.trim().slice(0, 300) || 'no reason given',
  }
  const { kind, message } = classify(refusal.status, error, model)
  const wait = kind === 'rate_limit' || kind === 'overloaded' ? waitMs(error, refusal.headers) : null
  return {
    kind,
    message,
    ...(wait === null ? {} : { retry_after_ms: wait }),
    // Refusals (4xx) and "unavailable" (503) are answers: no tokens were used. Other server errors do not say.
    maybe_billed: refusal.status >= 500 && refusal.status !== 503,
    ...(kind === 'unavailable' && refusal.status === 404 ? { model_missing: true } : {}),
  }
}

/** An error inside a stream comes after the model began, so its cost is not known. */
export function googleStreamFault(error: GoogleError, usage: TokenUsage | null): ModelFault {
  const wait = waitMs(error, new Headers())
  const kind: ModelFaultKind =
    error.status === 'RESOURCE_EXHAUSTED'
      ? 'rate_limit'
      : error.status === 'UNAVAILABLE'
        ? 'overloaded'
        : error.status === 'DEADLINE_EXCEEDED'
          ? 'timeout'
          : 'truncated'
  return {
    kind,
    message: `${WHO} broke off in the middle of the answer: "${error.message}" What had come was thrown away; the call may be billed.`,
    ...(wait === null ? {} : { retry_after_ms: wait }),
    maybe_billed: true,
    ...(usage === null ? {} : { usage }),
  }
}

/** Reasons to stop that mean: the answer is whole. */
const WHOLE: ReadonlySet<string> = new Set(['STOP', 'MAX_TOKENS'])
/** The model wrote a call that Google could not read; asked again it mostly writes a better one. */
const BROKEN_CALL: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MALFORMED_RESPONSE',
])

/** Why a finished stream is no answer; null where it is one. */
export function googleStopFault(answer: GoogleAnswer, model: string): ModelFault | null {
  const { finish_reason, usage } = answer
  const known = usage === null ? {} : { usage }
  if (answer.blocked !== '') {
    return {
      kind: 'refused',
      message: `${WHO} blocked the prompt (${answer.blocked}). Change the task's wording, or choose another model.`,
      maybe_billed: false,
      ...known,
    }
  }
  if (finish_reason === null || usage === null) {
    return {
      kind: 'truncated',
      message: `${WHO}'s answer ended before it was complete. Try again; the call may be billed.`,
      maybe_billed: true,
      ...known,
    }
  }
  if (WHOLE.has(finish_reason)) return null
  const said = answer.finish_message === '' ? '' : `: "${answer.finish_message.slice(0, 300)}"`
  if (BROKEN_CALL.has(finish_reason)) {
    return {
      kind: 'truncated',
      message: `${model} called a tool in a form that cannot be read (${finish_reason}${said}). Try again.`,
      maybe_billed: false,
      usage,
    }
  }
  return {
    kind: 'refused',
    message: `${model} ended its answer for ${finish_reason}${said}. Change the task's wording, or choose another model.`,
    maybe_billed: false,
    usage,
  }
}

function classify(status: number, error: GoogleError, model: string): { kind: ModelFaultKind; message: string } {
  const said = error.message
  if (status === 401 || status === 403 || reasonOf(error) === 'API_KEY_INVALID' || /API key not valid/i.test(said)) {
    return {
      kind: 'auth',
      message: `Google does not let this key use ${model}: "${said}" Enter a valid key under Settings, Models.`,
    }
  }
  if (/enable billing|billing (account|is not)|prepayment credits|spend(ing)? (cap|limit)/i.test(said)) {
    return {
      kind: 'billing',
      message: `Google refused the call because of money: "${said}" Add credit or raise the limit in AI Studio, then resume.`,
    }
  }
  if (/token count .*exceeds the maximum|input .*too long|exceeds the maximum number of tokens/i.test(said)) {
    return {
      kind: 'context_too_long',
      message: `The prompt does not fit ${model}: "${said}" Split the task, or give it fewer inputs.`,
    }
  }
  switch (status) {
    case 404:
      return {
        kind: 'unavailable',
        message: `Google has no model "${model}": "${said}" Choose another model under Settings, Models.`,
      }
    case 429:
      return {
        kind: 'rate_limit',
        message: `Google is limiting how fast this key may ask: "${said}" The work goes on when the limit resets.`,
      }
    case 503:
      return { kind: 'overloaded', message: `${WHO} is overloaded: "${said}" It will be asked again later.` }
    case 408:
    case 504:
      return { kind: 'timeout', message: `${WHO} took too long and gave up: "${said}" Try again.` }
  }
  return status >= 500
    ? {
        kind: 'unavailable',
        message: `${WHO} failed with an error of its own (HTTP ${status}): "${said}" It will be asked again later.`,
      }
    : {
        kind: 'invalid',
        message: `Google does not accept the request (HTTP ${status}): "${said}" Asking again does not help; choose another model.`,
      }
}

function detailsOf(error: GoogleError, type: string): Readonly<Record<string, unknown>>[] {
  return (error.details ?? []).filter((detail) => detail['@type']?.endsWith(type))
}

function reasonOf(error: GoogleError): unknown {
  return detailsOf(error, 'google.rpc.ErrorInfo')[0]?.['reason']
}

const quotaFailure = z.lazy(() => z.object({ violations: z.array(z.object({ quotaId: z.string().default('') })) }))

/** How long to leave Google alone, in ms: until midnight in California for a day's quota, else as `RetryInfo` says. */
function waitMs(error: GoogleError, headers: Headers): number | null {
  const violations = detailsOf(error, 'google.rpc.QuotaFailure').flatMap(
    (detail) => quotaFailure.safeParse(detail).data?.violations ?? [],
  )
  if (violations.some(({ quotaId }) => /PerDay/.test(quotaId))) return untilPacificMidnight(Date.now())
  const delay = detailsOf(error, 'google.rpc.RetryInfo')[0]?.['retryDelay']
  return (typeof delay === 'string' ? durationMs(delay) : null) ?? retryAfterMs(headers, Date.now())
}

const PACIFIC: Intl.DateTimeFormatOptions = {
  timeZone: 'America/Los_Angeles',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
}

/** Daily quotas of Google reset at midnight Pacific time; an hour off on the two days on which the clocks change. */
function untilPacificMidnight(now_ms: number): number {
  const [hours = 0, minutes = 0, seconds = 0] = new Intl.DateTimeFormat('en-GB', PACIFIC)
    .format(now_ms)
    .split(':')
    .map(Number)
  return 86_400_000 - ((hours * 60 + minutes) * 60 + seconds) * 1_000
}
