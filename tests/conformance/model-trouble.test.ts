import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Run, Step } from '../../src-contract/run.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import type { Double } from '../doubles/double-server.ts'
import { startOllamaDouble } from '../doubles/ollama-double.ts'
import { cleanup } from '../support/cleanup.ts'
import {
  anthropicDouble,
  asked,
  billed,
  type CoreBench,
  coreBench,
  googleDouble,
  must,
  ollamaDouble,
  profile,
} from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const ONE = [{ key: 'note' }]

/** A core whose only provider is the double of Anthropic, and one task that has met `trouble`. */
async function troubled(...trouble: Behaviour[]): Promise<{ double: Double; bench: CoreBench; id: string }> {
  const double = await anthropicDouble({ queue: trouble })
  const bench = await coreBench({ anthropic: double })
  const { id } = await bench.start(ONE)
  return { double, bench, id }
}

function lastRun(bench: CoreBench, id: string, key = 'note'): Run {
  const run = must(bench.core.tasks.runs(bench.task(id, key).id)).items.at(-1)
  if (run === undefined) throw new Error('No run')
  return run
}

function steps(bench: CoreBench, id: string, key = 'note'): Step[] {
  return must(bench.core.runs.steps(lastRun(bench, id, key).id))
}

async function expectDrained(bench: CoreBench, double: Double): Promise<void> {
  const { global } = bench.core.budget.get()
  expect(global.reserved_micros).toBe(0)
  expect(global.settled_micros).toBeGreaterThanOrEqual(billed(double))
  expect(must(await bench.core.usage.summary('model')).total.cost_micros).toBe(global.settled_micros)
  if (global.unconfirmed_micros === 0) expect(global.settled_micros).toBe(billed(double))
}

describe('what only a person can mend is waited for', () => {
  const troubles: [string, Behaviour['kind'], RegExp][] = [
    ['a wrong key', 'wrong_key', /does not accept the API key.*Enter a valid key/],
    ['no credit', 'no_credit', /credit balance is too low.*Add credit/],
    ['a spend limit', 'spend_limit', /usage limits.*resume/],
    ['a payment problem', 'billing_problem', /payment method/],
    ['a spend cap that comes as 429', 'spend_cap', /spend limit of your tier/],
  ]
  test.each(troubles)('R1 %s stops the work with what to do, and costs nothing', async (_name, kind, text) => {
    const { double, bench, id } = await troubled({ kind })
    const project = await bench.reaches(id, 'waiting')
    expect(project.reason).toMatch(text)
    expect(bench.task(id, 'note')).toMatchObject({ state: 'waiting', waiting_on: 'resource' })
    expect(bench.task(id, 'note').reason).toMatch(text)
    expect(asked(double)).toHaveLength(1)
    expect(bench.core.budget.get().global).toMatchObject({ settled_micros: 0, reserved_micros: 0 })
    must(await bench.core.services.check('anthropic'))
    await bench.reaches(id, 'succeeded')
    await expectDrained(bench, double)
  })

  test('P2 a wrong key refuses planning at once, with what to do', async () => {
    const double = await anthropicDouble({ keys: ['another'] })
    const { core } = await coreBench({ anthropic: double })
    const { id } = must(
      await core.projects.create({
        requirements: 'Write',
        attachments: [],
        local_only: false,
        can_wait: false,
        priority: 1,
      }),
    )
    const planned = await core.projects.plan(id)
    expect(planned).toMatchObject({ ok: false, error: { code: 'unavailable' } })
    expect(JSON.stringify(planned)).toMatch(/does not accept the API key/)
  })
})

