type Schema = Readonly<Record<string, unknown>>

/**
 * A plausible value for a JSON Schema, chosen so that a judge is satisfied: booleans are true, lists empty, numbers as
 * small as allowed.
 */
export function sampleOf(schema: unknown, root: Schema | null = null): unknown {
  if (!isSchema(schema)) return null
  const top = root ?? schema
  const ref = schema['$ref']
  if (typeof ref === 'string') return sampleOf(resolve(ref, top), top)
  if ('const' in schema) return schema['const']
  if ('default' in schema) return schema['default']
  const choices = schema['enum']
  if (Array.isArray(choices)) return choices[0]
  const variants = schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']
  if (Array.isArray(variants)) return sampleOf(variants[0], top)
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type']
  switch (type) {
    case 'object': {
      const properties = isSchema(schema['properties']) ? schema['properties'] : {}
      return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, sampleOf(value, top)]))
    }
    case 'array': {
      const least = typeof schema['minItems'] === 'number' ? schema['minItems'] : 0
      return Array.from({ length: least }, () => sampleOf(schema['items'], top))
    }
    case 'boolean':
      return true
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 0
    case 'string':
      return 'As it should be.'
    default:
      return null
  }
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Follows `#/$defs/name`; other references do not occur in what Baton sends. */
export function resolve(ref: string, root: Schema): unknown {
  return ref
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((at, key) => (isSchema(at) ? at[key] : undefined), root)
}
