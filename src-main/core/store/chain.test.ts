import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf, digestedText, rowDigest, textDigest } from './chain.ts'

const integer = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1, 1_790_000_000_000))
// All that JSON writes in another way, and what only comes in pairs.
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '"\\/\'', '\0\b\t\n\v\f\r\u007f\u2028', '😀 größer'),
)
const row = fc.tuple(fc.integer({ min: 1 }), integer, fc.option(integer), text, fc.option(text))

test('D5 SQLite puts the same text of a row together as is put together of its values', () => {
  const sqlite = new Database(':memory:')
  sqlite.exec(
    'CREATE TABLE kept (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER, c TEXT NOT NULL, d TEXT) STRICT',
  )
  const insert = sqlite.prepare('INSERT INTO kept VALUES (?, ?, ?, ?, ?)')
  const values = sqlite.prepare<[], unknown[]>('SELECT * FROM kept').raw()
  const told = sqlite.prepare<[], string>(`SELECT ${digestedText(sqlite, 'kept')} FROM kept`).pluck()
  const columns = columnsOf(sqlite, 'kept')
  fc.assert(
    fc.property(row, (given) => {
      sqlite.exec('DELETE FROM kept')
      insert.run(...given)
      expect(textDigest(told.get() ?? '')).toBe(rowDigest(columns, values.get() ?? []))
    }),
    { numRuns: 2_000 },
  )
  sqlite.close()
})
