import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openDatabase } from '../store/database.ts'
import { temporaryFolder } from '../store/store-bench.ts'
import { keywordQuery } from './keyword-query.ts'

const rarely = (): number => 3

test('K2 whatever is asked, FTS5 understands the question', () => {
  const opened = openDatabase(temporaryFolder())
  if (!opened.ok) throw new Error(opened.error.message)
  const { sqlite } = opened.value
  sqlite.exec('CREATE VIRTUAL TABLE words USING fts5 (text)')
  const ask = sqlite.prepare('SELECT rowid FROM words WHERE words MATCH ?')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (question) => {
      const query = keywordQuery(question, rarely)
      if (query !== null) ask.all(query.text)
    }),
  )
  for (const question of ['a AND b', '"quoted', 'NEAR(x y)', 'col:x', 'x*', 'don’t', '-minus', '日本語'])
    ask.all(keywordQuery(question, rarely)?.text ?? '""')
  sqlite.close()
})

test('K4 rare words are weighed, common ones are not, and where all are common each has to be there', () => {
  const counts: Readonly<Record<string, number>> = {
    '"sluice"': 4,
    '"keeper"': 900,
    '"water"': 2_000,
    '"river"': 2_000,
  }
  const countOf = (text: string, most: number): number => Math.min(most, counts[text] ?? 0)
  expect(keywordQuery('the water of the sluice keeper', countOf)).toEqual({
    text: '"sluice" OR "keeper"',
    weighed: true,
  })
  expect(keywordQuery('water and river', countOf)).toEqual({ text: '"water" AND "river"', weighed: false })
  expect(keywordQuery('who are they', countOf)).toEqual({ text: '"who" AND "are" AND "they"', weighed: false })
  expect(keywordQuery(' … ', countOf)).toBeNull()
})
