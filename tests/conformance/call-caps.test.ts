import { expect, test } from 'vitest'
import { anthropicDouble, asked, coreBench, must, ollamaDouble } from '../support/core-bench.ts'

test('E2 calls that check the work of others count against the caps of who checks', async () => {
  const verdict = JSON.stringify({ criterion_1: { why: 'It is there.', met: true } })
  const ollama = await ollamaDouble()
  const anthropic = await anthropicDouble({ default: { kind: 'answer', text: verdict, start_delay_ms: 300 } })
  const bench = await coreBench({ ollama: ollama.url, anthropic })
  must(await bench.core.settings.change({ max_concurrent_per_provider: 2, max_local_models: 4 }))
  must(await bench.core.budget.set({ project_micros: null }))
  const checked = ['a', 'b', 'c', 'd'].map((key) => ({
    ...{ key, tier: 'local' as const, artifacts: [], acceptance: ['It is there'] },
  }))
  const own = ['e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'].map((key) => ({ key, tier: 'fast' as const, artifacts: [] }))
  const { id } = await bench.start([...checked, ...own], { budget_micros: 5_000_000 })
  await bench.reaches(id, 'succeeded')
  const checks = asked(anthropic).filter(({ body }) => JSON.stringify(body).includes('You check finished work'))
  expect(checks).toHaveLength(4)
  expect(anthropic.record.max_concurrent).toBeLessThanOrEqual(2)
})
