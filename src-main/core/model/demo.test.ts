import { mkdtemp, readFile as readDisk, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PlanDocument, PlanTask } from '#contract/plan.ts'
import { parsePlan } from '../plan/parse-plan.ts'
import { planOutputSchema } from '../plan/plan-schema.ts'
import { resourceFolder } from '../resource-folder.ts'
import { bareContext } from '../tool/bare-context.ts'
import { readFile } from '../tool/read-file.ts'
import { writeFile } from '../tool/write-file.ts'
import { DEFAULT_FILE_RULES } from '../workspace/file-rules.ts'
import { openLocalWorkspace } from '../workspace/local-workspace.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { createDemoProvider } from './demo.ts'
import { birdsAskedFor, monthsInWords } from './demo-birds.ts'
import type { ModelMessage, ModelReply, ModelRequest } from './provider.ts'

const known = { tools: ['read_file', 'write_file'] }
const demo = createDemoProvider()
const DESCRIBED = known.tools.map((name) => ({ name, description: name, parameters: {} }))

function request(hint: Record<string, unknown>, change: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'demo',
    system: 's',
    messages: [{ role: 'user', text: 'p' }],
    tools: [],
    max_tokens: 200_000,
    hint,
    ...change,
  }
}

async function ask(asked: ModelRequest): Promise<Extract<ModelReply, { ok: true }>> {
  let streamed = ''
  const onDelta = (delta: { text: string }) => {
    streamed += delta.text
  }
  const reply = await demo.complete(asked, { signal: new AbortController().signal, onDelta })
  if (!reply.ok) expect.fail(reply.fault.message)
  expect(streamed).toBe(reply.text)
  return reply
}

async function plan(requirements: string, note = ''): Promise<PlanDocument> {
  const hint = { purpose: 'plan', requirements, attachments: [], note }
  const reply = await ask(request(hint, { output_schema: planOutputSchema(known.tools) }))
  const parsed = parsePlan(reply.text, known)
  if (!parsed.ok) expect.fail(JSON.stringify(parsed.problems))
  expect(parsed.repairs).toEqual([])
  return parsed.document
}

let root: string
let workspace: Workspace

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'baton-demo-'))
  const opened = await openLocalWorkspace(root, DEFAULT_FILE_RULES)
  if (!opened.ok) expect.fail(opened.error.message)
  workspace = opened.value
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

/** Does a task as a run does: real tools, every result handed back, until the demo says that it is done. */
async function work(
  requirements: string,
  document: PlanDocument,
  task: PlanTask,
  conversation: ModelMessage[],
  change: object = {},
) {
  const depends = document.tasks.filter((other) => task.depends_on.includes(other.key))
  const hint = {
    purpose: 'task',
    requirements,
    attachments: [],
    task: { ...task, depends, round: 0, violations: [], ...change },
  }
  for (let turn = 0; turn < 12; turn += 1) {
    const reply = await ask(request(hint, { messages: conversation, tools: DESCRIBED, max_tokens: 8_192 }))
    conversation.push({ role: 'assistant', text: reply.text, tool_calls: reply.tool_calls })
    if (reply.tool_calls.length === 0) return reply.text
    expect(reply.stop_reason).toBe('tool_calls')
    expect(reply.usage.output).toBeLessThanOrEqual(8_192)
    for (const call of reply.tool_calls) {
      const context = bareContext(workspace)
      const result =
        call.name === 'write_file'
          ? await writeFile.execute(writeFile.parameters.parse(call.arguments), context, {})
          : await readFile.execute(readFile.parameters.parse(call.arguments), context, {})
      conversation.push({
        role: 'tool',
        tool_call_id: call.id,
        name: call.name,
        text: result.text,
        is_error: result.is_error,
      })
    }
  }
  return expect.fail('never ended')
}

const start = (): ModelMessage[] => [{ role: 'user', text: 'Do it.' }]

/** Does the whole plan, its tasks in the order in which it lists them. */
async function build(requirements: string): Promise<PlanDocument> {
  const document = await plan(requirements)
  for (const task of document.tasks) await work(requirements, document, task, start())
  return document
}

function disk(path: string): Promise<string> {
  return readDisk(join(root, path), 'utf8')
}

