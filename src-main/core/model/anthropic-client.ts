import { type AnthropicAnswer, toUsage } from './anthropic-answer.ts'
import { anthropicFault } from './anthropic-fault.ts'
import { type CallGuard, errorCode } from './call-guard.ts'
import type { ModelFault } from './fault.ts'
import { guardFault } from './guard-fault.ts'
import type { ModelRequest } from './provider.ts'

const WHO = 'Anthropic'

export interface AnthropicOptions {
  readonly api_key: string
  /** Without `/v1`; the SDK's default where it is missing. */
  readonly base_url?: string
  /** Longest silence of the server, in ms. */
  readonly timeout_ms?: number
}

/** The official SDK, loaded with the first call, which never retries by itself and is watched by `guard`. */
export async function openClient(options: AnthropicOptions, guard: CallGuard) {
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

/** What a thrown error of the SDK means. */
export async function toFault(
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

export function noKey(): ModelFault {
  return {
    kind: 'auth',
    message: 'There is no key for Anthropic. Enter one under Settings, Models, or set ANTHROPIC_API_KEY.',
    maybe_billed: false,
  }
}
