import { expect, test } from 'vitest'
import { blocksOf } from './diff-blocks.ts'

test('E10 a diff is cut into runs of like lines, and content that looks like a header stays content', () => {
  const diff = [
    ...[
      'diff --git a/a.md b/a.md',
      '--- a/a.md',
      '+++ b/a.md',
      '@@ -1,3 +1,3 @@',
      ' same',
      '--- old',
      '-old',
      '+++ new',
    ],
    ...['diff --git a/b.md b/b.md', 'new file mode 100644', '@@ -0,0 +1 @@', '+b', ''],
  ].join('\n')
  expect(blocksOf(diff).map(({ kind, at, text }) => [kind, at, text.split('\n').length])).toEqual([
    ['file', 0, 3],
    ['place', 3, 1],
    ['same', 4, 1],
    ['removed', 5, 2],
    ['added', 7, 1],
    ['file', 8, 2],
    ['place', 10, 1],
    ['added', 11, 1],
  ])
})
