import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { insertAlike, insertMany } from './insert-many.ts'

const few = fc.constantFrom(1, 2, null)
/** Rows that say the same in most columns, and in others from one stretch to the next. */
const rows = fc
  .array(
    fc.tuple(fc.tuple(fc.constantFrom('a', 'b'), few), fc.tuple(few, few, few, few), fc.integer({ min: 1, max: 20 })),
    { maxLength: 20 },
  )
  .chain((parts) =>
    fc.tuple(
      ...parts.map(([alike, own, count]) => fc.array(rowLike(alike, own), { minLength: count, maxLength: count })),
    ),
  )
  .map((parts) => parts.flat())

function rowLike(alike: readonly (string | number | null)[], own: readonly (number | null)[]) {
  const column = (value: number | null) => fc.oneof({ weight: 30, arbitrary: fc.constant(value) }, few)
  return fc
    .tuple(fc.tuple(...own.map(column)), fc.string())
    .map(([values, last]): (string | number | null)[] => [...alike, ...values, last])
}

test('D2 rows that are inserted together keep their order and values, however many say the same', () => {
  fc.assert(
    fc.property(fc.array(rows, { maxLength: 4 }), (changes) => {
      const sqlite = new Database(':memory:')
      sqlite.exec('CREATE TABLE kept (id INTEGER PRIMARY KEY AUTOINCREMENT, u, v, w, x, y, z, last)')
      const read = sqlite.prepare('SELECT u, v, w, x, y, z, last FROM kept ORDER BY id').raw()
      const alike = insertAlike(sqlite, 'kept', ['u', 'v'], ['w', 'x', 'y', 'z', 'last'])
      const many = insertMany(sqlite, 'kept', ['u', 'v', 'w', 'x', 'y', 'z', 'last'])
      let count = 0
      for (const insert of [alike, many]) {
        for (const change of changes) {
          count += change.length
          expect(insert(change)).toBe(change.length === 0 ? 0 : count)
        }
      }
      expect(read.all()).toEqual([...changes, ...changes].flat())
      sqlite.close()
    }),
    { numRuns: 60 },
  )
})
