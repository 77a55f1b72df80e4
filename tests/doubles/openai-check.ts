import { z } from 'zod'
import { isSchema } from './schema-sample.ts'

const toolCall = z.strictObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().min(1), arguments: z.string() }),
})
const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.enum(['system', 'developer']), content: z.string() }),
  z.strictObject({ role: z.literal('user'), content: z.string() }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.string().nullish(),
    tool_calls: z.array(toolCall).min(1).optional(),
  }),
  z.strictObject({ role: z.literal('tool'), tool_call_id: z.string(), content: z.string() }),
])

export const functionName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/)
export const effort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])

/** The part of the body of `POST /v1/chat/completions` that the double understands (npm openai 7.55). The rest is refused. */
const body = z.strictObject({
  model: z.string(),
  messages: z.array(message).min(1),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).optional(),
  max_completion_tokens: z.number().int().positive().optional(),
  max_tokens: z.number().int().positive().optional(),
  reasoning_effort: effort.optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal('function'),
        function: z.strictObject({
          name: functionName,
          description: z.string().optional(),
          parameters: z.looseObject({ type: z.literal('object') }),
          strict: z.boolean().optional(),
        }),
      }),
    )
    .min(1)
    .optional(),
  response_format: z
    .strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({
        name: functionName,
        strict: z.boolean().optional(),
        schema: z.record(z.string(), z.unknown()),
      }),
    })
    .optional(),
})
export type OpenAiBody = z.infer<typeof body>

/** Where the double stands in for: OpenAI, a server on one's own machine, or OpenRouter. */
export type OpenAiFlavour = 'openai' | 'local' | 'openrouter'

export interface Wrong {
  readonly message: string
  readonly param: string | null
  readonly code: string | null
}
export type Checked = { readonly ok: true; readonly body: OpenAiBody } | { readonly ok: false; readonly wrong: Wrong }

/** Checks what the real API checks before a model sees anything (HTTP 400). */
export function checkBody(raw: unknown, flavour: OpenAiFlavour): Checked {
  const parsed = body.safeParse(raw)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return no(issue?.message ?? 'invalid', issue?.path.join('.') ?? null, 'invalid_value')
  }
  const wrong = flavour === 'openai' ? checkOpenAi(parsed.data) : null
  const turns = wrong ?? checkTurns(parsed.data) ?? checkFormat(parsed.data)
  return turns === null ? { ok: true, body: parsed.data } : { ok: false, wrong: turns }
}

function no(text: string, param: string | null, code: string | null): Checked {
  return { ok: false, wrong: { message: text, param, code } }
}

function checkOpenAi({ model, max_tokens, tools, reasoning_effort }: OpenAiBody): Wrong | null {
  if (max_tokens !== undefined) {
    return {
      message:
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      param: 'max_tokens',
      code: 'unsupported_parameter',
    }
  }
  if (/^gpt-(5\.[4-9]|[6-9])/.test(model) && tools !== undefined && reasoning_effort !== 'none') {
    return {
      message: `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.`,
      param: 'reasoning_effort',
      code: null,
    }
  }
  return null
}

export function checkTurns({ messages }: OpenAiBody): Wrong | null {
  let open: string[] = []
  for (const [at, turn] of messages.entries()) {
    if (turn.role === 'tool') {
      if (!open.includes(turn.tool_call_id)) {
        return wrongTurn(
          at,
          "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
        )
      }
      open = open.filter((id) => id !== turn.tool_call_id)
      continue
    }
    if (open.length > 0) {
      return wrongTurn(
        at,
        `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${open.join(', ')}`,
      )
    }
    if (turn.role === 'assistant') open = turn.tool_calls?.map((call) => call.id) ?? []
    if (turn.role === 'assistant' && turn.content == null && open.length === 0) {
      return wrongTurn(at, "Invalid value for 'content': expected a string, got null.")
    }
  }
  return open.length === 0 ? null : wrongTurn(messages.length, 'The tool calls of the last message have no responses.')
}

function wrongTurn(at: number, text: string): Wrong {
  return { message: text, param: `messages.[${at}]`, code: null }
}

function checkFormat({ response_format }: OpenAiBody): Wrong | null {
  const format = response_format?.json_schema
  if (format?.strict !== true) return null
  const why = strictFault(format.schema)
  return why === null
    ? null
    : { message: `Invalid schema for response_format '${format.name}': ${why}`, param: 'response_format', code: null }
}

const REFUSED = ['minLength', 'maxLength', 'default', 'uniqueItems', 'minProperties', 'maxProperties', '$schema']

/** Strict structured output: closed objects, every property required, and no limits of length. */
export function strictFault(schema: unknown): string | null {
  if (Array.isArray(schema)) return schema.map(strictFault).find((why) => why !== null) ?? null
  if (!isSchema(schema)) return null
  if (schema['type'] === 'object') {
    const names = isSchema(schema['properties']) ? Object.keys(schema['properties']) : []
    const required = Array.isArray(schema['required']) ? schema['required'] : []
    if (schema['additionalProperties'] !== false) {
      return "'additionalProperties' is required to be supplied and to be false."
    }
    const missing = names.find((name) => !required.includes(name))
    if (missing !== undefined) {
      return `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`
    }
    const inner = Object.values(isSchema(schema['properties']) ? schema['properties'] : {})
    const why = inner.map(strictFault).find((found) => found !== null)
    if (why !== undefined && why !== null) return why
  }
  const refused = REFUSED.find((key) => key in schema)
  if (refused !== undefined) return `'${refused}' is not permitted.`
  const nested = [schema['items'], schema['anyOf'], schema['$defs'] && Object.values(schema['$defs'] as object)]
  return nested.map(strictFault).find((why) => why !== null) ?? null
}
