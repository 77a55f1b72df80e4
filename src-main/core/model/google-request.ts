import { toObject } from './json-text.ts'
import type { ModelMessage, ModelRequest, ToolCall, ToolDescription } from './provider.ts'
import { bytesOf } from './request-images.ts'

type Part = Record<string, unknown>
interface Content {
  readonly role: 'user' | 'model'
  readonly parts: Part[]
}

/**
 * What Gemini 3 takes in place of a signature for a call that it did not make itself, as after a retry with another model;
 * without any it refuses the conversation (ai.google.dev, thought signatures).
 */
const NO_SIGNATURE = 'skip_thought_signature_validator'
const WANTS_SIGNATURES = /^gemini-(?![12][.-])/

/** The body of `:streamGenerateContent` (types of npm @google/genai 3.1, v1beta). */
export function toGoogleBody(request: ModelRequest): Record<string, unknown> {
  return {
    ...(request.system === '' ? {} : { systemInstruction: { parts: [{ text: request.system }] } }),
    contents: toContents(request.messages, WANTS_SIGNATURES.test(request.model)),
    ...(request.tools.length === 0 ? {} : { tools: [{ functionDeclarations: request.tools.map(toDeclaration) }] }),
    generationConfig: {
      maxOutputTokens: request.max_tokens,
      ...(request.output_schema === undefined
        ? {}
        : { responseMimeType: 'application/json', responseJsonSchema: toGoogleSchema(request.output_schema) }),
    },
  }
}

function toDeclaration(tool: ToolDescription) {
  return { name: tool.name, description: tool.description, parametersJsonSchema: toGoogleSchema(tool.parameters) }
}

/** All results of one turn must come together, as many as there were calls; no part may be empty. */
function toContents(messages: readonly ModelMessage[], signed: boolean): Content[] {
  const out: (Content & { readonly kind: ModelMessage['role'] })[] = []
  for (const message of messages) {
    const parts = toParts(message, signed)
    const last = out.at(-1)
    if (message.role === 'tool' && last?.kind === 'tool') last.parts.push(...parts)
    else if (parts.length > 0) {
      out.push({ kind: message.role, role: message.role === 'assistant' ? 'model' : 'user', parts })
    }
  }
  return out.map(({ role, parts }) => ({ role, parts }))
}

function toParts(message: ModelMessage, signed: boolean): Part[] {
  switch (message.role) {
    case 'user':
      return [
        ...(message.images ?? []).map((image) => ({
          inlineData: { mimeType: image.media_type, data: bytesOf(image) },
        })),
        ...(message.text === '' ? [] : [{ text: message.text }]),
      ]
    case 'assistant':
      return [
        ...(message.text === '' ? [] : [{ text: message.text }]),
        ...message.tool_calls.map((call, index) => toCall(call, signed && index === 0)),
      ]
    case 'tool': {
      const response = message.is_error ? { error: message.text } : { output: message.text }
      return [{ functionResponse: { id: message.tool_call_id, name: message.name, response } }]
    }
  }
}

/** Only the first call of a turn has a signature and needs one. */
function toCall({ id, name, arguments: args, signature }: ToolCall, isFirst: boolean): Part {
  // What another provider's model gave along is not Gemini's.
  const own = signature?.startsWith('openai:') === true ? undefined : signature
  const thoughtSignature = own ?? (isFirst ? NO_SIGNATURE : undefined)
  return {
    functionCall: { id, name, args: toObject(args) },
    ...(thoughtSignature === undefined ? {} : { thoughtSignature }),
  }
}

/** The keywords of JSON Schema that Gemini takes; the answer is checked by zod afterwards anyway. */
const TAKEN: ReadonlySet<string> = new Set([
  '$defs',
  '$ref',
  'type',
  'format',
  'title',
  'description',
  'enum',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'anyOf',
  'oneOf',
  'properties',
  'additionalProperties',
  'required',
])

function toGoogleSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toGoogleSchema)
  if (!isObject(schema)) return schema
  const known = Object.entries(schema).filter(([key]) => TAKEN.has(key))
  return Object.fromEntries(
    known.map(([key, value]) => {
      // Names of properties are not keywords; lists of names and values are no schemas.
      if ((key === 'properties' || key === '$defs') && isObject(value)) {
        return [key, Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toGoogleSchema(part)]))]
      }
      return [key, key === 'enum' || key === 'required' || key === 'type' ? value : toGoogleSchema(value)]
    }),
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
