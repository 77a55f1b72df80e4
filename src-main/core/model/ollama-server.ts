import { z } from 'zod'
import type { ModelFault } from './fault.ts'
import { ndjsonCheck } from './ndjson-check.ts'
import { guarded, openOllamaClient } from './ollama-client.ts'
import { OllamaFormatError, OllamaStreamError } from './ollama-fault.ts'
import { briefFetch, patientOllamaFetch } from './ollama-fetch.ts'

/** Questions about the server itself are answered at once. */
const BRIEF = { silence_ms: 5_000, max_bytes: 8 * 1_048_576 }
/** Checking what was pulled can take minutes in which the server says nothing. */
const PATIENT = { silence_ms: 600_000, max_bytes: 64 * 1_048_576 }

export type Answered<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: ModelFault }

/** A model in memory now. */
export interface LoadedModel {
  readonly name: string
  /** All of it, and its part on the card, in bytes. Less on the card than the whole: partly on the CPU. */
  readonly size: number
  readonly size_vram: number
  /** The window it is loaded with, in tokens; null where the server does not tell. */
  readonly context_tokens: number | null
  /** When it leaves memory if nobody asks it, in ms since 1970; null where the server does not tell. */
  readonly expires_at: number | null
}

/** What decides how large a window can be. Null where the server does not tell. */
export interface ModelFacts {
  /** Most tokens that the model was made for. */
  readonly limit_tokens: number | null
  /** Memory that one token of the window takes, in bytes, at 16 bits. */
  readonly kv_bytes_per_token: number | null
  readonly weights_bytes: number | null
  /** Older servers do not tell what a model can do; then it counts as one that cannot see. */
  readonly sees_images: boolean
}

export interface PullProgress {
  /** In the server's words: "pulling manifest", "verifying sha256 digest". */
  readonly status: string
  readonly completed_bytes: number
  /** Of the parts that the server has named so far. */
  readonly total_bytes: number
}

