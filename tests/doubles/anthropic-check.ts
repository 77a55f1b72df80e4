import { z } from 'zod'
import { imageHeader } from './image-header.ts'
import { isSchema } from './schema-sample.ts'

const cacheControl = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish()
const textBlock = z.strictObject({
  type: z.literal('text'),
  text: z.string().min(1, 'text content blocks must be non-empty'),
  cache_control: cacheControl,
})
const imageBlock = z.strictObject({
  type: z.literal('image'),
  source: z.strictObject({
    type: z.literal('base64'),
    media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
    data: z.string().max(5_000_000, 'image exceeds 5 MB maximum'),
  }),
  cache_control: cacheControl,
})
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string().min(1),
  input: z.record(z.string(), z.unknown()),
  cache_control: cacheControl,
})
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(textBlock)]).optional(),
  is_error: z.boolean().optional(),
  cache_control: cacheControl,
})
const block = z.discriminatedUnion('type', [textBlock, imageBlock, toolUse, toolResult])
const message = z.strictObject({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string().min(1, 'must have non-empty content'), z.array(block).min(1)]),
})

/** The part of the body of `POST /v1/messages` that the double understands (WIRE §1). Anything else is refused. */
const body = z.strictObject({
  model: z.string(),
  max_tokens: z.number().int().positive(),
  messages: z.array(message).min(1, 'at least one message is required'),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  stream: z.boolean().optional(),
  stop_sequences: z.array(z.string()).optional(),
  tools: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
        description: z.string().optional(),
        input_schema: z.looseObject({ type: z.literal('object') }),
        strict: z.boolean().optional(),
        cache_control: cacheControl,
      }),
    )
    .optional(),
  tool_choice: z.looseObject({ type: z.enum(['auto', 'any', 'tool', 'none']) }).optional(),
  thinking: z.looseObject({ type: z.enum(['adaptive', 'enabled', 'disabled', 'between_tools']) }).optional(),
  output_config: z
    .strictObject({
      format: z.strictObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).optional(),
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
    })
    .optional(),
  cache_control: cacheControl,
  metadata: z.unknown().optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
})
export type AnthropicBody = z.infer<typeof body>
export type AnthropicBlock = z.infer<typeof block>

export const API_VERSION = '2026-10-21'
const SAMPLING = ['temperature', 'top_p', 'top_k']
const MAX_BREAKPOINTS = 4

type Checked = { readonly ok: true; readonly body: AnthropicBody } | { readonly ok: false; readonly why: string }

/** Checks what the real API checks before a model sees anything; `why` is its error message (HTTP 400). */
export function checkBody(raw: unknown, version: string | undefined): Checked {
  if (version === undefined) return no('anthropic-version: header is required')
  if (version !== API_VERSION) return no(`anthropic-version: "${version}" is not supported by this double`)
  if (isSchema(raw)) {
    const sampling = SAMPLING.find((name) => name in raw)
    if (sampling !== undefined) return no(`${sampling}: sampling parameters are not supported in ${API_VERSION}`)
  }
  const parsed = body.safeParse(raw)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return no(`${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'invalid'}`)
  }
  const why =
    checkTurns(parsed.data) ??
    checkImages(parsed.data) ??
    checkTools(parsed.data) ??
    checkSchema(parsed.data.output_config?.format?.schema, 'output_config.format.schema')
  return why === null ? { ok: true, body: parsed.data } : no(why)
}

function no(why: string): Checked {
  return { ok: false, why }
}

export function blocksOf(content: AnthropicBody['messages'][number]['content']): AnthropicBlock[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}

