import { QueryClient } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import type { ModelPull } from '#contract/model.ts'
import { keys } from './keys.ts'
import { notePull } from './live-pulls.ts'

const begun: ModelPull = {
  model: 'qwen3:8b',
  state: 'running',
  detail: 'Asks Ollama for it.',
  completed_bytes: 0,
  total_bytes: 0,
  started_at: '2026-11-21T06:00:00.000Z',
}
const ended: ModelPull = { ...begun, state: 'succeeded', detail: 'qwen3:8b is there.' }

function pullsAfter(...words: ModelPull[]): unknown {
  const queries = new QueryClient()
  queries.setQueryData(keys.modelPulls, [])
  for (const word of words) notePull(queries, word)
  return queries.getQueryData(keys.modelPulls)
}

test('R6 an answer that comes after the end of its pull does not take the end back', () => {
  expect(pullsAfter(begun, ended)).toEqual([ended])
  expect(pullsAfter(ended, begun)).toEqual([ended])
})

test('R6 the same model pulled again takes the place of the pull before', () => {
  const again = { ...begun, started_at: '2026-11-21T06:00:01.000Z' }
  expect(pullsAfter(ended, again)).toEqual([again])
})