describe('what heals by itself is asked again', () => {
  const healing: [string, Behaviour][] = [
    ['429 without retry-after', { kind: 'rate_limit' }],
    ['429 with retry-after', { kind: 'rate_limit', retry_after_s: 1 }],
    ['529', { kind: 'overloaded' }],
    ['a server error', { kind: 'server_error' }],
    ['an error in the stream', { kind: 'stream_error' }],
    ['a cut stream', { kind: 'stream_cut' }],
    ['a stream that ends too early without an error', { kind: 'stream_end' }],
  ]
  test.each(healing)('E3 %s', async (_name, trouble) => {
    const { double, bench, id } = await troubled(trouble)
    await bench.reaches(id, 'succeeded')
    expect(steps(bench, id)[0]).toMatchObject({
      kind: 'model',
      state: expect.stringMatching(/failed|unknown/) as string,
    })
    expect(steps(bench, id)[1]).toMatchObject({ kind: 'model', state: 'done' })
    await expectDrained(bench, double)
    const isLost = ['stream_error', 'stream_cut', 'stream_end', 'server_error'].includes(trouble.kind)
    expect(bench.core.budget.get().global.unconfirmed_micros > 0).toBe(isLost)
  })

  test('E3 retry-after holds all tasks of the provider until then, and says when', async () => {
    const double = await anthropicDouble({ queue: [{ kind: 'rate_limit', retry_after_s: 3_600 }] })
    const bench = await coreBench({ anthropic: double })
    must(await bench.core.settings.change({ max_concurrent: 1 }))
    const { id } = await bench.start([{ key: 'a' }, { key: 'b' }])
    await bench.reaches(id, 'waiting')
    await bench.taskReaches(id, 'b', 'waiting')
    for (const key of ['a', 'b']) {
      const task = bench.task(id, key)
      expect(task).toMatchObject({ state: 'waiting', waiting_on: 'rate_limit' })
      const wait = Date.parse(task.resumes_at ?? '') - Date.now()
      expect(wait).toBeGreaterThan(3_000_000)
      expect(wait).toBeLessThanOrEqual(3_600_000)
      expect(task.reason).toContain('Goes on at ')
    }
    // The second was not even asked.
    expect(asked(double)).toHaveLength(1)
    expect(bench.core.services.list().find((service) => service.name === 'anthropic')?.state).toBe('degraded')
  })

  test('E3 gives up after its retries, and says how often it tried', async () => {
    const double = await anthropicDouble({ default: { kind: 'overloaded' } })
    const bench = await coreBench({ anthropic: double })
    must(await bench.core.settings.change({ max_retries: 2 }))
    const { id } = await bench.start(ONE)
    const project = await bench.reaches(id, 'failed')
    expect(project.reason).toMatch(/overloaded.*tried 3 times/i)
    expect(asked(double)).toHaveLength(3)
    await expectDrained(bench, double)
    double.setDefault({ kind: 'answer' })
    must(await bench.core.tasks.retry(bench.task(id, 'note').id, 'step'))
    await bench.reaches(id, 'succeeded')
  })
})

describe('what asking again does not mend ends the task with the reason', () => {
  const hopeless: [string, Behaviour, RegExp][] = [
    ['a refusal', { kind: 'refusal' }, /declined to answer.*wording/],
    ['a context that is too long', { kind: 'context_too_long' }, /does not fit.*Split the task/],
  ]
  test.each(hopeless)('R1 %s', async (_name, trouble, text) => {
    const { double, bench, id } = await troubled(trouble)
    const project = await bench.reaches(id, 'failed')
    expect(project.reason).toMatch(text)
    expect(bench.task(id, 'note')).toMatchObject({ state: 'failed' })
    expect(project.result?.not_done).toMatchObject([{ state: 'failed' }])
    await expectDrained(bench, double)
  })
})

test('R4 a paid model without a price is refused before a byte is sent', async () => {
  const double = await anthropicDouble()
  const bench = await coreBench({ anthropic: double })
  must(await bench.core.models.put(profile({ name: 'mystery', model: 'claude-mystery-9' })))
  const project = await bench.start(ONE, { profile: 'mystery' })
  const { reason } = await bench.reaches(project.id, 'waiting')
  expect(reason).toMatch(/No price is known for claude-mystery-9.*Enter one/)
  expect(asked(double)).toHaveLength(0)
})

