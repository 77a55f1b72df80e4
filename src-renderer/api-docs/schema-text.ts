/** A JSON Schema, as far as it is shown. */
export interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly format?: string
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
}

/** Deeper than this a schema would fill pages, and its own route shows it. */
const DEEPEST = 6

function bounds({ minimum, maximum, minLength, maxLength, format }: Schema): string {
  const [low, high] = [minimum ?? minLength, maximum ?? maxLength]
  // The ends of what a number can be are no bound of ours.
  const shown = [low, high].map((end) =>
    end === undefined || Math.abs(end) === Number.MAX_SAFE_INTEGER ? '' : String(end),
  )
  const range = shown.join('') === '' ? [] : [shown.join('…')]
  const words = [...(format === undefined ? [] : [format]), ...range]
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

function objectText({ properties = {}, required = [], additionalProperties }: Schema, depth: number): string {
  const more =
    typeof additionalProperties === 'object' ? [`[name]: ${schemaText(additionalProperties, depth + 1)}`] : []
  const fields = Object.entries(properties).map(([name, of]) => {
    const preset = of.default === undefined ? '' : ` = ${JSON.stringify(of.default)}`
    return `${name}${required.includes(name) ? '' : '?'}: ${schemaText(of, depth + 1)}${preset}`
  })
  const lines = [...fields, ...more]
  if (lines.length === 0) return 'object'
  const indent = '  '.repeat(depth)
  return `{\n${lines.map((line) => `${indent}  ${line}`).join('\n')}\n${indent}}`
}

/** A schema as a person reads it: fields by line, a question mark behind what may be left out, bounds in brackets. */
export function schemaText(of: Schema, depth = 0): string {
  if (depth > DEEPEST) return '…'
  if ('const' in of) return JSON.stringify(of.const)
  if (of.enum !== undefined) return of.enum.map((value) => JSON.stringify(value)).join(' | ')
  const choices = of.anyOf ?? of.oneOf
  if (choices !== undefined) return [...new Set(choices.map((choice) => schemaText(choice, depth)))].join(' | ')
  if (of.allOf !== undefined) return of.allOf.map((part) => schemaText(part, depth)).join(' & ')
  if (of.properties !== undefined || of.type === 'object') return objectText(of, depth)
  if (of.type === 'array') {
    const item = schemaText(of.items ?? {}, depth)
    return item.includes(' | ') ? `(${item})[]` : `${item}[]`
  }
  const type = typeof of.type === 'string' ? of.type : (of.type ?? ['anything']).join(' | ')
  return `${type}${bounds(of)}`
}
