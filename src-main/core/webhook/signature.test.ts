import { expect, test } from 'vitest'
import { sign, TOLERANCE_S, verify } from './signature.ts'

const NOW = 1_700_000_000_000
const body = Buffer.from('{"a":1}')
const VECTOR = 'f5a131af104d1c1624551668e089377efc5317cc715258c10d2c12d6cf67cb4e'

test('A5 signs as the published vector says', () => {
  expect(sign(['test_secret'], body, NOW)).toBe(`t=1700000000,v1=${VECTOR}`)
  expect(verify(`t=1700000000,v1=${VECTOR}`, body, ['test_secret'], NOW).ok).toBe(true)
})

test('A5 any of several secrets will do, and any of several signatures', () => {
  const both = sign(['old', 'new'], body, NOW)
  for (const secrets of [['old'], ['new'], ['other', 'new']]) expect(verify(both, body, secrets, NOW).ok).toBe(true)
  expect(verify(both, body, ['other'], NOW)).toEqual({ ok: false, error: 'wrong' })
  const [stamp, , second] = both.split(',')
  expect(verify(`${stamp},v0=00,${second}`, body, ['new'], NOW).ok).toBe(true)
})

test('A5 the same message is the same, whichever of its signatures is shown', () => {
  const [stamp, first, second] = sign(['old', 'new'], body, NOW).split(',')
  const one = verify(`${stamp},${first}`, body, ['old', 'new'], NOW)
  const other = verify(`t=01700000000,${second}`, body, ['old', 'new'], NOW)
  const same = verify(`${stamp},${second}`, body, ['old', 'new'], NOW)
  expect(one.ok && same.ok && one.value === same.value).toBe(true)
  // The stamp is signed as it is written.
  expect(other).toEqual({ ok: false, error: 'wrong' })
})

test('A5 a stamp of more than 300 s ago, or ahead, is refused, and only with the right secret is that said', () => {
  for (const off of [-TOLERANCE_S - 1, TOLERANCE_S + 1]) {
    const at = NOW + off * 1_000
    expect(verify(sign(['s'], body, at), body, ['s'], NOW)).toEqual({ ok: false, error: 'stale' })
    expect(verify(sign(['s'], body, at), body, ['x'], NOW)).toEqual({ ok: false, error: 'wrong' })
  }
  for (const off of [-TOLERANCE_S, TOLERANCE_S]) {
    expect(verify(sign(['s'], body, NOW + off * 1_000), body, ['s'], NOW).ok).toBe(true)
  }
})

test('A5 an empty secret opens nothing, nor does another body, or half a signature', () => {
  expect(verify(sign([''], body, NOW), body, [''], NOW)).toEqual({ ok: false, error: 'wrong' })
  expect(verify(sign(['s'], body, NOW), Buffer.from('{"a":2}'), ['s'], NOW)).toEqual({ ok: false, error: 'wrong' })
  expect(verify(undefined, body, ['s'], NOW)).toEqual({ ok: false, error: 'missing' })
  const malformed = [
    't=1',
    'v1=00',
    `v1=${VECTOR}`,
    't=1700000000,v1=f5a1',
    `t=1,t=2,v1=${VECTOR}`,
    `t=1e9,v1=${VECTOR}`,
  ]
  for (const header of [...malformed, 'x'.repeat(5_000)]) {
    expect(verify(header, body, ['test_secret'], NOW), header).toEqual({ ok: false, error: 'malformed' })
  }
})
