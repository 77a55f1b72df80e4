import type { Result } from '#contract/result.ts'
import type { ModelFault } from './fault.ts'

/** One turn of a conversation, in the form that every provider can carry. */
export type ModelMessage =
  | {
      readonly role: 'user'
      readonly text: string
      /** They stand before the text. Only for models that can see. */
      readonly images?: readonly ModelImage[]
    }
  | { readonly role: 'assistant'; readonly text: string; readonly tool_calls: readonly ToolCall[] }
  | {
      readonly role: 'tool'
      readonly tool_call_id: string
      readonly name: string
      readonly text: string
      readonly is_error: boolean
    }

/** An image of a message, by the digest of its bytes, so that requests stay small where they are kept. */
export interface ModelImage {
  /** In the workspace; how the text speaks of it. */
  readonly path: string
  readonly sha256: string
  readonly media_type: 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif'
  readonly bytes: number
  /** In pixels. */
  readonly width: number
  readonly height: number
  /** Its bytes; put in just before the request is sent. */
  readonly base64?: string
}

/** A tool call as the model asked for it. `arguments` is parsed JSON of unknown shape, not yet checked. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: unknown
  /** Opaque to us: the provider wants it back with the call (Gemini's thought signature, OpenAI's encrypted reasoning). */
  readonly signature?: string | undefined
}

/** A tool as it is described to a model. `parameters` is a JSON Schema object. */
export interface ToolDescription {
  readonly name: string
  readonly description: string
  readonly parameters: Readonly<Record<string, unknown>>
}

/**
 * One completion to ask for. Plain data, so that it can be journaled, hashed and replayed.
 * `max_tokens` bounds the output and is what the ledger reserved for.
 */
export interface ModelRequest {
  readonly model: string
  readonly system: string
  readonly messages: readonly ModelMessage[]
  readonly tools: readonly ToolDescription[]
  readonly max_tokens: number
  /** Context window to ask for, in tokens. Only local servers need it (Ollama's `num_ctx`). */
  readonly context_tokens?: number
  /** JSON Schema that the answer must follow, through the provider's structured output. */
  readonly output_schema?: Readonly<Record<string, unknown>>
  /** Facts about the task for the demo provider, which has no understanding of prose. Never sent over a wire. */
  readonly hint?: Readonly<Record<string, unknown>>
}

/** Tokens that the provider counted, by the kinds that are priced apart. */
export interface TokenUsage {
  readonly input: number
  readonly output: number
  readonly cache_write_5m: number
  readonly cache_write_1h: number
  readonly cache_read: number
}

export const NO_USAGE: TokenUsage = { input: 0, output: 0, cache_write_5m: 0, cache_write_1h: 0, cache_read: 0 }

export type StopReason = 'end' | 'tool_calls' | 'max_tokens'

/** What a provider answered. A fault is a value; `complete` neither throws nor rejects for one. */
export type ModelReply =
  | {
      readonly ok: true
      readonly text: string
      readonly tool_calls: readonly ToolCall[]
      readonly stop_reason: StopReason
      readonly usage: TokenUsage
      /** What the provider says it charged, in micro-dollars; it goes before our price table. */
      readonly cost_micros?: number
    }
  | { readonly ok: false; readonly fault: ModelFault }

/** A piece of the answer as it streams. Transient: shown, never stored. */
export interface ModelDelta {
  readonly kind: 'text' | 'thinking'
  readonly text: string
}

export interface CompletionContext {
  readonly signal: AbortSignal
  onDelta(delta: ModelDelta): void
}

/** One call of a batch. `name` is unique among all that were ever sent; the provider gives it back with the answer. */
export interface BatchedRequest {
  readonly name: string
  readonly request: ModelRequest
}

/** How a batch is at its provider now. */
export interface BatchLook {
  /** The provider's own name for it. */
  readonly id: string
  /** `ended`: its results can be had. */
  readonly state: 'in_progress' | 'canceling' | 'ended'
  /** How many calls are in it. */
  readonly requests: number
  /** ms since 1970. */
  readonly created_at: number
}

/**
 * What became of one call. `unasked`: no model saw it and nothing is billed, because it was cancelled or its time ran out.
 * A reply's fault is not billed either unless it says so.
 */
export type BatchOutcome =
  | { readonly kind: 'reply'; readonly reply: ModelReply }
  | { readonly kind: 'unasked'; readonly why: 'canceled' | 'expired' }

export interface BatchResult {
  readonly name: string
  readonly outcome: BatchOutcome
}

/** A fault of a call about a batch; `gone`: the provider has no such batch (any more). */
export interface BatchFault extends ModelFault {
  readonly gone?: boolean
}

/** Calls that are sent together, answered within a day and cost less (R5). Faults are values, and nothing is retried. */
export interface ModelBatches {
  create(requests: readonly BatchedRequest[], signal: AbortSignal): Promise<Result<BatchLook, BatchFault>>
  look(id: string, signal: AbortSignal): Promise<Result<BatchLook, BatchFault>>
  /** What was not begun is not answered and not billed. */
  cancel(id: string, signal: AbortSignal): Promise<Result<BatchLook, BatchFault>>
  /** Those created since a moment (ms), newest first. */
  since(moment: number, signal: AbortSignal): Promise<Result<BatchLook[], BatchFault>>
  /**
   * Hands the results of an ended batch on one by one, in no order. `take` says whether to go on. Good where all that came
   * could be read; whether they are all is for the caller to count.
   */
  results(
    id: string,
    take: (result: BatchResult) => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<Result<void, BatchFault>>
}

/** How one provider of models is doing. `models` is empty where the provider does not list them. */
export interface ProviderHealth {
  readonly state: 'healthy' | 'degraded' | 'down' | 'not_configured'
  readonly detail: string
  readonly models: readonly string[]
  /** What its list names and is not used, because it would leave this machine. Absent: nothing. */
  readonly left_out?: readonly string[]
  /** It is down, but nobody has to do anything: it is to be asked again. Absent: no. */
  readonly may_heal?: boolean
}

/**
 * One provider of models. Adapters live beside this file, retry nothing by themselves (every attempt is
 * journaled and reserved anew) and turn every provider fault into a {@link ModelFault}.
 */
export interface ModelProvider {
  readonly id: string
  /** Whether a call costs money. Only then is the ledger asked. */
  readonly paid: boolean
  complete(request: ModelRequest, context: CompletionContext): Promise<ModelReply>
  /** Asks how the provider is, without loading a model and without a paid call. */
  check(signal: AbortSignal): Promise<ProviderHealth>
  /** Absent where it has no batches. */
  readonly batches?: ModelBatches
}
