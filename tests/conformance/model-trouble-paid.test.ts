import { describe, expect, test } from 'vitest'
import type { Behaviour } from '../doubles/behaviour.ts'
import type { Double } from '../doubles/double-server.ts'
import { cliLook } from '../support/cli-look.ts'
import {
  anthropicDouble,
  asked,
  billed,
  type CoreBench,
  coreBench,
  googleDouble,
  must,
  ollamaDouble,
  openAiDouble,
  profile,
} from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const THREE = ['a', 'b', 'c'].map((key) => ({ key }))

function serviceOf({ core }: CoreBench, name: string) {
  const found = core.services.list().find((service) => service.name === name)
  if (found === undefined) throw new Error(`There is no service ${name}`)
  return found
}

/** The calls that worked on tasks, not those for the note that closes a project. */
function worked(double: Double): string[] {
  return asked(double)
    .map((call) => JSON.stringify(call.body))
    .filter((body) => body.includes('write_file'))
}

/** Nothing is set aside any more, and the books are the provider's bill. */
function expectSettled({ core }: CoreBench, double: Double): void {
  expect(core.budget.get().global).toMatchObject({ reserved_micros: 0, settled_micros: billed(double) })
}

test('R1 E4 a key that is revoked while tasks work stops them with what to do; what was done stays, and a new key lets them go on', async () => {
  const keys = ['sk-test']
  const double = await anthropicDouble({
    keys,
    queue: [{ kind: 'answer', tool_calls: [{ name: 'list_files', arguments: {} }], start_delay_ms: 200 }],
  })
  // A local model is there; work that was to be paid for does not go to it unasked.
  const ollama = await ollamaDouble()
  const bench = await coreBench({ anthropic: double, ollama: ollama.url })
  const { id } = await bench.start([{ key: 'a' }, { key: 'b', depends_on: ['a'] }])
  await eventually('the first call', () => asked(double).length === 1)
  keys.splice(0, 1, 'sk-new')
  const { reason } = await bench.reaches(id, 'waiting')
  expect(reason).toMatch(/Anthropic does not accept the API key.*Enter a valid key under Settings, Models/)
  expect(bench.task(id, 'a')).toMatchObject({ state: 'waiting', waiting_on: 'resource' })
  expect(serviceOf(bench, 'anthropic')).toMatchObject({ state: 'down', detail: expect.stringMatching(/API key/) })
  expect(await cliLook(bench, 'tasks')).toMatch(/does not accept the API key.*Enter a valid key/)
  expect(await cliLook(bench, 'models')).toMatch(/claude-haiku.*does not accept the API key/)
  const before = asked(double).length

  // The environment of the bench names the old key; the double takes it again, as after a mistake at the provider.
  keys.push('sk-test')
  must(await bench.core.services.check('anthropic'))
  await bench.reaches(id, 'succeeded')
  const questions = asked(double).map((call) => JSON.stringify(call.body))
  // The call that was answered before was not asked again.
  expect(questions.slice(before)).not.toContain(questions[0])
  expect(worked(ollama)).toEqual([])
  expectSettled(bench, double)
})

test('R4 X2 a model without a price is not asked; window and command say what to enter, and entering it lets the work go on', async () => {
  const double = await googleDouble({ models: ['gemini-9'] })
  const bench = await coreBench({ google: double })
  const unpriced = profile({ name: 'future', display_name: 'Future', provider: 'google', model: 'gemini-9' })
  must(await bench.core.models.put(unpriced))
  const { id } = await bench.start(THREE, { profile: 'future' })
  const { reason } = await bench.reaches(id, 'waiting')
  expect(reason).toMatch(/Future: No price is known for gemini-9.*Enter one/)
  expect(await cliLook(bench, 'tasks')).toMatch(/No price is known for gemini-9.*Enter one/)
  expect(await cliLook(bench, 'models')).toMatch(/gemini-9.*No price is known/)
  expect(asked(double)).toEqual([])
  const price = { input: 1, output: 4, cache_write: null, cache_read: null }
  must(await bench.core.models.put({ ...unpriced, price }))
  await bench.reaches(id, 'succeeded')
})