describe('Ollama', () => {
  test('R1 malformed NDJSON, a cut stream and a bad tool call each have a clear end', async () => {
    const double = await ollamaDouble({ queue: [{ kind: 'malformed' }, { kind: 'stream_cut' }] })
    const bench = await coreBench({ ollama: double.url })
    const { id } = await bench.start(ONE)
    const project = await bench.reaches(id, 'failed')
    expect(project.reason).toMatch(/not of its format.*Try again/)
    must(await bench.core.tasks.retry(bench.task(id, 'note').id, 'step'))
    // The second trouble heals by itself.
    await bench.reaches(id, 'succeeded')
    expect(asked(double).map((call) => call.behaviour)).toEqual(
      expect.arrayContaining(['malformed', 'stream_cut', 'answer']),
    )
  })

  test.each(['prompt_truncated', 'answer'] as const)(
    'E7 a prompt that does not fit fails loudly where the server says %s',
    async (kind) => {
      const content = 'A gull. '.repeat(2_000)
      const double = await ollamaDouble({
        queue: [{ kind: 'answer', tool_calls: [{ name: 'write_file', arguments: { path: 'note.md', content } }] }],
        default: { kind },
      })
      const bench = await coreBench({ ollama: double.url })
      const small = { name: 'small', provider: 'ollama', model: 'llama3.2:latest', context_tokens: 2_048 } as const
      must(await bench.core.models.put(profile(small)))
      const { id } = await bench.start(ONE, { profile: 'small' })
      const project = await bench.reaches(id, 'failed')
      expect(project.reason).toMatch(/does not fit the window|did not fit/)
      expect(asked(double)[0]?.body).toMatchObject({ options: { num_ctx: 2_048 } })
    },
  )

  test('H2 planning is refused clearly while Ollama is not running', async () => {
    const { core } = await coreBench()
    const { id } = must(
      await core.projects.create({
        requirements: 'Write',
        attachments: [],
        local_only: true,
        can_wait: false,
        priority: 1,
      }),
    )
    const planned = await core.projects.plan(id)
    expect(planned).toMatchObject({ ok: false, error: { code: 'unavailable' } })
    expect(JSON.stringify(planned)).toMatch(/No local model is there. Start Ollama/)
  })

  test('H2 tasks wait while Ollama is gone, say so, and go on when it is back', async () => {
    const first = await startOllamaDouble()
    cleanup(() => first.close())
    const bench = await coreBench({ ollama: first.url })
    const { id } = await bench.start([{ key: 'a' }, { key: 'b', depends_on: ['a'] }, { key: 'c', depends_on: ['b'] }])
    await bench.taskReaches(id, 'a', 'succeeded')
    await first.close()
    await bench.reaches(id, 'waiting', 'succeeded')
    // However far it came before the server went, nothing is lost and the rest waits.
    const before = asked(first).filter((call) => call.outcome === 'answered').length
    if (bench.project(id).state === 'waiting') {
      expect(bench.project(id).reason).toMatch(/Ollama cannot be reached|No model/)
      expect(bench.tasks(id).some((task) => task.waiting_on === 'resource')).toBe(true)
    }
    const second = await startOllamaDouble({ port: first.port })
    cleanup(() => second.close())
    must(await bench.core.services.check('ollama'))
    await bench.reaches(id, 'succeeded')
    const questions = asked(second).map((call) => JSON.stringify(call.body))
    const answered = new Set(
      asked(first)
        .filter((call) => call.outcome === 'answered')
        .map((call) => JSON.stringify(call.body)),
    )
    expect(answered.size).toBe(before)
    expect(questions.filter((question) => answered.has(question))).toEqual([])
  })
})

