import { expect, test } from 'vitest'
import type { Settings } from '../../src-contract/settings.ts'
import { asked, coreBench, must, ollamaDouble, type TaskSketch } from '../support/core-bench.ts'

/** Four tasks, each after the one before: a new one is ready only when the last has ended. */
function chain(name: string): TaskSketch[] {
  return [1, 2, 3, 4].map((n) => ({
    key: `${name}${n}`,
    tier: 'local',
    depends_on: n === 1 ? [] : [`${name}${n - 1}`],
  }))
}

/** How often the model changed from one call to the next while two projects worked, each with a model of its own. */
async function changes(settings: Partial<Settings>): Promise<number> {
  const ollama = await ollamaDouble({ models: ['llama3.2', 'qwen3:8b'] })
  const bench = await coreBench({ ollama: ollama.url })
  must(await bench.core.settings.change(settings))
  must(await bench.core.system.pauseAll())
  const one = await bench.start(chain('a'), { profile: 'ollama:llama3.2:latest' })
  const two = await bench.start(chain('b'), { profile: 'ollama:qwen3:8b' })
  must(await bench.core.system.resumeAll())
  await bench.reaches(one.id, 'succeeded')
  await bench.reaches(two.id, 'succeeded')
  const models = asked(ollama).map((call) => (call.body as { model: string }).model)
  expect(new Set(models).size).toBe(2)
  return models.filter((model, index) => index > 0 && model !== models[index - 1]).length
}

test('E2 local tasks are grouped by the loaded model', async () => {
  // One change between the projects; the first one's summary may fall among the second's tasks.
  expect(await changes({})).toBeLessThanOrEqual(3)
})

test('E2 others get their turn when they have waited long enough', async () => {
  // Without a head start the older task goes first, so the models alternate.
  expect(await changes({ model_group_ms: 0 })).toBeGreaterThanOrEqual(6)
})
