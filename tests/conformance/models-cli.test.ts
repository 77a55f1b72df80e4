import { afterEach, beforeEach, expect, test } from 'vitest'
import { modelProfileStatus, modelPull } from '#contract/model.ts'
import type { Double } from '../doubles/double-server.ts'
import { type Baton, createBaton } from '../support/baton-process.ts'
import { ollamaDouble } from '../support/core-bench.ts'

let ollama: Double
let baton: Baton
beforeEach(async () => {
  ollama = await ollamaDouble()
  baton = createBaton({ ollama: ollama.url })
})
afterEach(() => baton.close())

function lines(stdout: string): unknown[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

test('X2 R3 baton models lists what work can be sent to, and why not', async () => {
  const table = await baton.run(['models'])
  expect(table.code).toBe(0)
  expect(table.stdout).toMatch(/ollama:llama3\.2:latest\s.*local/)
  expect(table.stdout).toMatch(/claude-haiku.*no key/i)
  const json = await baton.run(['models', '--json'])
  const profiles = lines(json.stdout).map((line) => modelProfileStatus.loose().parse(line))
  expect(profiles.find((profile) => profile.provider === 'ollama')).toMatchObject({ available: true, paid: false })
})

test('X2 R6 baton models pull fetches a model and ends with 0', async () => {
  const pulled = await baton.run(['models', 'pull', 'qwen3:8b', '--json'])
  expect(pulled.code).toBe(0)
  const states = lines(pulled.stdout).map((line) => modelPull.parse(line))
  expect(states.at(-1)).toMatchObject({ model: 'qwen3:8b', state: 'succeeded' })
  expect((await baton.run(['models'])).stdout).toContain('ollama:qwen3:8b')
})

test('X2 R6 baton models pull says why it failed and ends with 1, or 2 for a name that is none', async () => {
  ollama.script({ kind: 'no_model' })
  const failed = await baton.run(['models', 'pull', 'no-such-model'])
  expect(failed.code).toBe(1)
  expect(failed.stderr).toMatch(/could not pull no-such-model/)
  expect((await baton.run(['models', 'pull', '../etc'])).code).toBe(2)
})
