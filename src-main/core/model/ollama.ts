import type { ChatRequest, Message, Tool } from 'ollama'
import { z } from 'zod'
import { type CallGuard, errorCode, guardCall } from './call-guard.ts'
import type { ModelFault } from './fault.ts'
import { guardFault } from './guard-fault.ts'
import { ndjsonCheck } from './ndjson-check.ts'
import { chatLine, emptyAnswer, type OllamaAnswer, promptMisfit, takeLine, toolCalls } from './ollama-answer.ts'
import {
  OllamaFormatError,
  OllamaHttpError,
  OllamaStreamError,
  ollamaHttpFault,
  ollamaStreamFault,
} from './ollama-fault.ts'
import { briefFetch, patientOllamaFetch } from './ollama-fetch.ts'
import type {
  CompletionContext,
  ModelMessage,
  ModelProvider,
  ModelReply,
  ModelRequest,
  TokenUsage,
} from './provider.ts'

/** Loading a large model and reading a long prompt on a CPU takes minutes in which the server says nothing. */
const SILENCE_MS = 600_000
const CHECK_MS = 5_000
const MAX_ANSWER_BYTES = 32 * 1_048_576
/** Window for requests that name none, so that the server's own guess from its VRAM never decides. */
const DEFAULT_WINDOW_TOKENS = 8_192

export interface OllamaOptions {
  /** Base URL, as `parseOllamaHost` gives it. */
  readonly host: string
  /** Longest silence of the server, in ms. */
  readonly timeout_ms?: number
}

type Limits = { readonly silence_ms: number; readonly max_bytes: number }

const tagList = z.object({ models: z.array(z.object({ name: z.string() })) })

/** Local models through the official npm package, which is loaded with the first call. */
export function createOllamaProvider(options: OllamaOptions): ModelProvider {
  const limits: Limits = { silence_ms: options.timeout_ms ?? SILENCE_MS, max_bytes: MAX_ANSWER_BYTES }

  return {
    id: 'ollama',
    paid: false,

    async complete(request, context) {
      const lines = ndjsonCheck()
      const guard = guardCall({
        ...limits,
        signal: context.signal,
        fetch: patientOllamaFetch,
        onChunk: lines.take,
        onEnd: lines.end,
      })
      try {
        return await ask(options.host, request, context, guard)
      } catch (error) {
        return failed(toFault(error, guard, options.host, request.model, limits))
      } finally {
        guard.dispose()
      }
    },

    async check(signal) {
      const checkLimits = { ...limits, silence_ms: CHECK_MS }
      const guard = guardCall({ ...checkLimits, signal, fetch: briefFetch })
      try {
        const client = await openClient(options.host, guard)
        const tags = tagList.safeParse(await client.list())
        if (!tags.success) {
          return {
            state: 'down',
            detail: `${options.host} answers, but not like Ollama. Check OLLAMA_HOST.`,
            models: [],
          }
        }
        const models = tags.data.models.map((model) => model.name)
        return models.length > 0
          ? { state: 'healthy', detail: `${models.length} models are there.`, models }
          : {
              state: 'degraded',
              detail: 'Ollama runs but has no model yet. Pull one, for example "ollama pull llama3.2".',
              models,
            }
      } catch (error) {
        return { state: 'down', detail: toFault(error, guard, options.host, '', checkLimits).message, models: [] }
      } finally {
        guard.dispose()
      }
    },
  }
}

async function openClient(host: string, guard: CallGuard) {
  const { Ollama } = await import('ollama')
  // One client per call: its `abort` ends all of its streams.
  return new Ollama({ host, fetch: guard.fetch })
}

