import { toObject } from './json-text.ts'
import type { ModelMessage, ModelRequest, ToolDescription } from './provider.ts'
import { toStrictSchema } from './strict-schema.ts'

/**
 * The body of `POST /chat/completions` (types of npm openai 7.55). `dialect` is `openai` for OpenAI itself, which names the
 * bound of an answer differently from every server that follows its older form.
 */
export function toOpenAiBody(request: ModelRequest, dialect: 'openai' | 'compatible'): Record<string, unknown> {
  return {
    model: request.model,
    messages: [
      ...(request.system === '' ? [] : [{ role: 'system', content: request.system }]),
      ...request.messages.map(toMessage),
    ],
    stream: true,
    // Without it no usage comes with a stream.
    stream_options: { include_usage: true },
    [dialect === 'openai' ? 'max_completion_tokens' : 'max_tokens']: request.max_tokens,
    ...(request.tools.length > 0 ? { tools: request.tools.map(toTool) } : {}),
    ...(request.output_schema === undefined
      ? {}
      : {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'answer', strict: true, schema: toStrictSchema(request.output_schema) },
          },
        }),
  }
}

function toTool(tool: ToolDescription) {
  return {
    type: 'function',
    function: { name: tool.name, description: tool.description, parameters: tool.parameters },
  }
}

function toMessage(message: ModelMessage): Record<string, unknown> {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.text }
    case 'assistant':
      if (message.tool_calls.length === 0) return { role: 'assistant', content: message.text }
      return {
        role: 'assistant',
        content: message.text === '' ? null : message.text,
        tool_calls: message.tool_calls.map((call) => ({
          id: call.id,
          type: 'function',
          function: { name: call.name, arguments: JSON.stringify(toObject(call.arguments)) },
        })),
      }
    case 'tool':
      return {
        role: 'tool',
        tool_call_id: message.tool_call_id,
        content: message.is_error ? `Error: ${message.text}` : message.text,
      }
  }
}
