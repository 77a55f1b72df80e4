import { expect, test } from 'vitest'
import { startOllamaDouble } from '../doubles/ollama-double.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, asked, coreBench, must } from '../support/core-bench.ts'

test('P2 work of a found local model waits for its server and never goes to a paid one, over a restart too', async () => {
  const anthropic = await anthropicDouble()
  const ollama = await startOllamaDouble()
  cleanup(() => ollama.close())
  const bench = await coreBench({ anthropic, ollama: ollama.url })
  expect(bench.core.models.list().some((profile) => profile.provider === 'ollama' && profile.available)).toBe(true)

  await ollama.close()
  must(await bench.core.services.check('ollama'))
  const before = await bench.start([{ key: 'a', type: 'research', complexity: 'simple' }])
  expect((await bench.reaches(before.id, 'waiting')).reason).toMatch(/Ollama/)

  await bench.reopen()
  const after = await bench.start([{ key: 'b', type: 'research', complexity: 'simple' }])
  expect((await bench.reaches(after.id, 'waiting')).reason).toMatch(/Ollama/)
  expect(asked(anthropic)).toEqual([])

  const again = await startOllamaDouble({ port: ollama.port })
  cleanup(() => again.close())
  must(await bench.core.services.check('ollama'))
  await bench.reaches(before.id, 'succeeded')
  await bench.reaches(after.id, 'succeeded')
  expect(asked(anthropic)).toEqual([])
})
