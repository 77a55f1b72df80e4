import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { packText, unpackText } from './packed-text.ts'

test.each([
  ['short', '{"title":"Gulls"}'],
  [
    'long',
    JSON.stringify({ tasks: Array.from({ length: 1_000 }, (_, index) => ({ key: `t${index}`, title: 'Möwe 🪶' })) }),
  ],
])('D1 the %s text comes back as it was, never longer', (_, text) => {
  const packed = packText(text)
  expect(unpackText(packed)).toBe(text)
  expect(packed.length).toBeLessThanOrEqual(text.length)
})

test('D1 a text of like tasks becomes small', () => {
  const text = JSON.stringify(Array.from({ length: 1_000 }, (_, index) => ({ key: `t${index}`, type: 'writing' })))
  expect(packText(text).length * 5).toBeLessThan(text.length)
})

test('D1 a text that would unpack to more than any plan is refused', () => {
  const bomb = `deflate:${deflateRawSync(Buffer.alloc(80 * 1_048_576)).toString('base64')}`
  expect(() => unpackText(bomb)).toThrow(/larger than/)
})
