import { expect, test } from 'vitest'
import { formatBytes, formatCost, formatMs, formatMsRange, formatTokens } from './format.ts'

test('X1 tells durations in words', () => {
  expect([0, 420, 9_999, 59_400, 60_000, 200_000, 3_600_000, 7_500_000].map(formatMs)).toEqual([
    '0.0 s',
    '0.4 s',
    '10.0 s',
    '59 s',
    '1 min',
    '3 min 20 s',
    '1 h',
    '2 h 5 min',
  ])
  expect(formatMsRange(1_000, 1_000)).toBe('about 1.0 s')
})

test('X1 tells local work from paid work', () => {
  expect(formatCost(0, false)).toBe('0 $ local')
  expect(formatCost(0, true)).toBe('$0')
  expect(formatCost(13_200, false)).toBe('$0.0132')
})

test('X1 shortens counts', () => {
  expect([812, 1_234, 3_400_000].map(formatTokens)).toEqual(['812', '1.2k', '3.4M'])
  expect([812, 1_234, 3_400_000].map(formatBytes)).toEqual(['812 B', '1.2 kB', '3.4 MB'])
})
