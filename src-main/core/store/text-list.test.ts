import fc from 'fast-check'
import { expect, test } from 'vitest'
import { storeBench } from './store-bench.ts'
import { hasMembers, listText, parseList } from './text-list.ts'

test('D1 a list of texts is the same after it was stored, and SQL knows whether it has members', () => {
  const { store } = storeBench()
  const asked = store.sqlite.prepare<[string], number>(`SELECT ${hasMembers('value')} FROM (SELECT ? AS value)`).pluck()
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '[]', '[', '"'))), (list) => {
      expect(parseList(listText(list))).toEqual(list)
      expect(asked.get(listText(list))).toBe(list.length > 0 ? 1 : 0)
    }),
  )
})

test('D1 an empty list as an older Baton wrote it has no members either; what is no list is refused', () => {
  const { store } = storeBench()
  expect(parseList('[]')).toEqual([])
  expect(
    store.sqlite
      .prepare(`SELECT ${hasMembers("'[]'")}`)
      .pluck()
      .get(),
  ).toBe(0)
  expect(() => parseList('{}')).toThrow()
  expect(() => parseList('[1]')).toThrow()
  expect(() => parseList('nothing')).toThrow()
})