describe('what a planner may return', () => {
  async function planned(...answers: Behaviour[]): Promise<{ bench: CoreBench; double: Double; id: string }> {
    const double = await anthropicDouble({ queue: answers })
    const bench = await coreBench({ anthropic: double })
    const { id } = await bench.plan('Write about gulls')
    return { bench, double, id }
  }
  const answer = (plan: unknown): Behaviour => ({
    kind: 'answer',
    text: typeof plan === 'string' ? plan : JSON.stringify(plan),
  })
  const task = (id: string, depends_on: string[] = []) => ({
    id,
    title: `Task ${id}`,
    description: '',
    type: 'writing',
    complexity: 'simple',
    tier: null,
    tools: ['write_file'],
    depends_on,
    acceptance: [],
    verify_command: null,
    write_scope: [],
    artifacts: [`${id}.md`],
  })
  const plan = (...tasks: unknown[]) => ({ title: 'Gulls', summary: '', tasks })

  test('P3 300 tasks are kept, every one', async () => {
    // The fields that may be missing are, so that 300 tasks fit into one answer.
    const brief = (each: string) => ({
      id: each,
      title: each,
      type: 'writing',
      complexity: 'simple',
      artifacts: [`${each}.md`],
    })
    const ids = Array.from({ length: 300 }, (_, index) => `t${index}`)
    const { bench, id } = await planned(answer(plan(...ids.map(brief))))
    const { plan_id } = bench.project(id)
    const [proposed] = must(bench.core.projects.plans(id)).items
    expect(proposed?.document.tasks.map((each) => each.key)).toEqual(ids)
    expect(proposed?.id).toBe(plan_id)
    must(await bench.core.plans.approve(proposed?.id ?? ''))
    expect(bench.tasks(id)).toHaveLength(300)
    must(await bench.core.projects.cancel(id))
  })

  const circle = answer(plan(task('a', ['b']), task('b', ['a'])))
  test('P3 a cycle goes back once with the reason, and the better plan is taken', async () => {
    const { bench, double, id } = await planned(circle)
    expect(bench.project(id).state).toBe('awaiting_approval')
    expect(asked(double)).toHaveLength(2)
    expect(JSON.stringify(asked(double)[1]?.body)).toMatch(/wait for each other|cycle|circle/i)
  })

  test('P3 a second cycle is a clear error, and another plan may be asked for', async () => {
    const { bench, double, id } = await planned(circle, circle)
    const failed = bench.project(id)
    expect(failed.state).toBe('failed')
    expect(failed.reason).toMatch(/could not be used, also after it was told why.*write the plan by hand/)
    expect(asked(double)).toHaveLength(2)
    await expectDrained(bench, double)
    must(await bench.core.projects.plan(id))
    await bench.reaches(id, 'awaiting_approval')
  })

  test('P3 prose around the plan is passed over', async () => {
    const text = `Certainly! Here is a plan {for you}:\n\`\`\`json\n${JSON.stringify(plan(task('a')))}\n\`\`\`\nEnjoy!`
    const { bench, id } = await planned(answer(text))
    expect(bench.project(id).state).toBe('awaiting_approval')
  })

  const useless: [string, Behaviour][] = [
    ['prose without a plan', answer('I think you should write about gulls yourself.')],
    ['a plan that was cut', { kind: 'max_tokens', text: JSON.stringify(plan(task('a'), task('b'), task('c'))) }],
    ['10 MB of text', { kind: 'answer', output_bytes: 10_000_000 }],
  ]
  test.each(useless)('P3 %s goes back once, and is mended', async (_name, first) => {
    const { bench, double, id } = await planned(first)
    expect(bench.project(id).state).toBe('awaiting_approval')
    expect(asked(double)).toHaveLength(2)
    await expectDrained(bench, double)
    // What went back is a beginning, not the whole.
    expect(JSON.stringify(asked(double)[1]?.body).length).toBeLessThan(100_000)
  })
})

