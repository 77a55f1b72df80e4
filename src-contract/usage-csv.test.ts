import { expect, test } from 'vitest'
import type { UsageEntry } from './usage.ts'
import { USAGE_CSV_HEADER, usageCsvLine } from './usage-csv.ts'

const entry: UsageEntry = {
  id: 1,
  ts: '2026-11-20T00:00:00.000Z',
  provider: 'anthropic',
  model: 'claude-sonnet-4-6',
  profile: 'claude-sonnet',
  project_id: 'prj_1',
  task_id: null,
  run_id: 'run_1',
  tier: 'strong',
  attempt: 1,
  input_tokens: 10,
  output_tokens: 20,
  cache_write_tokens: 0,
  cache_read_tokens: 0,
  cost_micros: 330,
  saved_micros: 0,
  cache_saved_micros: 0,
  batch_saved_micros: null,
  latency_ms: 1_200,
  outcome: 'end_turn',
  unconfirmed: false,
}

test('B5 writes a call as one line under the header', () => {
  const names = USAGE_CSV_HEADER.trimEnd().split(',')
  const cells = usageCsvLine(entry).trimEnd().split(',')
  expect(cells).toHaveLength(names.length)
  expect(cells[names.indexOf('cost_micros')]).toBe('330')
  expect(cells[names.indexOf('cost_usd')]).toBe('0.000330')
  expect(cells[names.indexOf('task_id')]).toBe('')
})

test('B5 S10 keeps commas and quotes inside a cell, and formulas from running', () => {
  expect(usageCsvLine({ ...entry, outcome: 'a,"b"\nc' })).toContain('"a,""b""\nc"')
  expect(usageCsvLine({ ...entry, model: '=cmd()' })).toContain(",'=cmd(),")
})
