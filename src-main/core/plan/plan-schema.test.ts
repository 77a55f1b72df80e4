import { expect, test } from 'vitest'
import { planTask } from '#contract/plan.ts'
import { planOutputSchema } from './plan-schema.ts'

const REFUSED = [
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'pattern',
  '$ref',
]

function visit(value: unknown, see: (object: Record<string, unknown>) => void): void {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) see(value as Record<string, unknown>)
  for (const inner of Object.values(value)) visit(inner, see)
}

test.each([[['read_file', 'write_file']], [[]]])('P2 keeps to what structured output takes, with tools %j', (tools) => {
  let objects = 0
  visit(planOutputSchema(tools), (schema) => {
    for (const word of REFUSED) expect(schema).not.toHaveProperty(word)
    if (Array.isArray(schema['enum'])) expect(schema['enum'].length).toBeGreaterThan(0)
    if (schema['type'] !== 'object') return
    objects += 1
    expect(schema['additionalProperties']).toBe(false)
    expect(schema['required']).toEqual(Object.keys(schema['properties'] as object))
  })
  expect(objects).toBe(2)
})

test('P2 asks for every field that a task of a plan has', () => {
  const text = JSON.stringify(planOutputSchema([]))
  for (const field of Object.keys(planTask.shape)) expect(text).toContain(`"${field === 'key' ? 'id' : field}"`)
})