function checkTurns({ messages, model }: AnthropicBody): string | null {
  if (messages[0]?.role !== 'user') return 'messages.0: the first message must use the user role'
  if (messages.at(-1)?.role === 'assistant') return `${model} does not support assistant message prefill`
  let open: string[] = []
  for (const [at, turn] of messages.entries()) {
    const blocks = blocksOf(turn.content)
    const results = blocks.flatMap((b) => (b.type === 'tool_result' ? [b.tool_use_id] : []))
    if (results.length > 0 && turn.role !== 'user') return `messages.${at}: tool_result blocks belong to the user role`
    const stray = results.find((id) => !open.includes(id))
    if (stray !== undefined) {
      return `messages.${at}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`
    }
    const missing = open.filter((id) => !results.includes(id))
    if (missing.length > 0) {
      return `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`
    }
    if (results.length > 0 && blocks.slice(0, results.length).some((b) => b.type !== 'tool_result')) {
      return `messages.${at}.content: \`tool_result\` blocks must come first`
    }
    const uses = blocks.flatMap((b) => (b.type === 'tool_use' ? [b.id] : []))
    if (uses.length > 0 && turn.role !== 'assistant')
      return `messages.${at}: tool_use blocks belong to the assistant role`
    if (new Set(uses).size < uses.length) return `messages.${at}: \`tool_use\` ids must be unique`
    open = uses
  }
  return null
}

const MAX_IMAGES = 100

/** What is no image of the kind that it is said to be is refused. */
function checkImages({ messages }: AnthropicBody): string | null {
  const images = messages.flatMap(({ content }) => blocksOf(content)).filter((each) => each.type === 'image')
  if (images.length > MAX_IMAGES) return `messages: at most ${MAX_IMAGES} images may be sent`
  for (const { source } of images) {
    const size = imageHeader(Buffer.from(source.data, 'base64'))
    if (size === null || source.media_type !== size.media_type) return 'Could not process image'
    if (size.width > 8_000 || size.height > 8_000)
      return 'At least one of the image dimensions exceed max allowed size: 8000 pixels'
  }
  return null
}

function checkTools(request: AnthropicBody): string | null {
  const names = (request.tools ?? []).map((tool) => tool.name)
  if (new Set(names).size < names.length) return 'tools: Tool names must be unique.'
  const usesTools = request.messages.some((m) => blocksOf(m.content).some((b) => b.type === 'tool_use'))
  if (usesTools && names.length === 0) return 'tools: required when messages hold tool_use blocks'
  const marks = JSON.stringify(request).match(/"cache_control":\{/g)?.length ?? 0
  return marks > MAX_BREAKPOINTS ? `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.` : null
}

const REFUSED_KEYWORDS = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
]

/** The limits of structured output: closed objects, no limits of number or length, no recursion, no outside references. */
function checkSchema(
  schema: unknown,
  at: string,
  root: unknown = schema,
  through: readonly string[] = [],
): string | null {
  if (!isSchema(schema)) return null
  const refused = REFUSED_KEYWORDS.find((keyword) => keyword in schema)
  if (refused !== undefined) return `${at}: property '${refused}' is not supported`
  if (typeof schema['minItems'] === 'number' && schema['minItems'] > 1)
    return `${at}: 'minItems' above 1 is not supported`
  if (schema['type'] === 'object' && schema['additionalProperties'] !== false) {
    return `${at}: For 'object' type, 'additionalProperties' must be explicitly set to false`
  }
  const ref = schema['$ref']
  if (typeof ref === 'string') {
    if (!ref.startsWith('#/')) return `${at}: external $ref is not supported`
    if (through.includes(ref)) return `${at}: recursive schemas are not supported`
    const target = ref
      .slice(2)
      .split('/')
      .reduce<unknown>((value, key) => (isSchema(value) ? value[key] : undefined), root)
    if (target === undefined) return `${at}: $ref '${ref}' does not exist`
    return checkSchema(target, ref, root, [...through, ref])
  }
  const children: [string, unknown][] = [
    ...Object.entries(isSchema(schema['properties']) ? schema['properties'] : {}),
    ...['items'].map((name): [string, unknown] => [name, schema[name]]),
    ...['anyOf', 'oneOf', 'allOf'].flatMap((name) => {
      const list = schema[name]
      return Array.isArray(list) ? list.map((value, i): [string, unknown] => [`${name}.${i}`, value]) : []
    }),
  ]
  for (const [name, child] of children) {
    const why = checkSchema(child, `${at}.${name}`, root, through)
    if (why !== null) return why
  }
  return null
}
