import type { Behaviour } from './behaviour.ts'
import type { Brain, BrainCall, BrainMessage, BrainRequest } from './brain.ts'
import type { ChatBody } from './ollama-check.ts'
import { countTokens, longText } from './pieces.ts'

/** An answer of the scripted model. */
export interface OllamaAnswer {
  readonly text: string
  readonly calls: readonly BrainCall[]
  readonly tokens: number
  readonly isCut: boolean
  readonly hasBadCall: boolean
}

/** What the model says, cut at `num_predict` as the real one is. */
export function compose(body: ChatBody, how: Behaviour, brain: Brain): OllamaAnswer {
  const scripted = how.text !== undefined || how.tool_calls !== undefined || how.output_bytes !== undefined
  const said = scripted
    ? {
        text: how.text ?? (how.output_bytes === undefined ? '' : longText(how.output_bytes)),
        tool_calls: how.tool_calls ?? [],
      }
    : brain(toBrainRequest(body))
  const chars = said.text.length + (said.tool_calls.length === 0 ? 0 : JSON.stringify(said.tool_calls).length)
  const predict = body.options.num_predict ?? -1
  const limit = predict > 0 ? predict : Number.POSITIVE_INFINITY
  const isCut = how.kind === 'max_tokens' || (how.output_bytes === undefined && countTokens(chars) > limit)
  if (!isCut) {
    return {
      text: said.text,
      calls: said.tool_calls,
      tokens: Math.min(countTokens(chars), limit),
      isCut,
      hasBadCall: how.kind === 'bad_tool_call',
    }
  }
  const room = how.kind === 'max_tokens' ? Math.min(Math.floor(said.text.length / 2), limit * 4) : limit * 4
  // Ollama sends a call only when it is complete, so one that was cut is never seen.
  return {
    text: said.text.slice(0, room),
    calls: [],
    tokens: Math.min(countTokens(room), limit),
    isCut,
    hasBadCall: false,
  }
}

/** An image is 256 tokens here, as of Gemma. */
const IMAGE_CHARS = 1_024

/** Characters of the prompt; calls and tools are rendered into it as JSON. */
export function promptChars(body: ChatBody): number {
  const tools = body.tools.length === 0 ? 0 : JSON.stringify(body.tools).length
  return body.messages.reduce((sum, message) => {
    const calls = message.tool_calls === undefined ? 0 : JSON.stringify(message.tool_calls).length
    return sum + message.content.length + calls + (message.images ?? []).length * IMAGE_CHARS
  }, tools)
}

function toBrainRequest(body: ChatBody): BrainRequest {
  const calls = new Map<string, BrainCall>()
  const messages = body.messages.flatMap((message): BrainMessage[] => {
    const made = (message.tool_calls ?? []).map((call) => ({
      id: call.id ?? '',
      name: call.function.name,
      arguments: call.function.arguments,
    }))
    for (const call of made) calls.set(call.id, call)
    const base = { text: message.content, tool_calls: made, answers: null, is_error: false }
    if (message.role === 'system') return []
    if (message.role !== 'tool') return [{ ...base, role: message.role }]
    const answers = calls.get(message.tool_call_id ?? '') ?? null
    return [{ ...base, role: 'tool', answers, is_error: /^Error:/.test(message.content) }]
  })
  return {
    system: body.messages
      .filter((m) => m.role === 'system')
      .map((m) => m.content)
      .join('\n'),
    messages,
    tools: body.tools.map((tool) => ({ name: tool.function.name, parameters: tool.function.parameters })),
    output_schema: typeof body.format === 'object' ? body.format : null,
  }
}
