import type { ModelFault } from './fault.ts'
import type { ModelRequest } from './provider.ts'

type SchemaResult = { ok: true; value: Record<string, unknown> | null } | { ok: false; fault: ModelFault }

/** The API refuses limits of length and number in schemas; the SDK moves them into descriptions, zod checks them later. */
export async function toAnthropicSchema(schema: ModelRequest['output_schema']): Promise<SchemaResult> {
  if (schema === undefined) return { ok: true, value: null }
  const { transformJSONSchema } = await import('@anthropic-ai/sdk/lib/transform-json-schema')
  try {
    return { ok: true, value: transformJSONSchema(schema) as Record<string, unknown> }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      ok: false,
      fault: {
        kind: 'invalid',
        message: `The answer's schema cannot be sent to Anthropic: ${why}. This is a fault of Baton; nothing was sent.`,
        maybe_billed: false,
      },
    }
  }
}
