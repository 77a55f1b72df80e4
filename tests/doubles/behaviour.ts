import { z } from 'zod'

/**
 * What a double does with one call. The same names mean the same trouble on every double that knows it:
 * - `answer`: the brain's answer, or `text` and `tool_calls` where given
 * - `wrong_key`, `no_credit`, `spend_limit`, `billing_problem`, `spend_cap`, `rate_limit`, `overloaded` (529, or Ollama's
 *   503), `server_error`, `no_model`, `context_too_long`: refusals before a token is written
 * - `refusal`, `max_tokens`: answers that end early by decision
 * - `stream_error`: an error in the middle of the stream; `stream_cut`: the socket is destroyed there; `stream_end`: the
 *   stream ends there as if all was well; `malformed`: a broken piece of JSON there; `stall`: silence from there on
 * - `hang`: takes the request and never answers
 * - `prompt_truncated`: drops half of the prompt silently, as old Ollama servers do
 * - `bad_tool_call`: a tool call whose arguments are no JSON
 */
export const behaviourKind = z.enum([
  'answer',
  'wrong_key',
  'no_credit',
  'spend_limit',
  'billing_problem',
  'spend_cap',
  'rate_limit',
  'overloaded',
  'server_error',
  'no_model',
  'context_too_long',
  'refusal',
  'max_tokens',
  'stream_error',
  'stream_cut',
  'stream_end',
  'malformed',
  'stall',
  'hang',
  'prompt_truncated',
  'bad_tool_call',
])

export const scriptedCall = z.strictObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()) })

export const behaviour = z.strictObject({
  kind: behaviourKind,
  /** Instead of what the brain would say. */
  text: z.string().optional(),
  /** Instead of what the brain would call. */
  tool_calls: z.array(scriptedCall).optional(),
  /** Answer with a text of this many bytes, whatever was asked. */
  output_bytes: z.number().int().positive().optional(),
  /** Send the stream in pieces of this many bytes, wherever they fall. */
  split_bytes: z.number().int().positive().optional(),
  /** Wait before each piece of the stream. */
  delay_ms: z.number().int().nonnegative().optional(),
  /** Wait before anything is sent. */
  start_delay_ms: z.number().int().nonnegative().optional(),
  /** For `rate_limit`. */
  retry_after_s: z.number().nonnegative().optional(),
})
export type Behaviour = z.infer<typeof behaviour>

/** What can be set from a file, so that a double can run as a process of its own. */
export const doubleConfig = z.strictObject({
  port: z.number().int().min(0).max(65_535).optional(),
  /** Behaviours of the next calls, in order. */
  queue: z.array(behaviour).optional(),
  /** Behaviour when the queue is empty; `answer` where missing. */
  default: behaviour.optional(),
  /** Keys that are accepted; any where missing. */
  keys: z.array(z.string()).optional(),
  /** Whom the double of OpenAI stands in for; OpenAI where missing. */
  flavour: z.enum(['openai', 'local', 'openrouter']).optional(),
  /** Models that exist there. */
  models: z.array(z.string()).optional(),
})
export type DoubleConfig = z.infer<typeof doubleConfig>
