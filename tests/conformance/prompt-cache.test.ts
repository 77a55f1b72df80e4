import { expect, test } from 'vitest'
import { cliLook } from '../support/cli-look.ts'
import { anthropicDouble, billed, coreBench, must, openAiDouble } from '../support/core-bench.ts'

test('R5 B5 what the prompt cache saved is booked with each call and shown, and the books stay the bill', async () => {
  const double = await anthropicDouble({
    queue: [1, 2, 3].map(() => ({ kind: 'answer', tool_calls: [{ name: 'list_files', arguments: {} }] })),
  })
  const bench = await coreBench({ anthropic: double })
  // Long enough to be cached.
  const { id } = await bench.start([
    { key: 'a', tier: 'strong', description: 'Keep to the facts about birds. '.repeat(600) },
  ])
  await bench.reaches(id, 'succeeded')
  const { total } = must(await bench.core.usage.summary('model'))
  const { items } = must(bench.core.usage.list({ limit: 100 }))
  expect(items.some((call) => call.cache_read_tokens > 0 && call.cache_saved_micros > 0)).toBe(true)
  expect(items.some((call) => call.cache_write_tokens > 0 && call.cache_saved_micros < 0)).toBe(true)
  // The price of Sonnet 4.6: 3 $ for input, 3.75 $ for filling the cache, 0.3 $ for reading it, per million tokens.
  const expected = items.reduce((sum, call) => sum + call.cache_read_tokens * 2.7 - call.cache_write_tokens * 0.75, 0)
  expect(Math.abs(total.cache_saved_micros - expected)).toBeLessThan(items.length)
  expect(total.cache_saved_micros).toBeGreaterThan(0)
  expect(total.cost_micros).toBe(billed(double))
  expect(await cliLook(bench, 'usage')).toMatch(/Caching of prompts saved \$0\.\d+/)
  expect(await cliLook(bench, 'usage', '--csv')).toContain('cache_saved_micros')
})

test('R5 where nothing is paid, no cache saves anything', async () => {
  const local = await openAiDouble({ flavour: 'local' })
  const bench = await coreBench({ providers: { lmstudio: { base_url: `${local.url}/v1` } } })
  const { id } = await bench.start([{ key: 'a', tier: 'local' }])
  await bench.reaches(id, 'succeeded')
  expect(must(await bench.core.usage.summary('model')).total.cache_saved_micros).toBe(0)
})
