import { expect, test } from 'vitest'
import { schemaText } from './schema-text.ts'

test('A1 a schema reads as its fields, with what may be left out, bounds and presets', () => {
  const text = schemaText({
    type: 'object',
    properties: {
      title: { type: 'string', minLength: 1, maxLength: 200 },
      tier: { anyOf: [{ enum: ['local', 'fast'] }, { type: 'null' }] },
      tags: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
      at: { type: 'string', format: 'date-time' },
      micros: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 5 },
      more: { type: 'object', additionalProperties: { type: 'boolean' } },
    },
    required: ['title', 'tier'],
  })
  expect(text).toBe(
    [
      '{',
      '  title: string (1…200)',
      '  tier: "local" | "fast" | null',
      '  tags?: (string | null)[]',
      '  at?: string (date-time)',
      '  micros?: integer (0…) = 5',
      '  more?: {',
      '    [name]: boolean',
      '  }',
      '}',
    ].join('\n'),
  )
})

test('A1 a schema without an end ends', () => {
  const endless: { type: string; properties: Record<string, object> } = { type: 'object', properties: {} }
  endless.properties['again'] = endless
  expect(schemaText(endless)).toContain('…')
})
