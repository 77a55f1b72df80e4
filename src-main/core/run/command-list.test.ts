import { expect, test } from 'vitest'
import { isListed } from './command-list.ts'

const LIST = ['npm test', 'ls', 'git status']

test.each(['npm test', 'npm  test -- --run a.test.ts', 'ls', 'ls -la src', 'git status "a b"', "ls 'x y'"])(
  'T5 %j is on the list',
  (command) => {
    expect(isListed(command, LIST)).toBe(true)
  },
)

test.each([
  ...['npm', 'npm tests', 'npmtest', 'npm publish', 'lsof', 'git', 'git push', 'sudo ls', '', ' '],
  ...['ls; rm -rf .', 'ls && rm x', 'ls | sh', 'ls > x', 'ls < x', 'ls $HOME', 'ls `id`', 'ls $(id)', 'ls &', 'ls *'],
  ...['ls\nrm x', '(ls)', '{ ls; }', 'ls #x', 'ls \\', 'ls ~', 'ls !1', 'ls ?'],
])('T5 %j is not', (command) => {
  expect(isListed(command, LIST)).toBe(false)
})

test('T5 an empty list lists nothing, and neither does an empty entry', () => {
  expect(isListed('ls', [])).toBe(false)
  expect(isListed('ls', ['', '  '])).toBe(false)
})
