import { expect, test } from 'vitest'
import { readBooks } from '../support/books.ts'
import { asked, billed, coreBench, googleDouble, must, openAiDouble } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

test('R1 B2 Gemini plans and works, and the books are its bill to the micro-dollar', async () => {
  const google = await googleDouble({ thinks: 200 })
  const bench = await coreBench({ google })
  const planned = await bench.plan('Write notes about owls')
  expect(planned).toMatchObject({ state: 'awaiting_approval' })
  const project = await bench.start([{ key: 'a' }, { key: 'b', type: 'code', complexity: 'complex' }])
  await bench.reaches(project.id, 'succeeded')
  const used = must(await bench.core.usage.summary('model'))
  expect(used.rows.map((row) => row.key)).toEqual(['gemini-3.8-flash'])
  await bench.close()
  const books = readBooks(bench.data_dir)
  expect(asked(google).length).toBeGreaterThan(4)
  expect(books.settled_micros).toBe(billed(google))
  expect(books.usage_micros).toBe(billed(google))
  expect(books.reserved_micros).toBe(0)
})

test('R1 R6 models of a local server are found once its address is entered, and work for nothing', async () => {
  const server = await openAiDouble({ flavour: 'local', models: ['qwen3-8b', 'text-embedding-bge'] })
  const bench = await coreBench()
  expect(bench.core.models.list().filter((profile) => profile.provider === 'lmstudio')).toEqual([])
  expect(server.record.calls).toEqual([])

  must(await bench.core.settings.change({ base_urls: { lmstudio: `${server.url}/v1` } }))
  const found = bench.core.models.list().filter((profile) => profile.provider === 'lmstudio')
  expect(found).toMatchObject([{ name: 'lmstudio:qwen3-8b', paid: false, available: true, tiers: ['local'] }])

  const project = await bench.start([{ key: 'a', type: 'research', complexity: 'simple' }])
  await bench.reaches(project.id, 'succeeded')
  expect(bench.core.budget.get().global.settled_micros).toBe(0)
  const [run] = must(bench.core.tasks.runs(bench.task(project.id, 'a').id)).items
  expect(run?.profile).toBe('lmstudio:qwen3-8b')

  must(await bench.core.settings.change({ base_urls: {} }))
  const state = () => bench.core.services.list().find((service) => service.name === 'lmstudio')?.state
  await eventually('LM Studio forgotten', () => state() === 'not_configured')
})

test('R4 a paid model without a known price is refused until somebody enters one', async () => {
  const google = await googleDouble({ models: ['gemini-9'] })
  const bench = await coreBench({ google })
  const nine = {
    name: 'nine',
    display_name: 'Gemini 9',
    provider: 'google',
    model: 'gemini-9',
    tiers: ['fast'],
    enabled: true,
    rank: 1,
    max_concurrent: 1,
    max_output_tokens: 1_024,
    context_tokens: 32_768,
  } as const
  const refused = must(await bench.core.models.put({ ...nine, tiers: ['fast'], price: null }))
  expect(refused).toMatchObject({ available: false, reason: expect.stringContaining('No price is known') })
  const price = { input: 1, output: 2, cache_write: null, cache_read: null }
  const priced = must(await bench.core.models.put({ ...nine, tiers: ['fast'], price }))
  expect(priced).toMatchObject({ available: true, reason: '' })
})
