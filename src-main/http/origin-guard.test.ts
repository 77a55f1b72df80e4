import { expect, test } from 'vitest'
import { isAllowedOrigin } from './origin-guard.ts'

const HOST = '127.0.0.1:7420'

test('S4 lets in callers without an origin, and pages of this server', () => {
  expect(isAllowedOrigin(undefined, HOST, [])).toBe(true)
  expect(isAllowedOrigin('http://127.0.0.1:7420', HOST, [])).toBe(true)
})

test('S4 lets in an origin that was configured', () => {
  expect(isAllowedOrigin('https://box.example', HOST, ['https://box.example'])).toBe(true)
})

test.each([
  'null',
  'http://127.0.0.1:7421',
  'https://127.0.0.1:7420',
  'http://localhost:7420',
  'http://evil.example',
  'http://127.0.0.1:7420.evil.example',
  '',
])('S4 refuses the origin "%s"', (origin) => {
  expect(isAllowedOrigin(origin, HOST, ['https://box.example', 'null'])).toBe(false)
})
