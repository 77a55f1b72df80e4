import Database from 'better-sqlite3'
import { eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import type { Sqlite } from './connection.ts'
import { openDatabase } from './database.ts'
import { meta } from './schema.ts'
import { keepStatements } from './statement-cache.ts'
import { temporaryFolder } from './store-bench.ts'

/** A database that notes each text that it prepares. */
function noting(): { sqlite: Sqlite; prepared: string[] } {
  const real = new Database(':memory:')
  onTestFinished(() => void real.close())
  const prepared: string[] = []
  const sqlite = new Proxy(real, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => {
        if (name === 'prepare') prepared.push(String(given[0]))
        return value.apply(target, given)
      }
    },
  })
  return { sqlite, prepared }
}

test('A6 prepares a question of Drizzle once, however often it is asked', () => {
  const { sqlite, prepared } = noting()
  const orm = drizzle({ client: keepStatements(sqlite) })
  orm.run(sql`CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)`)
  for (const key of ['a', 'b', 'c']) orm.insert(meta).values({ key, value: key }).run()
  const read = (key: string) => orm.select().from(meta).where(eq(meta.key, key)).get()
  expect([read('a'), read('b'), read('none')]).toEqual([{ key: 'a', value: 'a' }, { key: 'b', value: 'b' }, undefined])
  expect(prepared.filter((text) => text.startsWith('insert'))).toHaveLength(1)
  // Once to be asked at all, and once for rows as arrays, of which Drizzle makes its objects.
  expect(prepared.filter((text) => text.startsWith('select'))).toHaveLength(2)
})

test('A6 gives one text its rows as objects and as arrays, in turn', () => {
  const sqlite = keepStatements(noting().sqlite)
  const ask = () => sqlite.prepare('SELECT 1 AS one, 2 AS two')
  expect(ask().get()).toEqual({ one: 1, two: 2 })
  expect(ask().raw().get()).toEqual([1, 2])
  expect(ask().get()).toEqual({ one: 1, two: 2 })
  expect(ask().raw().all()).toEqual([[1, 2]])
})

test('A6 keeps a bounded number of statements', () => {
  const { sqlite, prepared } = noting()
  const kept = keepStatements(sqlite)
  for (let question = 0; question < 1_000; question += 1) kept.prepare(`SELECT ${question}`).get()
  kept.prepare('SELECT 999').get()
  expect(prepared).toHaveLength(1_000)
  kept.prepare('SELECT 0').get()
  expect(prepared).toHaveLength(1_001)
})

test('D4 goes on with kept statements after the database was opened anew', () => {
  const opened = openDatabase(temporaryFolder())
  if (!opened.ok) throw new Error(opened.error.message)
  const { orm, sqlite, reopen } = opened.value
  onTestFinished(() => void sqlite.close())
  orm.insert(meta).values({ key: 'before', value: '1' }).run()
  const read = () => orm.select().from(meta).where(eq(meta.key, 'before')).get()?.value
  expect(read()).toBe('1')
  expect(reopen()).toBe(true)
  expect(read()).toBe('1')
})