async function ask(
  host: string,
  request: ModelRequest,
  context: CompletionContext,
  guard: CallGuard,
): Promise<ModelReply> {
  const window_tokens = request.context_tokens ?? DEFAULT_WINDOW_TOKENS
  const client = await openClient(host, guard)
  const answer = emptyAnswer()
  for await (const raw of await client.chat(toBody(request, window_tokens))) {
    const line = chatLine.safeParse(raw)
    if (!line.success) throw new OllamaFormatError(z.prettifyError(line.error))
    for (const delta of takeLine(answer, line.data)) context.onDelta(delta)
  }
  return toReply(answer, request, window_tokens)
}

/** `truncate` and `shift` are real fields of the server that the package's types do not know yet. */
type ChatBody = ChatRequest & { readonly stream: true; readonly truncate: false; readonly shift: false }

function toBody(request: ModelRequest, window_tokens: number): ChatBody {
  return {
    model: request.model,
    messages: [
      ...(request.system === '' ? [] : [{ role: 'system', content: request.system }]),
      ...request.messages.map(toMessage),
    ],
    stream: true,
    // An overlong prompt must be refused, not cut silently (E7).
    truncate: false,
    shift: false,
    ...(request.tools.length === 0
      ? {}
      : {
          tools: request.tools.map(
            (tool): Tool => ({
              type: 'function',
              function: { name: tool.name, description: tool.description, parameters: { ...tool.parameters } },
            }),
          ),
        }),
    ...(request.output_schema === undefined ? {} : { format: { ...request.output_schema } }),
    options: { num_ctx: window_tokens, num_predict: request.max_tokens },
  }
}

function toMessage(message: ModelMessage): Message & { tool_call_id?: string } {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.text }
    case 'assistant':
      return {
        role: 'assistant',
        content: message.text,
        ...(message.tool_calls.length === 0
          ? {}
          : {
              tool_calls: message.tool_calls.map((call) => ({
                id: call.id,
                function: { name: call.name, arguments: toObject(call.arguments) },
              })),
            }),
      }
    case 'tool':
      return {
        role: 'tool',
        content: message.is_error ? `Error: ${message.text}` : message.text,
        tool_name: message.name,
        tool_call_id: message.tool_call_id,
      }
  }
}

function toObject(value: unknown): Record<string, unknown> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? { ...value } : { value }
}

function toReply(answer: OllamaAnswer, request: ModelRequest, window_tokens: number): ModelReply {
  const last = answer.last
  if (last === null) return failed(cut(''))
  const usage: TokenUsage = {
    input: last.prompt_eval_count ?? 0,
    output: last.eval_count ?? 0,
    cache_write_5m: 0,
    cache_write_1h: 0,
    cache_read: 0,
  }
  const misfit = promptMisfit(request, window_tokens, last)
  if (misfit !== null) return failed({ kind: 'context_too_long', message: misfit, maybe_billed: false, usage })
  if (last.done_reason === 'load' || last.done_reason === 'unload') {
    return failed({
      kind: 'invalid',
      message: `Ollama only ${last.done_reason}ed ${request.model} and wrote nothing, because the request had no text. This is a fault of Baton.`,
      maybe_billed: false,
    })
  }
  const calls = toolCalls(answer, request)
  const stop_reason = last.done_reason === 'length' ? 'max_tokens' : calls.length > 0 ? 'tool_calls' : 'end'
  return { ok: true, text: answer.text, tool_calls: calls, stop_reason, usage }
}

function toFault(error: unknown, guard: CallGuard, host: string, model: string, limits: Limits): ModelFault {
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
      message: `Ollama cannot be reached at ${host} (${errorCode(error) || 'no connection'}). Start it with "ollama serve", or correct OLLAMA_HOST.`,
      maybe_billed: false,
    }
  }
  return cut(errorCode(error))
}

function cut(code: string): ModelFault {
  return {
    kind: 'truncated',
    message: `Ollama's answer was cut before it was complete${code === '' ? '' : ` (${code})`}. What had come was thrown away. Try again.`,
    maybe_billed: false,
  }
}

function failed(fault: ModelFault): ModelReply {
  return { ok: false, fault }
}
