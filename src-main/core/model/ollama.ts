import type { ChatRequest, Message, Tool } from 'ollama'
import { z } from 'zod'
import { type CallGuard, guardCall } from './call-guard.ts'
import type { ModelFault } from './fault.ts'
import { toObject } from './json-text.ts'
import { ndjsonCheck } from './ndjson-check.ts'
import { chatLine, emptyAnswer, type OllamaAnswer, promptMisfit, takeLine, toolCalls } from './ollama-answer.ts'
import { cutAnswer, openOllamaClient, toOllamaFault } from './ollama-client.ts'
import { cloudRefusal, isCloudEntry, isCloudName, leftOutText } from './ollama-cloud.ts'
import { OllamaFormatError } from './ollama-fault.ts'
import { briefFetch, patientOllamaFetch } from './ollama-fetch.ts'
import type { WindowChooser } from './ollama-window.ts'
import type {
  CompletionContext,
  ModelMessage,
  ModelProvider,
  ModelReply,
  ModelRequest,
  TokenUsage,
} from './provider.ts'
import { bytesOf } from './request-images.ts'

/** Loading a large model and reading a long prompt on a CPU takes minutes in which the server says nothing. */
const SILENCE_MS = 600_000
const CHECK_MS = 5_000
const MAX_ANSWER_BYTES = 32 * 1_048_576
/** Window for requests that name none, so that the server's own guess from its VRAM never decides. */
const DEFAULT_WINDOW_TOKENS = 8_192

export interface OllamaOptions {
  /** Its base URL at the moment, as `parseOllamaHost` gives it. */
  host(): string
  /** Longest silence of the server, in ms. */
  readonly timeout_ms?: number
  /** Chooses the window of each call; where missing it is what the request wants. */
  readonly windows?: WindowChooser
}

type Limits = { readonly silence_ms: number; readonly max_bytes: number }

const tagList = z.lazy(() =>
  z.object({
    models: z.array(
      z.object({ name: z.string(), remote_host: z.string().nullish(), remote_model: z.string().nullish() }),
    ),
  }),
)

/** Local models through the official npm package, which is loaded with the first call. */
export function createOllamaProvider(options: OllamaOptions): ModelProvider {
  const limits: Limits = { silence_ms: options.timeout_ms ?? SILENCE_MS, max_bytes: MAX_ANSWER_BYTES }
  /** Models that the last list said run elsewhere. */
  let cloud: ReadonlySet<string> = new Set()

  return {
    id: 'ollama',
    paid: false,

    async complete(request, context) {
      // The names are how people write them; the list's entries have a tag.
      if (isCloudName(request.model) || cloud.has(request.model) || cloud.has(`${request.model}:latest`)) {
        return failed({
          kind: 'unavailable',
          message: cloudRefusal(request.model),
          maybe_billed: false,
          model_missing: true,
        })
      }
      const lines = ndjsonCheck()
      const guard = guardCall({
        ...limits,
        signal: context.signal,
        fetch: patientOllamaFetch,
        onChunk: lines.take,
        onEnd: lines.end,
      })
      try {
        return await ask(options, request, context, guard)
      } catch (error) {
        return failed(toOllamaFault(error, guard, { ...limits, host: options.host(), model: request.model }))
      } finally {
        guard.dispose()
      }
    },

    async check(signal) {
      const checkLimits = { ...limits, silence_ms: CHECK_MS }
      const guard = guardCall({ ...checkLimits, signal, fetch: briefFetch })
      try {
        const client = await openOllamaClient(options.host(), guard)
        const tags = tagList.safeParse(await client.list())
        if (!tags.success) {
          return {
            state: 'down',
            detail: `${options.host()} answers, but not like Ollama. Check its address: OLLAMA_HOST, or the page First run.`,
            models: [],
          }
        }
        const away = tags.data.models.filter(isCloudEntry).map(({ name }) => name)
        cloud = new Set(away)
        const models = tags.data.models.filter((entry) => !isCloudEntry(entry)).map(({ name }) => name)
        return models.length > 0
          ? {
              state: 'healthy',
              detail: `${models.length} models are there.${leftOutText(away)}`,
              models,
              left_out: away,
            }
          : {
              state: 'degraded',
              detail: `Ollama runs but has no model yet. Pull one, for example "baton models pull llama3.2".${leftOutText(away)}`,
              models,
              left_out: away,
            }
      } catch (error) {
        return {
          state: 'down',
          detail: toOllamaFault(error, guard, { ...checkLimits, host: options.host(), model: '' }).message,
          models: [],
        }
      } finally {
        guard.dispose()
      }
    },
  }
}

async function ask(
  { host, windows }: OllamaOptions,
  request: ModelRequest,
  context: CompletionContext,
  guard: CallGuard,
): Promise<ModelReply> {
  const wanted = request.context_tokens ?? DEFAULT_WINDOW_TOKENS
  const window_tokens = (await windows?.choose(request.model, wanted, guard.signal)) ?? wanted
  const client = await openOllamaClient(host(), guard)
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
      return {
        role: 'user',
        content: message.text,
        ...(message.images === undefined ? {} : { images: message.images.map(bytesOf) }),
      }
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

function toReply(answer: OllamaAnswer, request: ModelRequest, window_tokens: number): ModelReply {
  const last = answer.last
  if (last === null) return failed(cutAnswer(''))
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

function failed(fault: ModelFault): ModelReply {
  return { ok: false, fault }
}
