import fc from 'fast-check'

/** Names by which a careless merge reaches the prototype of everything, and one that no schema knows. */
export const HOSTILE_KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'unknown_field', '']

/** Property that the attack tries to put on every object. */
export const POLLUTION = 'polluted_by_attack'

const LONE_SURROGATE = '\ud800'
const strings = [
  '',
  ' ',
  '\0',
  `a\0b`,
  LONE_SURROGATE,
  `${LONE_SURROGATE}${LONE_SURROGATE}`,
  '\ufeff',
  '\u202e',
  '𝒳'.repeat(300),
  'a'.repeat(5_000),
  '../../../../../../nowhere',
  '..\\..\\nowhere',
  '%2e%2e%2f',
  '%00',
  '%zz',
  "'; DROP TABLE project; --",
  '" OR 1=1',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '$(touch /nonexistent/x)',
  'prj_1',
  'prj_0000000001',
  'tsk_1',
  'run_zzzzzzzzzzz',
  'usr_1',
  'local',
  '1970-01-01T00:00:00Z',
  '+275760-09-13T00:00:00.000Z',
  '9999-99-99T99:99:99Z',
  'http://127.0.0.1:1/',
  'http://[::ffff:127.0.0.1]:1/',
  'file:///nonexistent',
  'javascript:alert(1)',
  '00000000-0',
  '99999999999999999999-99999999999999999999',
  'NaN',
  '-0',
  '1e999',
  'true',
  'null',
]
const numbers = [
  0,
  -0,
  -1,
  0.1,
  1e-320,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53),
  2 ** 63,
  1e21,
  1e308,
  Number.MIN_SAFE_INTEGER,
]

/** Stands for lists or objects in each other, so many that JSON.stringify itself would give up. */
const NESTED = /"nested (list|object) (\d+)"/g

/** The JSON text of a value, with what is nested written out. */
export function jsonText(value: unknown): string {
  return (JSON.stringify(value) ?? '').replaceAll(NESTED, (_, kind: string, depth: string) => {
    const [open, close] = kind === 'list' ? ['[', ']'] : ['{"a":', '}']
    return `${open.repeat(Number(depth))}1${close.repeat(Number(depth))}`
  })
}

/** A value that an honest caller would hardly send. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...strings),
  fc.constantFrom<unknown>(...numbers),
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { '': 1 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(
    'nested list 500',
    'nested object 500',
    'nested list 9000',
    'nested object 9000',
    'nested list 100000',
  ),
)
