import { expect, test } from 'vitest'
import { ago, bytes, clock, counted, duration, moneyRange, plainUsd } from './figures.ts'

test('U8 writes times the way people say them', () => {
  expect([400, 41_400, 200_000, 600_000, 4_320_000, 36_500_000].map(duration)).toEqual([
    '0.4 s',
    '41 s',
    '3 min 20 s',
    '10 min',
    '1 h 12 min',
    '10 h',
  ])
  expect([41_000, 3_723_000].map(clock)).toEqual(['0:41', '1:02:03'])
  expect(ago('2026-11-20T10:00:00.000Z', Date.parse('2026-11-20T10:05:00.000Z'))).toBe('5 minutes ago')
})

test('U8 writes money and counts', () => {
  expect(moneyRange(400_000, 1_100_000)).toBe('$0.40–$1.10')
  expect(moneyRange(0, 0)).toBe('0 $ local')
  expect([plainUsd(5_000_000), plainUsd(13_200)]).toEqual(['5.00', '0.0132'])
  expect([counted(1, 'task'), counted(1_200, 'task')]).toEqual(['1 task', '1,200 tasks'])
  expect([bytes(900), bytes(4_100), bytes(412_000), bytes(2_500_000), bytes(7_516_192_768)]).toEqual([
    '900 B',
    '4.1 kB',
    '412 kB',
    '2.5 MB',
    '7.5 GB',
  ])
})