describe('R2 planning', () => {
  test('R2 plans the sample: birds side by side, then calendar, glossary and index', async () => {
    const sample = await readDisk(join(resourceFolder(), 'sample', 'requirement.md'), 'utf8')
    const { tasks } = await plan(sample)
    expect(tasks).toHaveLength(16)
    expect(tasks.filter((task) => task.artifacts[0]?.startsWith('birds/'))).toHaveLength(12)
    expect(tasks.at(-1)).toMatchObject({ type: 'integration', artifacts: ['index.md'] })
    expect(tasks.at(-1)?.depends_on).toHaveLength(15)
    expect(tasks.find((task) => task.key === 'glossary')?.depends_on).toHaveLength(12)
  })
  test.each([
    ['x', 4],
    ['🦉', 4],
    ['日本の鳥について書いてください。写真も必要です。', 4],
    ['اكتب عن الطيور. ثم عن البحيرة؟', 4],
    ['Do these:\n- wash the car\n- feed the cat\n- call Ann', 5],
    ['Write five poems about rain', 7],
    ['Make a page per team for six teams.', 8],
    ['Write hello.txt and data/list.json', 4],
    ['Write index.md', 4],
    ['Write index.md, overview.md, outline.md and credentials.json', 4],
  ])('R2 plans %s', async (requirements, count) => {
    const { tasks } = await plan(requirements)
    expect(tasks).toHaveLength(count)
    for (const path of tasks.flatMap((task) => task.artifacts)) expect(path).toMatch(/^[\w./-]+$/)
  })
  test('R2 writes every text through untouched, whatever its script', async () => {
    const { tasks } = await plan('日本の鳥について書いてください。写真も必要です。')
    expect(tasks[1]).toMatchObject({ title: '日本の鳥について書いてください。', artifacts: ['parts/part-01.md'] })
  })
  test('R2 plans 200,000 characters of any shape in a bounded plan', async () => {
    for (const text of [
      'Count owls. '.repeat(17_000),
      'x'.repeat(200_000),
      'a,'.repeat(100_000),
      '- item\n'.repeat(28_000),
      '`'.repeat(200_000),
    ]) {
      const { tasks } = await plan(text.slice(0, 200_000))
      expect(tasks.length).toBeGreaterThanOrEqual(4)
      expect(tasks.length).toBeLessThanOrEqual(40)
    }
  })
  test('R2 always gives a valid plan, and the same one for the same text', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.lorem({ maxCount: 60 }),
    )
    await fc.assert(
      fc.asyncProperty(text, async (requirements) => {
        const first = await plan(requirements)
        expect(first.tasks.length).toBeGreaterThanOrEqual(4)
        expect(await plan(requirements)).toEqual(first)
      }),
    )
  })
  test('R2 takes what the user wants changed into a revised plan', async () => {
    const text = 'A guide to the birds of Lake Constance for three birds'
    expect((await plan(text)).tasks.map((task) => task.key)).not.toContain('glossary')
    expect((await plan(text, 'Add a glossary')).tasks.map((task) => task.key)).toContain('glossary')
  })
  test('R2 knows only the birds of Lake Constance, and says how many', async () => {
    expect(birdsAskedFor('Write about the birds of Norway')).toBeNull()
    expect((await plan('One page per bird for 40 birds of Lake Constance')).summary).toMatch(
      /40 were asked for; the demo knows 18/,
    )
  })
})

