import type { ModelFault, ModelFaultKind } from './fault.ts'

/** An HTTP answer of Ollama that is not 2xx, read by us because the npm package prints such bodies to stdout. */
export class OllamaHttpError extends Error {
  readonly status: number
  constructor(status: number, text: string) {
    super(text)
    this.name = 'OllamaHttpError'
    this.status = status
  }
}

/** Something in the stream that is not of Ollama's format. */
export class OllamaFormatError extends Error {
  override readonly name = 'OllamaFormatError'
}

/** A last line `{"error": …}`: the server gave up in the middle of the answer. */
export class OllamaStreamError extends Error {
  override readonly name = 'OllamaStreamError'
}

/** What a refusal of Ollama means (WIRE §3, "Errors"). Local calls cost nothing, so nothing can be billed. */
export function ollamaHttpFault(error: OllamaHttpError, model: string, url: string): ModelFault {
  const { kind, advice } = classify(error.status, error.message, model)
  return {
    kind,
    message: `Ollama at ${url} refused the call (HTTP ${error.status}): "${error.message}" ${advice}`,
    maybe_billed: false,
    ...(kind === 'unavailable' && error.status === 404 ? { model_missing: true } : {}),
    ...(isOutOfMemory(error.message) ? { out_of_memory: true } : {}),
  }
}

export function ollamaStreamFault(error: OllamaStreamError, model: string): ModelFault {
  const brokeOff = `Ollama broke off in the middle of the answer: "${error.message}"`
  if (isTooLong(error.message))
    return { kind: 'context_too_long', message: `${brokeOff} ${shorten(model)}`, maybe_billed: false }
  if (isOutOfMemory(error.message)) {
    return { kind: 'truncated', message: `${brokeOff} ${makeRoom(model)}`, maybe_billed: false, out_of_memory: true }
  }
  // A call that the server could not read is lost; asked again, the model mostly writes a better one.
  const message = `${brokeOff} What had come was thrown away. Try again; if it stays, look at the log of Ollama.`
  return { kind: 'truncated', message, maybe_billed: false }
}

function classify(status: number, said: string, model: string): { kind: ModelFaultKind; advice: string } {
  if (isTooLong(said)) return { kind: 'context_too_long', advice: shorten(model) }
  if (isBadToolCall(said))
    return { kind: 'invalid', advice: 'The model wrote a tool call that is not JSON. Try again.' }
  if (isOutOfMemory(said)) return { kind: 'overloaded', advice: makeRoom(model) }
  if (status >= 300 && status < 400) {
    return {
      kind: 'auth',
      advice:
        'Redirects are not followed, as they would take the prompt to a server that nobody named. Enter the address that it leads to, in OLLAMA_HOST or on the page First run.',
    }
  }
  switch (status) {
    case 401:
    case 403:
      return { kind: 'auth', advice: 'Check the address and the login of this server.' }
    case 404:
      return { kind: 'unavailable', advice: `Pull it with "baton models pull ${model}", or choose another model.` }
    case 408:
    case 504:
      return { kind: 'timeout', advice: 'Try again.' }
    case 429:
      return { kind: 'rate_limit', advice: 'It will be asked again later.' }
    case 503:
      return { kind: 'overloaded', advice: 'It will be asked again when its queue is shorter.' }
    default:
      return status >= 500
        ? { kind: 'overloaded', advice: 'It will be asked again; if it stays, look at the log of Ollama.' }
        : { kind: 'invalid', advice: 'Asking again does not help; choose a model that can do this.' }
  }
}

/** Wordings of Ollama and of the llama server inside it. */
function isTooLong(said: string): boolean {
  return /longer than the context length|exceeds? the (available )?context|input length exceeds/i.test(said)
}

/** Wordings of Ollama (`server/sched.go`, `llm/server.go`), of the llama server inside it and of CUDA. */
function isOutOfMemory(said: string): boolean {
  return /out of memory|requires more (system|GPU) memory|unable to allocate|failed to allocate/i.test(said)
}

function makeRoom(model: string): string {
  return `There is no room for ${model}. End what else uses the card, lower the window of this model under Settings, Models, or choose a smaller model.`
}

function isBadToolCall(said: string): boolean {
  return /error parsing tool call/i.test(said)
}

function shorten(model: string): string {
  return `The prompt does not fit the window of ${model}. Give the task fewer inputs, or raise the model's context window.`
}
