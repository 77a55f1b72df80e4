import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readJson } from './read-json.ts'

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

test('P3 reads every JSON value as JSON.parse does, without repairs', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(4), (json, spaces) => {
      const text = JSON.stringify(JSON.parse(json), null, spaces)
      const reading = readJson(`x${text} tail`, 1)
      if (!reading.ok) expect.fail(reading.what)
      expect(plain(reading.value)).toEqual(JSON.parse(text))
      expect(reading.end).toBe(text.length + 1)
      expect(reading.repairs).toEqual([])
    }),
  )
})

test('P3 calls every proper beginning of an object cut, never whole', () => {
  const text = '{"a":[1,true,null,"x\\u00e9\\n"],"b":{"c":-1.5e3}}'
  for (let length = 1; length < text.length; length += 1) {
    expect(readJson(text.slice(0, length), 0)).toMatchObject({ ok: false, kind: 'cut' })
  }
})

test('P3 reads what models write beside JSON and says so', () => {
  const reading = readJson('{"a": [1, 2,], // two\n "b": True, /* x */ "c": "one\ntwo", "d": "\\d",}', 0)
  expect(reading).toMatchObject({ ok: true, value: { a: [1, 2], b: true, c: 'one\ntwo', d: '\\d' } })
  expect(reading.ok && reading.repairs.length).toBe(6)
})

test('P3 refuses an object that names a member twice instead of losing one', () => {
  expect(readJson('{"tasks": [1], "tasks": [2]}', 0)).toMatchObject({ ok: false, kind: 'repeated' })
})

test('P3 bounds the depth and does not overflow the stack', () => {
  expect(readJson('['.repeat(1_000_000), 0)).toMatchObject({ ok: false, kind: 'deep' })
})

test('P3 treats __proto__ as a name like any other', () => {
  const reading = readJson('{"__proto__": {"polluted": true}}', 0)
  expect(reading.ok && Object.keys(reading.value as object)).toEqual(['__proto__'])
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
})
