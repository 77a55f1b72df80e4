import { expect, test } from 'vitest'
import { isLoopbackHost } from './host-guard.ts'

test.each(['localhost', 'LOCALHOST:80', '127.0.0.1', '127.0.0.1:7420', '127.8.9.1:1', '[::1]', '[::1]:7420'])(
  'S4 takes %s for this machine',
  (host) => {
    expect(isLoopbackHost(host)).toBe(true)
  },
)

test.each([
  undefined,
  '',
  'evil.example',
  'evil.example:7420',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'evil.example#localhost',
  'localhost:80:80',
  '10.0.0.1',
  '::1',
  '0.0.0.0',
  'localhost, evil.example',
])('S4 does not take %s for this machine', (host) => {
  expect(isLoopbackHost(host)).toBe(false)
})
