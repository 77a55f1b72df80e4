import { z } from 'zod'
import { parseJson, toObject } from './json-text.ts'
import type { ModelMessage, ModelRequest, ToolCall, ToolDescription } from './provider.ts'
import { toStrictSchema } from './strict-schema.ts'

/** Models of OpenAI that take tools and reason only here: from GPT-5.4 on (decision 0024). */
const AT_RESPONSES = /^gpt-(5\.[4-9]|[6-9]|\d\d)/

/** Whether a model of OpenAI is asked through its Responses API. */
export function isAtResponses(model: string): boolean {
  return AT_RESPONSES.test(model)
}

/** What a model thought before its calls, in OpenAI's own encryption; it wants it back with their results. */
export const reasoningItem = z.lazy(() =>
  z.object({
    type: z.literal('reasoning'),
    id: z.string(),
    summary: z.array(z.unknown()).default([]),
    encrypted_content: z.string(),
  }),
)
export type ReasoningItem = z.infer<typeof reasoningItem>

const MARK = 'openai'

/** How thoughts travel with a call: marked, for another provider's model may go on with the conversation. */
export function toSignature(model: string, items: readonly ReasoningItem[]): string {
  return `${MARK}:${model}:${JSON.stringify(items)}`
}

/** The thoughts that came with a call of this very model; none otherwise. */
function thoughtsOf(model: string, { signature = '' }: ToolCall): ReasoningItem[] {
  const start = `${MARK}:${model}:`
  if (!signature.startsWith(start)) return []
  const parsed = parseJson(signature.slice(start.length))
  return z.array(reasoningItem).safeParse(parsed.ok ? parsed.value : null).data ?? []
}

/** The body of `POST /responses` (types of npm openai 7.55). Nothing is kept there: the conversation is sent whole each time. */
export function toResponsesBody(request: ModelRequest): Record<string, unknown> {
  return {
    model: request.model,
    ...(request.system === '' ? {} : { instructions: request.system }),
    input: request.messages.flatMap((message) => toItems(request.model, message)),
    stream: true,
    store: false,
    include: ['reasoning.encrypted_content'],
    // Thoughts count in it.
    max_output_tokens: request.max_tokens,
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(toTool) }),
    ...(request.output_schema === undefined
      ? {}
      : {
          text: {
            format: {
              type: 'json_schema',
              name: 'answer',
              strict: true,
              schema: toStrictSchema(request.output_schema),
            },
          },
        }),
  }
}

function toTool(tool: ToolDescription) {
  // Not strict: optional parameters would all be required.
  return {
    type: 'function',
    name: tool.name,
    description: tool.description,
    parameters: tool.parameters,
    strict: false,
  }
}

function toItems(model: string, message: ModelMessage): Record<string, unknown>[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: message.text }]
    case 'assistant':
      return [
        ...message.tool_calls.flatMap((call) => thoughtsOf(model, call)),
        ...(message.text === '' ? [] : [{ role: 'assistant', content: message.text }]),
        ...message.tool_calls.map((call) => ({
          type: 'function_call',
          call_id: call.id,
          name: call.name,
          arguments: JSON.stringify(toObject(call.arguments)),
        })),
      ]
    case 'tool':
      return [
        {
          type: 'function_call_output',
          call_id: message.tool_call_id,
          output: message.is_error ? `Error: ${message.text}` : message.text,
        },
      ]
  }
}