describe('R2 working', () => {
  test('R2 makes the field guide with the real tools, wrong in one link until the finding comes', async () => {
    const sample = await readDisk(join(resourceFolder(), 'sample', 'requirement.md'), 'utf8')
    const document = await build(sample)
    const kingfisher = await disk('birds/common-kingfisher.md')
    expect(kingfisher).toMatch(/\*Alcedo atthis\*/)
    expect(kingfisher).toMatch(/Baton's demo model: no AI/)
    expect(await disk('calendar.md')).toMatch(/\[White stork\]\(birds\/white-stork\.md\) \| {3}\| ○ \| ● /)
    const index = document.tasks.at(-1)
    if (index === undefined) expect.fail('no index')
    expect(await disk('index.md')).toContain('missing-')
    expect(await disk('index.md')).toContain('[Common kingfisher](birds/common-kingfisher.md): A blue flash')

    const conversation: ModelMessage[] = [
      ...start(),
      { role: 'assistant', text: 'Done.', tool_calls: [] },
      { role: 'user', text: 'Not done.' },
    ]
    const report = await work(sample, document, index, conversation, { round: 1, violations: ['a link leads nowhere'] })
    expect(report).toMatch(/wrote index\.md/)
    const mended = await disk('index.md')
    expect(mended).not.toContain('missing-')
    for (const [, target] of mended.matchAll(/\]\(([^)]+)\)/g)) await disk(target ?? '')
    expect([...mended.matchAll(/\]\(/g)]).toHaveLength(15)
  })

  test('R2 writes files of every text kind so that they can be opened', async () => {
    const paths = ['a.txt', 'b.json', 'c.csv', 'd.yaml', 'e.html', 'f.svg', 'g.py', 'h.js', 'i.css', 'j.sh', 'k.ts']
    const document = await build(`Write ${paths.join(', ')}; say "hi" & <b>go</b>.`)
    expect(document.tasks).toHaveLength(13)
    expect(JSON.parse(await disk('b.json'))).toMatchObject({ title: 'b.json' })
    for (const path of paths) expect((await disk(path)).length).toBeGreaterThan(50)
  })

  test('R2 quotes requirements without turning them into links or markup', async () => {
    const requirements = 'See [this](nowhere) first.\nThen ```[that](gone)``` and <b>more</b>.\n'
    const document = await build(requirements)
    const outline = await disk('outline.md')
    expect(outline).toContain('````text\nSee [this](nowhere) first.')
    expect(outline).toContain('See \\[this\\](nowhere)')
    expect(document.tasks.length).toBeGreaterThanOrEqual(4)
  })

  test('R2 says what it cannot make instead of pretending', async () => {
    const document = await plan('Draw an owl')
    const task = { ...document.tasks[1], artifacts: ['owl.png'] } as PlanTask
    expect(await work('Draw an owl', document, task, start())).toMatch(/cannot make owl\.png/)
  })

  test('R2 writes many files in several turns where one answer cannot hold them', async () => {
    const document = await plan('Draw an owl')
    const artifacts = Array.from({ length: 30 }, (_, index) => `out/${index}.md`)
    const task = { ...document.tasks[1], description: 'word '.repeat(800), artifacts } as PlanTask
    const conversation = start()
    await work('Draw an owl', document, task, conversation)
    for (const path of artifacts) await disk(path)
    expect(conversation.filter((message) => message.role === 'assistant').length).toBeGreaterThan(3)
  })
})

test('R2 sums up what was done and what was not', async () => {
  const tasks = [
    { title: 'A', state: 'succeeded', artifacts: ['a.md'] },
    { title: 'B', state: 'skipped', artifacts: [] },
  ]
  const { text } = await ask(request({ purpose: 'summary', requirements: 'x', attachments: [], tasks }))
  expect(text).toMatch(/1 of 2 tasks.*Open a\.md first.*Not done: B \(skipped\).*no AI/)
})

test('R2 counts tokens, respects the output limit and says what it is without a hint', async () => {
  const free = await ask({ ...request({}), hint: { purpose: 'chat' } })
  expect(free.text).toMatch(/no AI/)
  expect(free.usage).toMatchObject({ output: Math.ceil(free.text.length / 4), cache_read: 0 })
  const cut = await ask(request({ purpose: 'plan', requirements: 'x' }, { max_tokens: 20 }))
  expect(cut).toMatchObject({ stop_reason: 'max_tokens', usage: { output: 20 } })
  expect(demo).toMatchObject({ id: 'demo', paid: false })
  expect(await demo.check(new AbortController().signal)).toMatchObject({ state: 'healthy', models: ['demo'] })
})

test('R2 stops at once when the call is cancelled, also between its pieces', async () => {
  const slow = createDemoProvider({ pace_ms: 3_600_000 })
  const control = new AbortController()
  const reply = slow.complete(request({ purpose: 'plan', requirements: 'x' }), {
    signal: control.signal,
    onDelta: () => undefined,
  })
  control.abort()
  expect(await reply).toMatchObject({ ok: false, fault: { kind: 'aborted', maybe_billed: false } })
})

test('R2 names months over the turn of the year', () => {
  expect(monthsInWords([9, 10, 11, 12, 1, 2])).toBe('September to February')
  expect(monthsInWords([2, 3, 9])).toBe('February to March and September')
  expect(monthsInWords([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])).toBe('all year')
})
