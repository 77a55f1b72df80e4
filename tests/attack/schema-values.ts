import fc from 'fast-check'
import { z } from 'zod'

/** The part of JSON Schema that the OpenAPI document uses. */
interface Schema {
  readonly type?: string | readonly string[] | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly const?: unknown
  readonly anyOf?: readonly Schema[] | undefined
  readonly oneOf?: readonly Schema[] | undefined
  readonly properties?: Readonly<Record<string, Schema>> | undefined
  readonly required?: readonly string[] | undefined
  readonly additionalProperties?: boolean | Schema | undefined
  readonly items?: Schema | undefined
  readonly pattern?: string | undefined
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  readonly minItems?: number | undefined
  readonly maxItems?: number | undefined
}

export const schema: z.ZodType<Schema> = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.lazy(() => z.array(schema)).optional(),
  oneOf: z.lazy(() => z.array(schema)).optional(),
  properties: z.lazy(() => z.record(z.string(), schema)).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.lazy(() => z.union([z.boolean(), schema])).optional(),
  items: z.lazy(() => schema).optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
})

/** Longer texts and lists than this are for the hostile values. */
const LONGEST = 20

function text({ pattern, minLength = 0, maxLength = LONGEST }: Schema): fc.Arbitrary<unknown> {
  if (pattern !== undefined) {
    try {
      return fc.stringMatching(new RegExp(pattern))
    } catch {
      // A pattern that fast-check cannot turn round: any text will do.
    }
  }
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, LONGEST)) })
}

function number({ minimum = -1_000, maximum = 1_000_000 }: Schema, isWhole: boolean): fc.Arbitrary<unknown> {
  const low = Math.max(minimum, Number.MIN_SAFE_INTEGER)
  const high = Math.max(low, Math.min(maximum, Number.MAX_SAFE_INTEGER))
  return isWhole
    ? fc.oneof(fc.integer({ min: Math.ceil(low), max: Math.floor(high) }), fc.constantFrom(low, high))
    : fc.double({ min: low, max: high, noNaN: true })
}

function object(of: Schema): fc.Arbitrary<unknown> {
  const fields = Object.entries(of.properties ?? {}).map(([key, value]) => [key, arbitraryOf(value)] as const)
  const requiredKeys = fields.map(([key]) => key).filter((key) => of.required?.includes(key))
  const known = fc.record(Object.fromEntries(fields), { requiredKeys })
  if (typeof of.additionalProperties !== 'object') return known
  const more = fc.dictionary(fc.string({ maxLength: 10 }), arbitraryOf(of.additionalProperties), { maxKeys: 3 })
  return fc.tuple(known, more).map(([left, right]) => ({ ...right, ...left }))
}

/** Values that a schema allows, mostly: formats are not looked at. */
export function arbitraryOf(of: Schema): fc.Arbitrary<unknown> {
  if ('const' in of) return fc.constant(of.const)
  if (of.enum !== undefined) return fc.constantFrom(...of.enum)
  const choices = of.anyOf ?? of.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map(arbitraryOf))
  const types = typeof of.type === 'string' ? [of.type] : (of.type ?? [])
  if (types.length > 1) return fc.oneof(...types.map((type) => arbitraryOf({ ...of, type })))
  switch (types[0]) {
    case 'string':
      return text(of)
    case 'integer':
      return number(of, true)
    case 'number':
      return number(of, false)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array': {
      const { minItems = 0, maxItems = 5 } = of
      return fc.array(arbitraryOf(of.items ?? {}), {
        minLength: minItems,
        maxLength: Math.max(minItems, Math.min(maxItems, 5)),
      })
    }
    case 'object':
      return object(of)
    default:
      return of.properties === undefined ? fc.jsonValue({ maxDepth: 3 }) : object(of)
  }
}
