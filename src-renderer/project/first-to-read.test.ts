import { expect, test } from 'vitest'
import { firstToRead } from './first-to-read.ts'

test('E9 the file to begin with is the index nearest to the root', () => {
  expect(firstToRead(['birds/index.md', 'birds/owl.md', 'index.md', 'outline.md'])).toBe('index.md')
  expect(firstToRead(['a.md', 'docs/README.md'])).toBe('docs/README.md')
  expect(firstToRead(['a/indexes.md', 'b.md'])).toBe('a/indexes.md')
  expect(firstToRead([])).toBeNull()
})
