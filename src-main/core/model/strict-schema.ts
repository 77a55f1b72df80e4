type Schema = Readonly<Record<string, unknown>>

/** What strict structured output refuses; the answer is checked by zod afterwards anyway. */
const REFUSED: ReadonlySet<string> = new Set(['$schema', 'minLength', 'maxLength', 'default', 'uniqueItems'])

/**
 * A JSON Schema in the form that OpenAI's strict structured output takes: objects are closed, every property is required,
 * and one that was optional may be null. Limits that it refuses are left out.
 */
export function toStrictSchema(schema: Schema): Schema {
  const entries = Object.entries(schema).filter(([key]) => !REFUSED.has(key))
  const out = Object.fromEntries(entries.map(([key, value]) => [key, mapKeyword(key, value)]))
  if (!isSchema(schema['properties'])) return out
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const properties = Object.entries(schema['properties']).map(([name, property]) => {
    const strict = isSchema(property) ? toStrictSchema(property) : property
    return [name, required.includes(name) || allowsNull(strict) ? strict : { anyOf: [strict, { type: 'null' }] }]
  })
  return {
    ...out,
    properties: Object.fromEntries(properties),
    required: Object.keys(schema['properties']),
    additionalProperties: false,
  }
}

function mapKeyword(key: string, value: unknown): unknown {
  if (key === 'properties') return value
  if (key === '$defs' && isSchema(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, mapKeyword('items', part)]))
  }
  if (['items', 'additionalProperties', 'not'].includes(key)) return isSchema(value) ? toStrictSchema(value) : value
  if (['anyOf', 'allOf', 'oneOf', 'prefixItems'].includes(key) && Array.isArray(value)) {
    return value.map((part: unknown) => (isSchema(part) ? toStrictSchema(part) : part))
  }
  return value
}

function allowsNull(schema: unknown): boolean {
  if (!isSchema(schema)) return false
  const type = schema['type']
  if (type === 'null' || (Array.isArray(type) && type.includes('null'))) return true
  return Array.isArray(schema['anyOf']) && schema['anyOf'].some(allowsNull)
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