/** Ollama beside its chat: what is loaded, how large a model is, pulling, embedding. Faults are values. */
export interface OllamaServer {
  loaded(signal: AbortSignal): Promise<Answered<LoadedModel[]>>
  facts(model: string, signal: AbortSignal): Promise<Answered<ModelFacts>>
  pull(model: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal): Promise<Answered<void>>
  /** One vector per text, in order. */
  embed(
    model: string,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<Answered<{ readonly vectors: number[][]; readonly tokens: number }>>
}

const bytes = z.number().nonnegative()
/** WIRE §3, `/api/ps`. */
const loadedList = z.lazy(() =>
  z.object({
    models: z.array(
      z.object({
        name: z.string(),
        size: bytes,
        size_vram: bytes.default(0),
        context_length: z.number().int().positive().nullish(),
        expires_at: z.union([z.string(), z.date()]).nullish(),
      }),
    ),
  }),
)
const tagList = z.object({ models: z.array(z.object({ name: z.string(), size: bytes })) })
const shown = z.lazy(() =>
  z.object({
    model_info: z.record(z.string(), z.unknown()).nullish(),
    capabilities: z.array(z.string()).nullish(),
  }),
)
const pullLine = z.lazy(() =>
  z.object({
    status: z.string().default(''),
    digest: z.string().optional(),
    total: bytes.optional(),
    completed: bytes.optional(),
  }),
)
const embedded = z.lazy(() =>
  z.object({
    embeddings: z.array(z.array(z.number())),
    prompt_eval_count: z.number().int().nonnegative().default(0),
  }),
)

/** A server whose address may change: each call goes to where it is by then. */
export function createMovingOllamaServer(host: () => string): OllamaServer {
  const now = (): OllamaServer => createOllamaServer(host())
  return {
    loaded: (signal) => now().loaded(signal),
    facts: (model, signal) => now().facts(model, signal),
    pull: (model, onProgress, signal) => now().pull(model, onProgress, signal),
    embed: (model, texts, signal) => now().embed(model, texts, signal),
  }
}

export function createOllamaServer(host: string): OllamaServer {
  const brief = (model: string, signal: AbortSignal) => ({ ...BRIEF, host, model, signal, fetch: briefFetch })

  return {
    loaded: (signal) =>
      guarded(brief('', signal), async (guard) => {
        const answer = parsed(loadedList, await (await openOllamaClient(host, guard)).ps())
        return answer.models.map((model) => ({
          name: model.name,
          size: model.size,
          size_vram: model.size_vram,
          context_tokens: model.context_length ?? null,
          expires_at: momentOf(model.expires_at),
        }))
      }),

    facts: (model, signal) =>
      guarded(brief(model, signal), async (guard) => {
        const client = await openOllamaClient(host, guard)
        const { model_info, capabilities } = parsed(shown, await client.show({ model }))
        const tags = parsed(tagList, await client.list())
        const size = tags.models.find((known) => isSameModel(known.name, model))?.size ?? null
        return {
          ...factsOf(model_info ?? {}),
          weights_bytes: size,
          sees_images: capabilities?.includes('vision') ?? false,
        }
      }),

    async pull(model, onProgress, signal) {
      const lines = ndjsonCheck()
      const options = { ...PATIENT, host, model, signal, fetch: patientOllamaFetch }
      const pulled = await guarded({ ...options, onChunk: lines.take, onEnd: lines.end }, async (guard) => {
        const client = await openOllamaClient(host, guard)
        const layers = new Map<string, { total: number; completed: number }>()
        let last = ''
        try {
          for await (const raw of await client.pull({ model, stream: true })) {
            const line = parsed(pullLine, raw)
            last = line.status
            if (line.digest !== undefined && line.total !== undefined) {
              layers.set(line.digest, { total: line.total, completed: line.completed ?? 0 })
            }
            onProgress({ status: last, ...sumOf([...layers.values()]) })
          }
        } catch (error) {
          if (error instanceof OllamaStreamError) return error.message
          throw error
        }
        // A stream that simply ends was cut: the server closes with this word.
        if (last !== 'success') throw new Error('the pull ended before it was complete')
        return null
      })
      if (!pulled.ok) return pulled
      return pulled.value === null
        ? { ok: true, value: undefined }
        : { ok: false, fault: notPulled(model, pulled.value) }
    },

    embed: (model, texts, signal) =>
      guarded({ ...PATIENT, host, model, signal, fetch: patientOllamaFetch }, async (guard) => {
        const client = await openOllamaClient(host, guard)
        // An overlong text must be refused, not cut silently (E7).
        const answer = parsed(embedded, await client.embed({ model, input: [...texts], truncate: false }))
        if (answer.embeddings.length !== texts.length) {
          throw new OllamaFormatError(`${answer.embeddings.length} vectors for ${texts.length} texts`)
        }
        return { vectors: answer.embeddings, tokens: answer.prompt_eval_count }
      }),
  }
}

function notPulled(model: string, said: string): ModelFault {
  return {
    kind: 'unavailable',
    message: `Ollama could not pull ${model}: "${said}" Check the name (ollama.com/library lists them), the network and the disk, then pull again; what has come is kept.`,
    maybe_billed: false,
  }
}

function parsed<T extends z.ZodType>(schema: T, raw: unknown): z.output<T> {
  const result = schema.safeParse(raw)
  if (!result.success) throw new OllamaFormatError(z.prettifyError(result.error))
  return result.data
}

function momentOf(at: string | Date | null | undefined): number | null {
  if (at == null) return null
  const ms = new Date(at).getTime()
  return Number.isNaN(ms) ? null : ms
}

function sumOf(layers: readonly { readonly total: number; readonly completed: number }[]) {
  return {
    completed_bytes: layers.reduce((sum, layer) => sum + layer.completed, 0),
    total_bytes: layers.reduce((sum, layer) => sum + layer.total, 0),
  }
}

/** Ollama names every model with its tag; people leave `:latest` out. */
export function isSameModel(a: string, b: string): boolean {
  const tagged = (name: string) => (name.includes(':') ? name : `${name}:latest`)
  return tagged(a) === tagged(b)
}

const BYTES_PER_VALUE = 2

/** Reads a model's `model_info`, whose keys begin with its architecture (`llama.context_length`). */
function factsOf(info: Readonly<Record<string, unknown>>): Omit<ModelFacts, 'weights_bytes' | 'sees_images'> {
  const architecture = String(info['general.architecture'] ?? '')
  const number = (key: string): number | null => {
    const value = info[`${architecture}.${key}`]
    // Some models have other heads in each layer: the most of any is the safe side.
    const most = Array.isArray(value) ? Math.max(0, ...value.filter((one) => typeof one === 'number')) : value
    return typeof most === 'number' && Number.isFinite(most) && most > 0 ? most : null
  }
  const heads = number('attention.head_count')
  const width = number('embedding_length')
  const perHead = heads === null || width === null ? null : width / heads
  const keys = number('attention.key_length') ?? perHead
  const values = number('attention.value_length') ?? perHead
  const layers = number('block_count')
  const kvHeads = number('attention.head_count_kv') ?? heads
  return {
    limit_tokens: number('context_length'),
    kv_bytes_per_token:
      layers === null || kvHeads === null || keys === null || values === null
        ? null
        : layers * kvHeads * (keys + values) * BYTES_PER_VALUE,
  }
}
