import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Service } from '../../src-contract/service.ts'
import { startOllamaDouble } from '../doubles/ollama-double.ts'
import { createCard, GIB } from '../doubles/vram.ts'
import { cleanup } from '../support/cleanup.ts'
import { cliAlone, cliLook } from '../support/cli-look.ts'
import {
  anthropicDouble,
  asked,
  type CoreBench,
  coreBench,
  must,
  ollamaDouble,
  profile,
} from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const LOCAL = ['a', 'b', 'c'].map((key) => ({ key, tier: 'local' as const }))

function ollamaOf({ core }: CoreBench): Service {
  const found = core.services.list().find(({ name }) => name === 'ollama')
  if (found === undefined) throw new Error('Ollama is not among the services')
  return found
}

function filesOf(bench: CoreBench, id: string): string[] {
  const { workspace } = bench.project(id)
  return LOCAL.map(({ key }) => readFileSync(join(workspace, `${key}.md`), 'utf8'))
}

describe('Ollama that dies in the middle of an answer', () => {
  test('H2 E5 is waited for with the reason, and goes on from where it was when it is back; nothing goes to a paid model', async () => {
    const paid = await anthropicDouble()
    const first = await startOllamaDouble({ default: { kind: 'answer', delay_ms: 20 } })
    cleanup(() => first.close())
    const bench = await coreBench({ ollama: first.url, anthropic: paid })
    const { id } = await bench.start(LOCAL)
    await eventually('an answer under way', () => asked(first).some((call) => call.outcome === 'open'))
    await first.close()

    const { reason } = await bench.reaches(id, 'waiting')
    expect(reason).toMatch(/Ollama.* cannot be reached.*Start it/)
    for (const task of bench.tasks(id).filter(({ state }) => state !== 'succeeded')) {
      expect(task).toMatchObject({ state: 'waiting', waiting_on: 'resource' })
      expect(task.reason).toMatch(/Ollama.* cannot be reached.*Start it/)
    }
    expect(ollamaOf(bench)).toMatchObject({ state: 'down', last_error: { message: expect.stringMatching(/reached/) } })
    expect(await cliLook(bench, 'tasks')).toMatch(/waiting .*Ollama.* cannot be reached.*Start it/)
    expect(await cliLook(bench, 'services')).toMatch(/Ollama does not answer .*cannot be reached/)
    // Who only looks changes nothing and is told the same.
    await bench.close()
    expect(await cliAlone(bench, 'tasks')).toMatch(/waiting .*Ollama.* cannot be reached.*Start it/)

    const second = await startOllamaDouble({ port: first.port })
    cleanup(() => second.close())
    await bench.reopen()
    await bench.reaches(id, 'succeeded')
    expect(filesOf(bench, id).every((text) => text !== '')).toBe(true)
    expect(ollamaOf(bench).state).toBe('healthy')
    expect(asked(paid)).toEqual([])
    expect(bench.core.budget.get().global).toMatchObject({ settled_micros: 0, reserved_micros: 0 })
  })

  test('H1 H2 a restart between two looks at it is noticed by its calls alone, and told as last error afterwards', async () => {
    const ollama = await ollamaDouble({ queue: [{ kind: 'stream_cut' }, { kind: 'stream_cut' }] })
    const bench = await coreBench({ ollama: ollama.url })
    const { id } = await bench.start(LOCAL)
    await bench.reaches(id, 'succeeded')
    expect(ollamaOf(bench)).toMatchObject({
      state: 'healthy',
      last_error: { message: expect.stringMatching(/broke off|cut|ended/i) },
    })
    const states = LOCAL.flatMap(({ key }) => must(bench.core.tasks.runs(bench.task(id, key).id)).items)
    expect(states.map((run) => run.state)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  })
})

describe('a model that Ollama has not', () => {
  test('R3 H2 is passed over for another local one, and waited for where it was the only one', async () => {
    const paid = await anthropicDouble()
    const ollama = await ollamaDouble({ models: ['llama3.2', 'qwen3'], queue: [{ kind: 'no_model' }] })
    const bench = await coreBench({ ollama: ollama.url, anthropic: paid })
    const { id } = await bench.start(LOCAL)
    await bench.reaches(id, 'succeeded')
    const runs = LOCAL.flatMap(({ key }) => must(bench.core.tasks.runs(bench.task(id, key).id)).items)
    expect(
      runs.some((run) => /was passed over: Ollama has no model llama3.2:latest any more/.test(run.route_reason)),
    ).toBe(true)

    ollama.setDefault({ kind: 'no_model' })
    const second = await bench.start(LOCAL)
    const { reason } = await bench.reaches(second.id, 'waiting')
    expect(reason).toMatch(/Ollama has no model \S+ any more.*Pull it/)
    expect(await cliLook(bench, 'tasks', second.id)).toMatch(/Ollama has no model .* any more.*Pull it/)
    expect(asked(paid)).toEqual([])
  })
})

describe('a model that is too big for the card', () => {
  const BIG = 20 * GIB

  test('E7 H2 waits with the reason and a moment instead of being asked again and again, and a pull or a look lets it go on', async () => {
    const paid = await anthropicDouble()
    const card = createCard({ total_bytes: 12 * GIB })
    const ollama = await ollamaDouble({ card, model_bytes: BIG })
    const bench = await coreBench({ ollama: ollama.url, anthropic: paid })
    must(await bench.core.settings.change({ retry_cap_ms: 3_600_000, breaker_failures: 100, gpu_sharing: 'never' }))
    const { id } = await bench.start(LOCAL)
    await eventually('all to wait', () => bench.tasks(id).every(({ state }) => state === 'waiting'))
    // One model is asked once at a time, each task at most three times, and nobody after it was set aside.
    expect(asked(ollama).length).toBeLessThanOrEqual(3 * LOCAL.length)
    for (const task of bench.tasks(id)) {
      expect(task).toMatchObject({ waiting_on: 'resource' })
      expect(task.reason).toMatch(/out of memory.*no room for llama3.2:latest.*smaller model.*Asked again at /)
      expect(Date.parse(task.resumes_at ?? '') - Date.now()).toBeGreaterThan(3_000_000)
    }
    expect(ollamaOf(bench).state).toBe('healthy')
    expect(ollamaOf(bench).last_error?.message).toMatch(/no room for llama3.2/)
    expect(bench.core.models.list().find(({ model }) => model === 'llama3.2:latest')).toMatchObject({
      available: false,
      reason: expect.stringMatching(/no room/),
    })
    expect(asked(paid)).toEqual([])
    card.grow(32 * GIB)
    must(await bench.core.services.check('ollama'))
    await bench.reaches(id, 'succeeded')
  })

  test('R3 gives way to a smaller one of the same tier, while others of the server work on', async () => {
    const card = createCard({ total_bytes: 12 * GIB })
    const ollama = await ollamaDouble({
      card,
      models: ['big', 'small'],
      model_bytes: 4 * GIB,
      bytes_of: { 'big:latest': BIG },
    })
    const bench = await coreBench({ ollama: ollama.url })
    const big = { provider: 'ollama', model: 'big:latest', tiers: ['local'], context_tokens: 8_192 } as const
    must(await bench.core.models.put(profile({ ...big, tiers: ['local'], name: 'big', display_name: 'Big', rank: 1 })))
    const { id } = await bench.start(LOCAL)
    await bench.reaches(id, 'succeeded')
    const runs = LOCAL.flatMap(({ key }) => must(bench.core.tasks.runs(bench.task(id, key).id)).items)
    for (const run of runs) {
      expect(run.profile).toBe('ollama:small:latest')
      expect(run.route_reason).toMatch(/Big was passed over: .*no room for big:latest/)
    }
  })
})
