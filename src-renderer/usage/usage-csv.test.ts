import { expect, test } from 'vitest'
import type { UsageEntry } from '#contract/usage.ts'
import { toCsv } from './usage-csv.ts'

const entry: UsageEntry = {
  id: 1,
  ts: '2026-11-20T10:00:00.000Z',
  provider: 'anthropic',
  model: 'claude-sonnet-4-6',
  profile: 'sonnet',
  project_id: 'prj_1',
  task_id: null,
  run_id: null,
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
  latency_ms: 900,
  outcome: 'ok',
  unconfirmed: false,
}

test('B5 writes one line per call with the cost in dollars', () => {
  const [head, line, end] = toCsv([entry]).split('\r\n')
  expect(head?.split(',')).toHaveLength(line?.split(',').length ?? 0)
  expect(line).toBe(
    '2026-11-20T10:00:00.000Z,anthropic,claude-sonnet-4-6,sonnet,strong,prj_1,,,1,10,20,0,0,330,0,0,,900,ok,false,0.000330',
  )
  expect(end).toBe('')
})

test('S10 quotes what would break a line and disarms what a spreadsheet would run', () => {
  const csv = toCsv([{ ...entry, model: '=HYPERLINK("http://x")', outcome: 'a, "b"\nc' }])
  expect(csv).toContain(`"'=HYPERLINK(""http://x"")"`)
  expect(csv).toContain('"a, ""b""\nc"')
})
