import { describe, expect, it } from 'vitest'
import type { PlanEstimate } from '#contract/plan.ts'
import type { Run } from '#contract/run.ts'
import { exampleTask } from '#contract/task-example.ts'
import { tellStory } from './story.ts'
import { estimateWords } from './words.ts'

const START = '2026-11-20T10:00:00.000Z'
const NOW = Date.parse(START) + 60_000

function run(change: Partial<Run>): Run {
  return {
    id: 'run_1',
    kind: 'task',
    project_id: 'prj_1',
    task_id: 'tsk_1',
    attempt: 1,
    state: 'succeeded',
    reason: '',
    phase: null,
    tier: 'local',
    profile: 'llama3.3',
    route_reason: '',
    paid: false,
    input_tokens: 0,
    output_tokens: 0,
    cost_micros: 0,
    repairs: 0,
    violations: [],
    correlation_id: null,
    created_at: START,
    started_at: START,
    ended_at: '2026-11-20T10:00:41.000Z',
    ...change,
  }
}

function told(parts: ReturnType<typeof tellStory>): string[] {
  return parts.map((part) => part.sentences.join(' '))
}

describe('the story of a task', () => {
  it('R5 says once what a task waits for in a batch, as it is now', () => {
    const waiting = run({ state: 'waiting', reason: 'Waits for a batch.', ended_at: null })
    const reason = 'In a batch of 2 requests at Anthropic.'
    const parts = tellStory(exampleTask({ state: 'waiting', waiting_on: 'batch', reason }), [waiting], NOW)
    expect(parts).toHaveLength(1)
    expect(parts[0]?.sentences.join(' ')).toContain(`Waiting: ${reason}`)
  })

  it('U2 tells a repaired attempt the way a colleague would', () => {
    const repaired = run({ violations: ['Tests failed: 2 of 14'], repairs: 1 })
    expect(told(tellStory(exampleTask({}), [repaired], NOW))).toEqual([
      'Tried on llama3.3 (local). Tests failed: 2 of 14. Repaired once. Verified. 41 s, 0 $ local.',
    ])
  })

  it('U2 tells attempts in their order, with the reason of a failure and the price', () => {
    const failed = run({ state: 'failed', reason: 'the file is missing', violations: ['the file is missing'] })
    const paid = run({ attempt: 2, profile: 'claude-haiku', paid: true, cost_micros: 13_200 })
    expect(told(tellStory(exampleTask({}), [paid, failed], NOW))).toEqual([
      'Tried on llama3.3 (local). Failed: the file is missing. 41 s, 0 $ local.',
      'Tried on claude-haiku (paid). Verified. 41 s, $0.0132.',
    ])
  })

  it('U2 says what a running attempt does now and for how long', () => {
    const running = run({ state: 'running', phase: 'verifier', ended_at: null })
    expect(told(tellStory(exampleTask({ state: 'running' }), [running], NOW))).toEqual([
      'Running on llama3.3 (local). Now checking the result. 1 min, 0 $ local.',
    ])
  })

  it('U2 says why a task does not run', () => {
    expect(told(tellStory(exampleTask({ state: 'pending' }), [], NOW))).toEqual([
      'Not started. It waits for the tasks it depends on.',
    ])
    const waiting = exampleTask({ state: 'waiting', reason: 'the daily limit of $5 is used up' })
    expect(told(tellStory(waiting, [], NOW))).toEqual(['The daily limit of $5 is used up.'])
  })
})

describe('figures in words', () => {
  const estimate: PlanEstimate = {
    low_micros: 400_000,
    likely_micros: 700_000,
    high_micros: 1_100_000,
    upper_micros: 1_500_000,
    call_micros: 20_000,
    low_ms: 1_500_000,
    likely_ms: 2_000_000,
    high_ms: 3_000_000,
    low_tokens: 1,
    likely_tokens: 3,
    high_tokens: 5,
    sureness: 'fair',
    calibrated_by: 3,
    past: { cost: null, time: null, tokens: null },
    tokens_by_tier: { local: 1, fast: 1, strong: 1 },
    samples: 38,
    tasks: [],
  }

  it('P4 says what a plan costs, how long it takes, how much is local and how sure that is', () => {
    expect(estimateWords(estimate)).toBe('$0.40–1.10, 25–50 min, 100 % local, based on 38 like tasks')
    expect(estimateWords({ ...estimate, low_micros: 0, high_micros: 0, samples: 0 })).toBe(
      '0 $, 25–50 min, 100 % local, a first guess: no history on this machine yet',
    )
  })

  it('P4 keeps both units where they differ', () => {
    expect(estimateWords({ ...estimate, low_ms: 40_000 })).toContain('40 s–50 min')
  })
})
