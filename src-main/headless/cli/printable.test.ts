import { expect, test } from 'vitest'
import { clip, column, printable, textWidth, wrap } from './printable.ts'

test('S10 lets no text of a model steer the terminal', () => {
  expect(printable('a\x1b[2Jb\r\nc\x07')).toBe('a [2Jb c')
  expect(printable('safe\u202egpj.exe')).toBe('safe gpj.exe')
})

test('X1 measures wide, combined and composed characters as a terminal does', () => {
  expect(textWidth('owl')).toBe(3)
  expect(textWidth('鳥類図鑑')).toBe(8)
  expect(textWidth('e\u0301')).toBe(1)
  expect(textWidth('👩‍👩‍👧')).toBe(2)
  expect(textWidth('بومة')).toBe(4)
})

test('X1 cuts and fills to a width', () => {
  expect(clip('Blackbird', 5)).toBe('Blac…')
  expect(clip('鳥類図鑑', 5)).toBe('鳥類…')
  expect(column('owl', 5)).toBe('owl  ')
  expect(textWidth(column('鳥類図鑑', 4))).toBe(4)
})

test('X1 breaks text between words and keeps its paragraphs', () => {
  expect(wrap('an owl flies\n\nat night', 8)).toEqual(['an owl', 'flies', '', 'at night'])
  expect(wrap('Donaudampfschiff', 5)).toEqual(['Donaudampfschiff'])
})