describe('what a model may do with tools', () => {
  const call = (name: string, given: Record<string, unknown>): Behaviour => ({
    kind: 'answer',
    tool_calls: [{ name, arguments: given }],
  })

  test('T1 wrong calls come back as results, and the work goes on', async () => {
    const { double, bench, id } = await troubled(
      call('launch_rocket', { to: 'moon' }),
      call('write_file', { path: 7 }),
      call('write_file', { path: '../outside.md', content: 'x' }),
      call('read_file', { path: '.env' }),
    )
    await bench.reaches(id, 'succeeded')
    const results = steps(bench, id).filter((step) => step.kind === 'tool')
    const shown = results.map((step) => step.error ?? '')
    expect(shown[0]).toMatch(/launch_rocket/)
    expect(shown[1]).toMatch(/path/)
    expect(shown[2]).toMatch(/outside/)
    expect(shown[3]).toMatch(/\.env/)
    // The model was told each.
    const last = JSON.stringify(asked(double).at(-2)?.body)
    expect(last).toContain('"is_error":true')
    expect(readFileSync(join(bench.project(id).workspace, 'note.md'), 'utf8')).not.toBe('')
  })

  test('T1 a tool call that is no JSON has no effect, comes back as a result, and the work goes on', async () => {
    const half = { name: 'write_file', arguments: { path: 'note.md', content: 'half' } }
    const { double, bench, id } = await troubled({ kind: 'bad_tool_call', tool_calls: [half] })
    await bench.reaches(id, 'succeeded')
    const [first] = steps(bench, id).filter((step) => step.kind === 'tool')
    expect(first?.error).toMatch(/arguments of write_file are not JSON/)
    expect(JSON.stringify(asked(double)[1]?.body)).toContain('"is_error":true')
    expect(readFileSync(join(bench.project(id).workspace, 'note.md'), 'utf8')).not.toBe('half')
    expect(bench.task(id, 'note').attempts).toBe(1)
    await expectDrained(bench, double)
  })

  test('T1 E3 a call that Gemini or Ollama could not read is asked for again, within the same attempt', async () => {
    const half = { name: 'write_file', arguments: { path: 'note.md', content: 'half' } }
    const trouble: Behaviour = { kind: 'bad_tool_call', tool_calls: [half] }
    const google = await googleDouble({ queue: [trouble] })
    const ollama = await ollamaDouble({ queue: [trouble] })
    const bench = await coreBench({
      ollama: ollama.url,
      google,
    })
    const { id } = await bench.start([
      { key: 'far', tier: 'fast' },
      { key: 'near', tier: 'local' },
    ])
    await bench.reaches(id, 'succeeded')
    expect([google, ollama].map((double) => asked(double)[0]?.behaviour)).toEqual(['bad_tool_call', 'bad_tool_call'])
    expect(bench.core.budget.get().global.settled_micros).toBe(billed(google))
  })

  test('E6 a model that never stops calling tools is stopped', async () => {
    const double = await anthropicDouble({ default: call('list_files', {}) })
    const bench = await coreBench({ anthropic: double })
    must(await bench.core.settings.change({ max_turns: 5, highest_tier: 'fast' }))
    const { id } = await bench.start(ONE)
    const { reason } = await bench.reaches(id, 'failed')
    expect(reason).toMatch(/still calling tools after 5 turns/)
    expect(asked(double)).toHaveLength(5)
  })

  test('G3 a model that says it is done without doing it is found out and repaired', async () => {
    const { bench, id } = await troubled({ kind: 'answer', text: 'Done, all is written.' })
    await bench.reaches(id, 'succeeded')
    expect(lastRun(bench, id)).toMatchObject({ repairs: 1, state: 'succeeded' })
    const marks = must(bench.core.runs.events(lastRun(bench, id).id)).map((event) => `${event.node} ${event.phase}`)
    expect(marks).toContain('verifier failed')
    expect(marks).toContain('repair completed')
  })

  test('R1 10 MB in one answer are taken without a crash', async () => {
    const { double, bench, id } = await troubled({ kind: 'answer', output_bytes: 10_000_000 })
    await eventually('an end', () => ['succeeded', 'failed'].includes(bench.project(id).state))
    expect(bench.project(id)).toMatchObject({ state: 'succeeded' })
    await expectDrained(bench, double)
  })
})
