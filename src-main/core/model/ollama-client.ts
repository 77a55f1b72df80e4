import { type CallGuard, errorCode, type GuardOptions, guardCall } from './call-guard.ts'
import type { ModelFault } from './fault.ts'
import { guardFault } from './guard-fault.ts'
import {
  OllamaFormatError,
  OllamaHttpError,
  OllamaStreamError,
  ollamaHttpFault,
  ollamaStreamFault,
} from './ollama-fault.ts'

export type CallLimits = Pick<GuardOptions, 'silence_ms' | 'max_bytes'>

/** The official npm package, loaded with the first call. One client per call: its `abort` ends all of its streams. */
export async function openOllamaClient(host: string, guard: CallGuard) {
  const { Ollama } = await import('ollama')
  return new Ollama({ host, fetch: guard.fetch })
}

/** Does one call under a guard; what breaks it becomes a fault, local and therefore never billed. */
export async function guarded<T>(
  options: GuardOptions & { readonly host: string; readonly model: string },
  call: (guard: CallGuard) => Promise<T>,
): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: ModelFault }> {
  const guard = guardCall(options)
  try {
    return { ok: true, value: await call(guard) }
  } catch (error) {
    return { ok: false, fault: toOllamaFault(error, guard, options) }
  } finally {
    guard.dispose()
  }
}

export function toOllamaFault(
  error: unknown,
  guard: CallGuard,
  { host, model, ...limits }: CallLimits & { readonly host: string; readonly model: string },
): ModelFault {
  const ended = guard.ended()
  if (ended !== null) return guardFault(ended, 'Ollama', limits, false)
  if (error instanceof OllamaHttpError) return ollamaHttpFault(error, model, host)
  if (error instanceof OllamaStreamError) return ollamaStreamFault(error, model)
  if (error instanceof OllamaFormatError || error instanceof SyntaxError) {
    return {
      kind: 'invalid',
      message: `Ollama at ${host} sent something that is not of its format (${error.message}). Try again; if it stays, check that this address is an Ollama server.`,
      maybe_billed: false,
    }
  }
  if (!guard.maybeSent()) {
    return {
      kind: 'unavailable',
      message: `Ollama cannot be reached at ${host} (${errorCode(error) || 'no connection'}). Start it with "ollama serve", or correct its address: OLLAMA_HOST, or the page First run.`,
      maybe_billed: false,
    }
  }
  return cutAnswer(errorCode(error))
}

export function cutAnswer(code: string): ModelFault {
  return {
    kind: 'truncated',
    message: `Ollama's answer was cut before it was complete${code === '' ? '' : ` (${code})`}. What had come was thrown away. Try again.`,
    maybe_billed: false,
  }
}
