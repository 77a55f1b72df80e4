import { z } from 'zod'
import type { ModelRequest, ToolCall } from './provider.ts'

const count = z.number().int().nonnegative().optional()

/** One line of `/api/chat` (WIRE §3). Zero counts are omitted by the server; unknown fields are ignored. */
export const chatLine = z.lazy(() =>
  z.object({
    message: z
      .object({
        content: z.string().default(''),
        thinking: z.string().optional(),
        tool_calls: z
          .array(
            z.object({
              id: z.string().optional(),
              function: z.object({ name: z.string(), arguments: z.unknown() }),
            }),
          )
          .nullish(),
      })
      .optional(),
    done: z.boolean(),
    done_reason: z.string().optional(),
    prompt_eval_count: count,
    eval_count: count,
  }),
)
export type ChatLine = z.infer<typeof chatLine>
type WireCall = NonNullable<NonNullable<ChatLine['message']>['tool_calls']>[number]

/** An answer as it grows with the lines of the stream. `last` is the line that ended it. */
export interface OllamaAnswer {
  text: string
  readonly calls: WireCall[]
  last: ChatLine | null
}

export function emptyAnswer(): OllamaAnswer {
  return { text: '', calls: [], last: null }
}

/** Takes one line into the answer; returns what it adds, for showing. */
export function takeLine(answer: OllamaAnswer, line: ChatLine): { kind: 'text' | 'thinking'; text: string }[] {
  const { content = '', thinking = '', tool_calls } = line.message ?? {}
  answer.text += content
  answer.calls.push(...(tool_calls ?? []))
  if (line.done) answer.last = line
  return [
    { kind: 'thinking' as const, text: thinking },
    { kind: 'text' as const, text: content },
  ].filter((delta) => delta.text !== '')
}

/**
 * The calls in our form. Older servers give no ids, so they are made from the place in the conversation, which keeps
 * them unique in it. Arguments that are text are read as JSON; text that is no JSON is passed on as it is, so that the
 * tool's own check tells the model what is wrong (T1).
 */
export function toolCalls(answer: OllamaAnswer, request: ModelRequest): ToolCall[] {
  return answer.calls.map((call, index) => ({
    id: call.id || `call_${request.messages.length}_${index}`,
    name: call.function.name,
    arguments: readArguments(call.function.arguments),
  }))
}

function readArguments(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? {}
  try {
    return JSON.parse(value)
  } catch {
    // Not lost: the tool refuses the text and the model learns why.
    return value
  }
}

/** Usual density of text. Real tokenizers need more tokens for code and for most languages other than English. */
const CHARS_PER_TOKEN = 4
/** How much denser than usual a text may be before its count is taken as proof that a part was left out. */
const PLAUSIBLE_SHARE = 0.75

/**
 * Why the prompt cannot have fitted the window; null where it did (E7).
 *
 * Baton asks the server not to truncate (`truncate: false`, `shift: false`), and servers from 2025 on then refuse with
 * 400. Older ones ignore that and drop the beginning silently, so their counts are checked:
 * - the count reaches the window: it is full, so something was cut, or will be with the first token;
 * - count and answer together pass the window: the beginning was dropped while the answer was written;
 * - the text is longer than the window by our estimate, and the count is much smaller than that estimate.
 * A small count alone proves nothing: some servers leave out what they reused from their prompt cache, and omit a
 * zero. Only together with an estimate above the window is it a sign.
 */
export function promptMisfit(request: ModelRequest, window_tokens: number, last: ChatLine): string | null {
  const counted = last.prompt_eval_count ?? 0
  const estimated = estimateTokens(request)
  const isFull = counted >= window_tokens || counted + (last.eval_count ?? 0) > window_tokens
  const isCut = estimated > window_tokens && counted < estimated * PLAUSIBLE_SHARE
  if (!isFull && !isCut) return null
  return `The prompt did not fit ${request.model}: about ${estimated} tokens were sent, the server used ${counted}, and its window is ${window_tokens}. Give the task fewer inputs, or raise the model's context window.`
}

/** Tokens of a prompt by the usual density of text. */
export function estimateTokens(request: ModelRequest): number {
  const spoken = request.messages.reduce((sum, message) => {
    const calls = message.role === 'assistant' ? JSON.stringify(message.tool_calls).length : 0
    return sum + message.text.length + calls
  }, request.system.length)
  const tools = request.tools.length === 0 ? 0 : JSON.stringify(request.tools).length
  return Math.ceil((spoken + tools) / CHARS_PER_TOKEN)
}
