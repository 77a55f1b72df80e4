import { expect, test } from 'vitest'
import { hostPattern } from '#contract/host.ts'
import { isListedHost } from './host-list.ts'

test.each([
  ['example.com', 'example.com', 443, true],
  ['example.com', 'EXAMPLE.com.', 80, true],
  ['example.com', 'example.com', 8443, false],
  ['example.com:8443', 'example.com', 8443, true],
  ['example.com:8443', 'example.com', 443, false],
  ['example.com', 'www.example.com', 443, false],
  ['example.com', 'notexample.com', 443, false],
  ['example.com', 'example.com.evil.org', 443, false],
  ['*.example.com', 'www.example.com', 443, true],
  ['*.example.com', 'a.b.example.com', 443, true],
  ['*.example.com', 'example.com', 443, false],
  ['*.example.com', 'badexample.com', 443, false],
  ['*', 'anything.org', 443, true],
  ['*', 'anything.org', 22, false],
] as const)('T6 the list %s and %s at %i: %s', (entry, host, port, listed) => {
  expect(isListedHost([entry], host, port)).toBe(listed)
})

test.each([
  '*',
  '*.com',
  '*.',
  'https://example.com',
  'example.com/path',
  'a b',
  '-a.com',
  'a..b',
  'a.com:0',
  'a.com:',
  '',
  '.',
  '[::1]',
])('T6 %j is no name for a list', (name) => expect(hostPattern.safeParse(name).success).toBe(false))

test.each(['example.com', '*.example.com', 'Example.COM', 'xn--bcher-kva.example', 'localhost:8080', '1.1.1.1'])(
  'T6 %j is a name for a list',
  (name) => expect(hostPattern.safeParse(name).success).toBe(true),
)
