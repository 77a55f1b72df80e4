import type { ToolDefinition } from '#contract/mcp.ts'

/**
 * Why arguments do not fit a tool's JSON Schema, in words for the model; null where they do. Patterns are left to the server:
 * one that a stranger wrote may take for ever to try. So are formats.
 */
export async function whyNotFitting(tool: ToolDefinition, given: unknown): Promise<string | null> {
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  const engine = Object.assign(() => ({ test: () => true }), { code: 'anything' })
  const ajv = new Ajv2020({
    strict: false,
    validateFormats: false,
    allErrors: false,
    logger: false,
    code: { regExp: engine },
  })
  const { $schema: _, $id: __, ...schema } = tool.inputSchema
  try {
    if (ajv.validate(schema, given)) return null
    return `The arguments do not fit: ${ajv.errorsText(ajv.errors, { dataVar: 'arguments' })}. Call it again with arguments that fit this JSON Schema: ${JSON.stringify(schema)}`
  } catch (fault) {
    return `The server’s schema of this tool cannot be used (${fault instanceof Error ? fault.message : String(fault)}), so it was not called. Use another way.`
  }
}
