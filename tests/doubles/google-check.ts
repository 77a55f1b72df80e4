import { z } from 'zod'
import { isSchema } from './schema-sample.ts'

const functionCall = z.strictObject({
  id: z.string().optional(),
  name: z.string().min(1),
  args: z.record(z.string(), z.unknown()).default({}),
})
const functionResponse = z.strictObject({
  id: z.string().optional(),
  name: z.string().min(1),
  response: z.record(z.string(), z.unknown()),
})
const part = z.union([
  z.strictObject({ text: z.string().min(1), thoughtSignature: z.string().optional() }),
  z.strictObject({ functionCall, thoughtSignature: z.string().optional() }),
  z.strictObject({ functionResponse }),
  z.strictObject({
    inlineData: z.strictObject({
      mimeType: z.enum(['image/png', 'image/jpeg', 'image/webp'], 'Unsupported MIME type'),
      data: z.string().regex(/^[A-Za-z0-9+/]{4}/, 'Base64 decoding failed'),
    }),
  }),
])
export type GooglePart = z.infer<typeof part>

/** The part of the body of `:streamGenerateContent` that the double understands (npm @google/genai 3.1). */
const body = z.strictObject({
  systemInstruction: z.strictObject({ parts: z.array(z.strictObject({ text: z.string() })).min(1) }).optional(),
  contents: z.array(z.strictObject({ role: z.enum(['user', 'model']), parts: z.array(part).min(1) })).min(1),
  tools: z
    .array(
      z.strictObject({
        functionDeclarations: z
          .array(
            z.strictObject({
              name: z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/),
              description: z.string().optional(),
              parametersJsonSchema: z.looseObject({ type: z.literal('object') }),
            }),
          )
          .min(1),
      }),
    )
    .optional(),
  generationConfig: z
    .strictObject({
      maxOutputTokens: z.number().int().positive().optional(),
      responseMimeType: z.string().optional(),
      responseJsonSchema: z.record(z.string(), z.unknown()).optional(),
    })
    .default({}),
})
export type GoogleBody = z.infer<typeof body>

export const SKIPPED_SIGNATURE = 'skip_thought_signature_validator'

type Checked = { readonly ok: true; readonly body: GoogleBody } | { readonly ok: false; readonly why: string }

/** Checks what the real API checks before a model sees anything (HTTP 400). `issued` are signatures that the double gave. */
export function checkBody(raw: unknown, model: string, issued: ReadonlySet<string>): Checked {
  const parsed = body.safeParse(raw)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return no(`Invalid JSON payload received. ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`)
  }
  const why =
    checkTurns(parsed.data) ??
    (model.startsWith('gemini-3') ? checkSignatures(parsed.data, issued) : null) ??
    checkSchema(parsed.data.generationConfig.responseJsonSchema)
  return why === null ? { ok: true, body: parsed.data } : no(why)
}

function no(why: string): Checked {
  return { ok: false, why }
}

function checkTurns({ contents }: GoogleBody): string | null {
  for (const [at, content] of contents.entries()) {
    const calls = content.parts.filter((p) => 'functionCall' in p).length
    const results = content.parts.filter((p) => 'functionResponse' in p).length
    const before = contents[at - 1]?.parts.filter((p) => 'functionCall' in p).length ?? 0
    if (results > 0 && results !== before) {
      return 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.'
    }
    if (before > 0 && results === 0) {
      return 'Please ensure that function response turn comes immediately after a function call turn.'
    }
    if (calls > 0 && content.role !== 'model') return 'Function calls belong to the role "model".'
  }
  return contents.at(-1)?.role === 'user' ? null : 'Please ensure that the last turn is of the role "user".'
}

/** The first call of each step must bring back the signature with which it came. */
function checkSignatures({ contents }: GoogleBody, issued: ReadonlySet<string>): string | null {
  for (const [at, content] of contents.entries()) {
    const first = content.parts.find((p) => 'functionCall' in p)
    if (first === undefined || !('functionCall' in first)) continue
    const signature = first.thoughtSignature
    if (signature === undefined || (signature !== SKIPPED_SIGNATURE && !issued.has(signature))) {
      return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly. Additional data, function call \`default_api:${first.functionCall.name}\` , position ${at}.`
    }
  }
  return null
}

const TAKEN =
  /^(\$defs|\$ref|type|format|title|description|enum|items|prefixItems|minItems|maxItems|minimum|maximum|anyOf|oneOf|properties|additionalProperties|required)$/

function checkSchema(schema: unknown): string | null {
  if (Array.isArray(schema)) return schema.map(checkSchema).find((why) => why !== null) ?? null
  if (!isSchema(schema)) return null
  const strange = Object.keys(schema).find((key) => !TAKEN.test(key))
  if (strange !== undefined) return `Unknown name "${strange}" at 'generation_config.response_json_schema'.`
  const inner = isSchema(schema['properties']) ? Object.values(schema['properties']) : []
  return [...inner, schema['items'], schema['anyOf']].map(checkSchema).find((why) => why !== null) ?? null
}
