import type { APIError } from '@anthropic-ai/sdk'
import type { ModelFault, ModelFaultKind } from './fault.ts'
import type { TokenUsage } from './provider.ts'
import { retryAfterMs } from './retry-after.ts'

/** What an HTTP refusal or a mid-stream `event: error` of Anthropic means (WIRE §1, "Errors" and "Money cases"). */
export function anthropicFault(error: APIError, model: string, usage: TokenUsage | null): ModelFault {
  const said = error.apiMessage ?? error.message
  if (error.status === undefined) return streamFault(error.type, said, usage)
  const { kind, message } = classify(error.status, error.errorCode, said, model, error.headers)
  const retryAfter = kind === 'rate_limit' || kind === 'overloaded' ? retryAfterMs(error.headers, Date.now()) : null
  return {
    kind,
    message,
    ...(retryAfter === null ? {} : { retry_after_ms: retryAfter }),
    maybe_billed: costUnknown(error.status),
    ...(error.status === 404 ? { model_missing: true } : {}),
  }
}

/**
 * Refusals (4xx) and "overloaded" (529) are answers: no tokens were used. Other server errors (500, 502, 504) may
 * come after the model worked, and do not say.
 */
function costUnknown(status: number): boolean {
  return status >= 500 && status !== 529
}

/** What an error in a batch's results means: no model answered, and nothing is billed. */
export function itemFault(type: string, said: string, model: string): ModelFault {
  const status = STATUS_OF[type] ?? 500
  const { kind, message } = classify(status, null, said, model, undefined)
  return { kind, message, maybe_billed: false, ...(status === 404 ? { model_missing: true } : {}) }
}

const STATUS_OF: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
}

function classify(
  status: number,
  code: string | null,
  said: string,
  model: string,
  headers: Headers | undefined,
): { kind: ModelFaultKind; message: string } {
  if (isMoney(status, code, said, headers)) {
    return {
      kind: 'billing',
      message: `Anthropic refused the call because of money: "${said}" Add credit or raise the limit in the Anthropic Console (Plans & Billing), then resume.`,
    }
  }
  if (status === 401) {
    return {
      kind: 'auth',
      message: `Anthropic does not accept the API key: "${said}" Enter a valid key under Settings, Models.`,
    }
  }
  if (status === 403) {
    return {
      kind: 'auth',
      message: `This API key may not use ${model}: "${said}" Use another key, or choose another model.`,
    }
  }
  if (status === 404) {
    return {
      kind: 'unavailable',
      message: `Anthropic has no model "${model}": "${said}" Choose another model under Settings, Models.`,
    }
  }
  if (status === 413 || isTooLong(said)) {
    return {
      kind: 'context_too_long',
      message: `The prompt does not fit ${model}: "${said}" Split the task, or give it fewer inputs.`,
    }
  }
  if (status === 429) {
    return {
      kind: 'rate_limit',
      message: `Anthropic is limiting how fast this key may ask: "${said}" The work goes on when the limit resets.`,
    }
  }
  if (status === 529 || status === 503) {
    return { kind: 'overloaded', message: `Anthropic is overloaded: "${said}" It will be asked again later.` }
  }
  if (status === 408 || status === 504) {
    return { kind: 'timeout', message: `Anthropic took too long and gave up: "${said}" Try again.` }
  }
  if (status >= 500) {
    return {
      kind: 'unavailable',
      message: `Anthropic failed with an error of its own (HTTP ${status}): "${said}" It will be asked again later.`,
    }
  }
  return {
    kind: 'invalid',
    message: `Anthropic does not accept the request (HTTP ${status}): "${said}" This is a fault of Baton or of the model's settings; asking again does not help.`,
  }
}

/** Codes of a 429 that waiting a moment does not heal. `ramp_limit_exceeded` does heal and carries `retry-after`. */
const SPEND_CODES: ReadonlySet<string> = new Set(['enforced_spend_limit_reached', 'contract_spend_limit_reached'])

function isMoney(status: number, code: string | null, said: string, headers: Headers | undefined): boolean {
  if (status === 402) return true
  if (status === 429) return code !== null && SPEND_CODES.has(code) && !headers?.has('retry-after')
  return status === 400 && /credit balance is too low|specified (workspace )?API usage limits/i.test(said)
}

function isTooLong(said: string): boolean {
  return /prompt is too long|exceed(s|ed)? (the )?(maximum )?context|input length and `?max_tokens`? exceed/i.test(said)
}

/** An error inside a stream comes after the model began, so its cost is not known. */
function streamFault(type: string | null, said: string, usage: TokenUsage | null): ModelFault {
  const kinds: Readonly<Record<string, ModelFaultKind>> = {
    overloaded_error: 'overloaded',
    rate_limit_error: 'rate_limit',
    timeout_error: 'timeout',
  }
  return {
    kind: kinds[type ?? ''] ?? 'truncated',
    message: `Anthropic broke off in the middle of the answer: "${said}" What had come was thrown away; the call may be billed.`,
    maybe_billed: true,
    ...(usage === null ? {} : { usage }),
  }
}
