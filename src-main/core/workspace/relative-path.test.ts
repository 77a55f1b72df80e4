import { expect, it } from 'vitest'
import { parseRelativePath } from './relative-path.ts'

it.each([
  '/etc/passwd',
  '//server/share',
  '../x',
  'a/../b',
  'a/../../b',
  '..',
  'a\\b',
  '\\\\server\\share',
  'C:/x',
  'c:x',
  'C:\\x',
  '~',
  '~/x',
  '.git::$INDEX_ALLOCATION',
  'file.txt:stream',
  'a\0b',
  'a\nb',
  'a\u0085b',
  'a.',
  'a /b',
  'a./b',
  '...',
  '\ud800',
  'n'.repeat(256),
  'é'.repeat(128),
  'a/'.repeat(2049),
  'a/'.repeat(101),
])('T3 refuses the path %j', (path) => {
  expect(parseRelativePath(path).ok).toBe(false)
})

it.each([
  ['', []],
  ['.', []],
  ['./a//b/', ['a', 'b']],
  ['src/über/日本.ts', ['src', 'über', '日本.ts']],
  ['..a/b..c', ['..a', 'b..c']],
  [' a', [' a']],
  ['n'.repeat(255), ['n'.repeat(255)]],
])('T3 splits the path %j', (path, components) => {
  expect(parseRelativePath(path)).toEqual({ ok: true, value: components })
})

it.each(['nul', 'NUL.txt', 'a/con', 'com1.log', 'PROGRA~1'])('T3 refuses %j on Windows, but not elsewhere', (path) => {
  expect(parseRelativePath(path, 'win32').ok).toBe(false)
  expect(parseRelativePath(path, 'linux').ok).toBe(true)
})
