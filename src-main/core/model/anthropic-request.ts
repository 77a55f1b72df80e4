import type { MessageCreateParamsStreaming, MessageParam, Tool } from '@anthropic-ai/sdk/resources/messages'
import { toObject } from './json-text.ts'
import type { ModelImage, ModelMessage, ModelRequest, ToolDescription } from './provider.ts'
import { bytesOf } from './request-images.ts'

type Block = Extract<Extract<MessageParam, { role: 'user' | 'assistant' }>['content'], readonly unknown[]>[number]

/**
 * The body of `POST /v1/messages` for a request, apart from the schema, which the SDK's own helper prepares. `caches`: its
 * beginning is soon sent again.
 */
export function toAnthropicBody(
  request: ModelRequest,
  schema: Record<string, unknown> | null,
  caches = true,
): Omit<MessageCreateParamsStreaming, 'stream'> {
  // A conversation with tools sends its whole beginning again with each turn. Writing the cache costs a quarter more
  // once, reading it saves nine tenths each time, so it pays from the second turn on. A single question would only pay.
  const hasTools = request.tools.length > 0
  const repeats = hasTools && caches
  const cache = { cache_control: { type: 'ephemeral' as const } }
  return {
    model: request.model,
    max_tokens: request.max_tokens,
    messages: toAnthropicMessages(request.messages),
    ...(repeats ? cache : {}),
    ...(request.system === ''
      ? {}
      : { system: [{ type: 'text' as const, text: request.system, ...(repeats ? cache : {}) }] }),
    ...(hasTools ? { tools: request.tools.map(toAnthropicTool) } : {}),
    ...(schema === null ? {} : { output_config: { format: { type: 'json_schema' as const, schema } } }),
  }
}

function toAnthropicTool(tool: ToolDescription): Tool {
  return {
    name: tool.name,
    description: tool.description,
    input_schema: { ...tool.parameters, type: 'object' as const },
  }
}

/**
 * All tool results of one turn must come together in the message after the calls, before any other text of the user,
 * and no text block may be empty.
 */
function toAnthropicMessages(messages: readonly ModelMessage[]): MessageParam[] {
  const out: { role: 'user' | 'assistant'; content: Block[] }[] = []
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const blocks = toBlocks(message)
    const last = out.at(-1)
    if (last?.role === role) last.content.push(...blocks)
    else if (blocks.length > 0) out.push({ role, content: blocks })
  }
  return out as MessageParam[]
}

function toImage(image: ModelImage): Block {
  return { type: 'image', source: { type: 'base64', media_type: image.media_type, data: bytesOf(image) } }
}

function toBlocks(message: ModelMessage): Block[] {
  const text = 'text' in message && message.text.trim() !== '' ? [{ type: 'text' as const, text: message.text }] : []
  switch (message.role) {
    case 'user':
      return [...(message.images ?? []).map(toImage), ...text]
    case 'assistant':
      return [
        ...text,
        ...message.tool_calls.map((call) => ({
          type: 'tool_use' as const,
          id: call.id,
          name: call.name,
          input: toObject(call.arguments),
        })),
      ]
    case 'tool':
      return [
        {
          type: 'tool_result' as const,
          tool_use_id: message.tool_call_id,
          content: message.text === '' ? '(no output)' : message.text,
          ...(message.is_error ? { is_error: true } : {}),
        },
      ]
  }
}