describe('a model that its provider has retired', () => {
  test('R3 X2 is told as such, does not go to another tier or provider unasked, and another choice lets the work go on', async () => {
    const google = await googleDouble({ default: { kind: 'no_model' } })
    const ollama = await ollamaDouble()
    const bench = await coreBench({
      ollama: ollama.url,
      google,
    })
    const { id } = await bench.start(THREE)
    const { reason } = await bench.reaches(id, 'waiting')
    expect(reason).toMatch(/Gemini has no model gemini-3.8-flash any more.*Choose another/)
    await eventually('all to wait', () => bench.tasks(id).every(({ state }) => state === 'waiting'))
    expect(asked(google).length).toBeLessThanOrEqual(THREE.length)
    expect(await cliLook(bench, 'models')).toMatch(/gemini-flash.*has no model gemini-3.8-flash any more/)
    expect(worked(ollama)).toEqual([])
    google.setDefault({ kind: 'answer' })
    const next = { name: 'next', display_name: 'Next', provider: 'google', model: 'gemini-3.5-flash' } as const
    must(await bench.core.models.put(profile(next)))
    await bench.reaches(id, 'succeeded')
  })
})

const PROVIDERS = ['anthropic', 'openai', 'google', 'ollama'] as const

/** A core whose only model of the fast tier is a double of this provider. */
async function only(name: (typeof PROVIDERS)[number], ...queue: Behaviour[]) {
  if (name === 'anthropic') {
    const double = await anthropicDouble({ queue })
    return { double, bench: await coreBench({ anthropic: double }), tier: 'fast' as const }
  }
  if (name === 'ollama') {
    const double = await ollamaDouble({ queue })
    return { double, bench: await coreBench({ ollama: double.url }), tier: 'local' as const }
  }
  const double = name === 'openai' ? await openAiDouble({ queue }) : await googleDouble({ queue })
  const base_url = name === 'openai' ? `${double.url}/v1` : double.url
  return {
    double,
    bench: await coreBench({ providers: { [name]: { api_key: 'key', base_url } } }),
    tier: 'fast' as const,
  }
}

describe.each(PROVIDERS)('%s', (name) => {
  test('R1 X2 a context that is too long ends the task with what to do, and it is not sent again', async () => {
    const { double, bench, tier } = await only(name, { kind: 'context_too_long' })
    const { id } = await bench.start([
      { key: 'a', tier },
      { key: 'b', tier, depends_on: ['a'] },
    ])
    const { reason } = await bench.reaches(id, 'failed')
    expect(reason).toMatch(/does not fit.*(Split the task|fewer inputs)/)
    expect(bench.task(id, 'b')).toMatchObject({ state: 'blocked' })
    expect(asked(double)).toHaveLength(1)
    expect(await cliLook(bench, 'tasks')).toMatch(/does not fit.*(Split the task|fewer inputs)/)
    must(await bench.core.tasks.retry(bench.task(id, 'a').id, 'start'))
    await bench.reaches(id, 'succeeded')
    if (name === 'anthropic' || name === 'google') expectSettled(bench, double)
  })

  test('T1 calls of tools that do not exist, or with arguments that do not fit, come back as results and the work goes on', async () => {
    const call = (tool: string, given: Record<string, unknown>): Behaviour => ({
      kind: 'answer',
      tool_calls: [{ name: tool, arguments: given }],
    })
    const { double, bench, tier } = await only(
      name,
      call('launch_rocket', { to: 'moon' }),
      call('write_file', { path: 7 }),
    )
    const { id } = await bench.start([{ key: 'a', tier }])
    await bench.reaches(id, 'succeeded')
    const [run] = must(bench.core.tasks.runs(bench.task(id, 'a').id)).items
    const steps = must(bench.core.runs.steps(run?.id ?? '')).filter((step) => step.kind === 'tool')
    expect(steps[0]?.error).toMatch(/no tool "launch_rocket".*The tools are/)
    expect(steps[1]?.error).toMatch(/arguments of write_file are wrong, so nothing was done/)
    expect(worked(double).at(-1)).toMatch(/no tool .*launch_rocket/)
  })

  test('E6 T1 a model that only ever calls what does not exist is stopped with the reason', async () => {
    const { double, bench, tier } = await only(name)
    double.setDefault({ kind: 'answer', tool_calls: [{ name: 'launch_rocket', arguments: {} }] })
    must(await bench.core.settings.change({ max_turns: 4, highest_tier: tier }))
    const { id } = await bench.start([{ key: 'a', tier }])
    const { reason } = await bench.reaches(id, 'failed')
    expect(reason).toMatch(/still calling tools after 4 turns.*Its last tool call, launch_rocket, failed: .*no tool/)
    expect(asked(double)).toHaveLength(4)
  })
})
