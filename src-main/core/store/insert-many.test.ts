import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { insertAlike, insertMany } from './insert-many.ts'

const row = fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom(1, null), fc.integer(), fc.string())

test('D2 rows that are inserted together keep their order and values, however many say the same', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 70 }), (rows) => {
      const sqlite = new Database(':memory:')
      sqlite.exec(
        'CREATE TABLE kept (id INTEGER PRIMARY KEY AUTOINCREMENT, w TEXT, x INTEGER, y INTEGER, z TEXT) STRICT',
      )
      const read = sqlite.prepare('SELECT id, w, x, y, z FROM kept ORDER BY id').raw()
      const alike = insertAlike(sqlite, 'kept', ['w', 'x'], ['y', 'z'])
      const many = insertMany(sqlite, 'kept', ['w', 'x', 'y', 'z'])
      expect(alike(rows)).toBe(rows.length)
      expect(many(rows)).toBe(rows.length === 0 ? 0 : 2 * rows.length)
      expect(read.all()).toEqual([...rows, ...rows].map((values, index) => [index + 1, ...values]))
      sqlite.close()
    }),
  )
})
