import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { newProject } from '../../src-contract/project.ts'
import type { ContextImage } from '../../src-contract/run-context.ts'
import { imageFormat } from '../../src-main/core/image/image-format.ts'
import { imageSize } from '../../src-main/core/image/image-size.ts'
import { toAnthropicBody } from '../../src-main/core/model/anthropic-request.ts'
import type { ModelImage, ModelRequest } from '../../src-main/core/model/provider.ts'
import { inputBound } from '../../src-main/core/run/open-call.ts'
import { BILLED_MODELS, PromptCache } from '../doubles/anthropic-billing.ts'
import { type AnthropicBlock, blocksOf, checkBody } from '../doubles/anthropic-check.ts'
import type { Double } from '../doubles/double-server.ts'
import { IMAGE_HEADERS, type ImageHeader } from '../doubles/image-header.ts'
import { pngOf } from '../doubles/png.ts'
import type { RecordedCall } from '../doubles/record.ts'
import { withRows } from '../support/archive.ts'
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

const file = (name: string, content: Uint8Array) => ({ name, base64: Buffer.from(content).toString('base64') })

/** The first message of a call of Anthropic's. */
function firstBlocks(body: unknown): AnthropicBlock[] {
  const checked = checkBody(body, '2026-10-21')
  if (!checked.ok) throw new Error(checked.why)
  return blocksOf(checked.body.messages[0]?.content ?? '')
}

function imagesInBody(body: unknown): string[] {
  return firstBlocks(body).flatMap((block) => (block.type === 'image' ? [block.source.data] : []))
}

function imagesIn(call: RecordedCall | undefined): string[] {
  return imagesInBody(call?.body)
}

function textIn(call: RecordedCall | undefined): string {
  return firstBlocks(call?.body)
    .flatMap((block) => (block.type === 'text' ? [block.text] : []))
    .join('\n')
}

async function contextOf(bench: CoreBench, projectId: string, key: string): Promise<ContextImage[]> {
  const run = must(bench.core.tasks.runs(bench.task(projectId, key).id)).items.at(-1)
  return must(bench.core.runs.context(run?.id ?? '')).images
}

test('P1 the planner and each task are shown attached images, before the text, and the journal names them by digest', async () => {
  const double = await anthropicDouble()
  const bench = await coreBench({ anthropic: double })
  const [owl, gull] = [pngOf(40, 30, 0x336699), pngOf(300, 200, 0xffffff)]
  // What it is counts, not its name.
  const attachments = [file('owl.png', owl), file('gull.txt.bin', gull), { name: 'a.png', text: 'no image at all' }]
  const project = await bench.plan('Compare the birds', { attachments })
  const planned = asked(double)[0]
  expect(firstBlocks(planned?.body).map(({ type }) => type)).toEqual(['image', 'image', 'text'])
  expect(imagesIn(planned)).toEqual([owl.toString('base64'), gull.toString('base64')])
  expect(textIn(planned)).toContain('1. inputs/owl.png (40 × 30 pixels)\n2. inputs/gull.txt.bin (300 × 200 pixels)')
  expect(textIn(planned)).not.toContain('NOT shown')

  const plan = must(bench.core.plans.get(project.plan_id ?? ''))
  must(await bench.core.plans.approve(plan.id, 5_000_000))
  await bench.reaches(project.id, 'succeeded')
  const working = asked(double).filter((call) => textIn(call).includes('## Your task'))
  expect(working.length).toBeGreaterThan(plan.document.tasks.length)
  for (const call of working) expect(imagesIn(call)).toHaveLength(2)

  const inputs = stepInputs(bench.data_dir).filter((input) => input.includes('inputs/owl.png'))
  expect(inputs.length).toBeGreaterThan(0)
  for (const input of inputs) expect(input).not.toContain(gull.toString('base64').slice(0, 60))
  expect(must(await bench.core.usage.summary('model')).total.cost_micros).toBe(billed(double))
})

function reservations(dataDir: string): { readonly amount_micros: number; readonly settled_micros: number }[] {
  const database = new Database(join(dataDir, 'baton.db'), { readonly: true })
  try {
    return database
      .prepare<[], { amount_micros: number; settled_micros: number }>(
        'SELECT amount_micros, settled_micros FROM reservation',
      )
      .all()
  } finally {
    database.close()
  }
}

function stepInputs(dataDir: string): string[] {
  const database = new Database(join(dataDir, 'baton.db'), { readonly: true })
  try {
    return database.prepare<[], string>("SELECT input FROM step WHERE kind = 'model'").pluck().all()
  } finally {
    database.close()
  }
}

test('P1 an image that cannot be shown is named with the reason, in the prompt and in the context', async () => {
  const double = await anthropicDouble()
  const bench = await coreBench({ anthropic: double })
  const large = Buffer.concat([pngOf(2, 2, 1).subarray(0, -12), Buffer.alloc(3_750_000), pngOf(2, 2, 1).subarray(-12)])
  const attachments = [
    file('cut.png', pngOf(20, 20, 7).subarray(0, -4)),
    file('wide.png', pngOf(8_001, 1, 7)),
    file('large.png', large),
    ...[1, 2, 3, 4, 5, 6].map((n) => file(`${n}.png`, pngOf(n, n, n))),
  ]
  const { id } = await bench.start([{ key: 'a' }], { attachments })
  await bench.reaches(id, 'succeeded')
  const said = textIn(asked(double)[0])
  expect(imagesIn(asked(double)[0])).toHaveLength(5)
  expect(said).toContain('5. inputs/5.png (5 × 5 pixels)')
  expect(said).toContain('- inputs/cut.png: It is damaged or not whole.')
  expect(said).toContain('- inputs/wide.png: It has 8001 × 1 pixels; models are shown 8000 a side at most.')
  expect(said).toContain(`- inputs/large.png: It has ${large.length} bytes; models are shown 3750000 at most.`)
  expect(said).toContain('- inputs/6.png: Models are shown the first 5 images.')
  const images = await contextOf(bench, id, 'a')
  expect(images.filter(({ left_out }) => left_out !== null).map(({ path }) => path)).toEqual([
    'inputs/cut.png',
    'inputs/wide.png',
    'inputs/large.png',
    'inputs/6.png',
  ])
})

test('P1 images of more than 12 MB together are not all sent, and those that are not are named', async () => {
  const double = await anthropicDouble()
  const bench = await coreBench({ anthropic: double })
  const heavy = (n: number) =>
    Buffer.concat([pngOf(n, 2, 1).subarray(0, -12), Buffer.alloc(3_500_000), pngOf(n, 2, 1).subarray(-12)])
  const { id } = await bench.start([{ key: 'a' }], {
    attachments: [1, 2, 3, 4].map((n) => file(`${n}.png`, heavy(n))),
  })
  await bench.reaches(id, 'succeeded')
  expect(imagesIn(asked(double)[0])).toHaveLength(3)
  expect(textIn(asked(double)[0])).toContain('- inputs/4.png: Models are shown 12000000 bytes of images at most.')
})

test('E5 P1 a run that goes on after a restart shows what was attached, whatever became of the file, and repeats no step', async () => {
  const double = await anthropicDouble({
    queue: [{ kind: 'answer', tool_calls: [{ name: 'list_files', arguments: {} }] }, { kind: 'hang' }],
  })
  const bench = await coreBench({ anthropic: double })
  const images = [pngOf(10, 10, 1), pngOf(10, 10, 2)]
  const attachments = [file('a.png', images[0] ?? new Uint8Array()), file('b.png', images[1] ?? new Uint8Array())]
  const { id, workspace } = await bench.start([{ key: 'a' }], { attachments })
  await eventually('the second call', () => asked(double).length === 2)
  await bench.close(0)
  writeFileSync(join(workspace, 'inputs', 'a.png'), pngOf(99, 99, 3))
  rmSync(join(workspace, 'inputs', 'b.png'))
  await bench.reopen()
  await bench.reaches(id, 'succeeded')
  const working = asked(double).filter((call) => textIn(call).includes('## Your task'))
  expect(working.length).toBeGreaterThan(2)
  for (const call of working) expect(imagesIn(call)).toEqual(images.map((image) => image.toString('base64')))
  // The first was answered and is not asked again: each call after it has its answer.
  for (const call of working.slice(1)) expect(JSON.stringify(call.body)).toContain('"tool_result"')
  expect(billed(double)).toBeLessThanOrEqual(must(await bench.core.usage.summary('model')).total.cost_micros)
})

test('E5 P1 a run that goes on after a restart is told the same of an image that was too large, whatever became of the file', async () => {
  const double = await anthropicDouble({
    queue: [{ kind: 'answer', tool_calls: [{ name: 'list_files', arguments: {} }] }, { kind: 'hang' }],
  })
  const bench = await coreBench({ anthropic: double })
  const { id, workspace } = await bench.start([{ key: 'a' }], { attachments: [file('wide.png', pngOf(8_001, 1, 7))] })
  await eventually('the second call', () => asked(double).length === 2)
  const [first] = asked(double)
  await bench.close(0)
  writeFileSync(join(workspace, 'inputs', 'wide.png'), pngOf(2, 2, 3))
  await bench.reopen()
  await bench.reaches(id, 'succeeded')
  const working = asked(double).filter((call) => textIn(call).includes('## Your task'))
  expect(working.length).toBeGreaterThan(2)
  for (const call of working) expect(textIn(call)).toBe(textIn(first))
})

test('P1 an image that was changed before any model was shown it is not shown as what was attached', async () => {
  const double = await anthropicDouble()
  const bench = await coreBench({ anthropic: double })
  const attachments = [file('a.png', pngOf(3, 3, 3))]
  const project = must(await bench.core.projects.create(newProject.parse({ requirements: 'Look', attachments })))
  writeFileSync(join(project.workspace, 'inputs', 'a.png'), pngOf(4, 4, 4))
  const plan = must(await bench.core.projects.addPlan(project.id, ONE_TASK, 'file'))
  must(await bench.core.plans.approve(plan.id, 5_000_000))
  await bench.reaches(project.id, 'succeeded')
  expect(imagesIn(asked(double)[0])).toEqual([])
  expect(textIn(asked(double)[0])).toContain('- inputs/a.png: It was changed since it was attached.')
})

const ONE_TASK = {
  title: 'A plan',
  tasks: [{ key: 'a', title: 'Write a', description: '', type: 'writing', complexity: 'medium', artifacts: ['a.md'] }],
}

test('D3 P1 what an archive says of the length of an attached image counts for nothing', async () => {
  const double = await anthropicDouble()
  const bench = await coreBench({ anthropic: double })
  const heavy = (n: number) =>
    Buffer.concat([pngOf(n, 2, 1).subarray(0, -12), Buffer.alloc(3_500_000), pngOf(n, 2, 1).subarray(-12)])
  const attachments = [1, 2, 3, 4].map((n) => file(`${n}.png`, heavy(n)))
  const here = must(await bench.core.projects.create(newProject.parse({ requirements: 'Look', attachments })))
  const archive = await buffer(must(await bench.core.archives.download(here.id)).content)
  const lying = await withRows(archive, 'attachment', (rows) => rows.map((row) => ({ ...row, bytes: 1 })))
  const { id } = must(await bench.core.archives.import(Readable.from([lying])))
  const plan = must(await bench.core.projects.addPlan(id, ONE_TASK, 'file'))
  must(await bench.core.plans.approve(plan.id, 5_000_000))
  await bench.reaches(id, 'succeeded')
  expect(imagesIn(asked(double)[0])).toHaveLength(3)
  expect((await contextOf(bench, id, 'a')).map(({ bytes }) => bytes)).toEqual([1, 2, 3, 4].map((n) => heavy(n).length))
})

/** Seven pixels wide and five high. */
const GIF = 'R0lGODlhBwAFAPAAAP8AAAAAACH5BAAAAAAALAAAAAAHAAUAAAIFhI+puwUAOw=='

/** What a call of Ollama's chat begins with. */
const ollamaChat = z.object({
  messages: z.array(z.object({ content: z.string(), images: z.array(z.string()).optional() })),
})

function ollamaWork(double: Double): z.infer<typeof ollamaChat>['messages'][number][] {
  const firsts = asked(double).map(({ body }) => ollamaChat.parse(body).messages[1])
  return firsts
    .filter((message) => message?.content.includes('## Your task') === true)
    .flatMap((message) => message ?? [])
}

test('P1 R7 a local model that can look at images is shown them, and not a byte of them leaves the machine', async () => {
  const anthropic = await anthropicDouble()
  const ollama = await ollamaDouble({ models: ['gemma3'], sighted: ['gemma3'] })
  const bench = await coreBench({ anthropic, ollama: ollama.url })
  const image = pngOf(64, 48, 0x00ff00)
  const gif = Buffer.from(GIF, 'base64')
  const { id } = await bench.start([{ key: 'a', tier: 'strong' }], {
    local_only: true,
    attachments: [file('b.gif', gif), file('a.png', image)],
  })
  await bench.reaches(id, 'succeeded')
  const work = ollamaWork(ollama)
  expect(work.length).toBeGreaterThan(0)
  for (const message of work) expect(message.images).toEqual([image.toString('base64')])
  expect(work[0]?.content).toContain('1. inputs/a.png (64 × 48 pixels)')
  expect(work[0]?.content).toMatch(
    /- inputs\/b\.gif: gemma3:latest cannot look at images of the kind image\/gif, only at PNG, JPEG\./,
  )
  expect(asked(anthropic)).toEqual([])
})

test('P1 a model that cannot look at images is told that there are some, and so is who reads the context', async () => {
  const ollama = await ollamaDouble()
  const bench = await coreBench({ ollama: ollama.url })
  const { id } = await bench.start([{ key: 'a', tier: 'local' }], { attachments: [file('a.png', pngOf(9, 9, 9))] })
  await bench.reaches(id, 'succeeded')
  const [first] = ollamaWork(ollama)
  expect(first?.images).toBeUndefined()
  expect(first?.content).toContain('- inputs/a.png: llama3.2:latest cannot look at images.')
  expect(first?.content).toContain('Never pretend to have seen them.')
  expect(await contextOf(bench, id, 'a')).toMatchObject([
    { path: 'inputs/a.png', left_out: 'llama3.2:latest cannot look at images.' },
  ])
})

test('E5 P1 a run goes on after a restart with what it was shown, also where Ollama does not say then what its model sees', async () => {
  const broken = new Set<string>()
  const ollama = await ollamaDouble({
    models: ['gemma3'],
    sighted: ['gemma3'],
    broken,
    queue: [{ kind: 'answer', tool_calls: [{ name: 'list_files', arguments: {} }] }, { kind: 'hang' }],
  })
  const bench = await coreBench({ ollama: ollama.url })
  const image = pngOf(9, 9, 9)
  const { id } = await bench.start([{ key: 'a', tier: 'local' }], { attachments: [file('a.png', image)] })
  await eventually('the second call', () => asked(ollama).length === 2)
  await bench.close(0)
  broken.add('/api/show')
  await bench.reopen()
  await bench.reaches(id, 'succeeded')
  const work = ollamaWork(ollama)
  expect(work.length).toBeGreaterThan(2)
  for (const message of work) expect(message).toEqual({ ...work[0], images: [image.toString('base64')] })
})

test('P1 a run whose model was not known to see is shown the images as soon as that is known', async () => {
  const broken = new Set(['/api/show'])
  const ollama = await ollamaDouble({
    models: ['gemma3'],
    sighted: ['gemma3'],
    broken,
    queue: [{ kind: 'answer', tool_calls: [{ name: 'list_files', arguments: {} }] }, { kind: 'hang' }],
  })
  const bench = await coreBench({ ollama: ollama.url })
  const { id } = await bench.start([{ key: 'a', tier: 'local' }], { attachments: [file('a.png', pngOf(9, 9, 9))] })
  await eventually('the second call', () => asked(ollama).length === 2)
  await bench.close(0)
  broken.clear()
  await bench.reopen()
  await bench.reaches(id, 'succeeded')
  const work = ollamaWork(ollama)
  expect(work[0]?.images).toBeUndefined()
  expect(work[0]?.content).toContain('- inputs/a.png: It is not known whether gemma3:latest can look at images.')
  expect(work.at(-1)?.images).toHaveLength(1)
  expect(await contextOf(bench, id, 'a')).toMatchObject([{ path: 'inputs/a.png', left_out: null }])
})

test('P1 a run that goes on with another model is shown what that one can see', async () => {
  const anthropic = await anthropicDouble({ queue: [{ kind: 'no_model' }] })
  const ollama = await ollamaDouble()
  const bench = await coreBench({ anthropic, ollama: ollama.url })
  const other = {
    name: 'llama',
    provider: 'ollama',
    model: 'llama3.2:latest',
    display_name: 'Llama',
    rank: 200,
  } as const
  must(await bench.core.models.put(profile(other)))
  const { id } = await bench.start([{ key: 'a', tier: 'fast' }], { attachments: [file('a.png', pngOf(9, 9, 9))] })
  await bench.reaches(id, 'succeeded')
  expect(imagesIn(asked(anthropic)[0])).toHaveLength(1)
  expect(ollamaWork(ollama)[0]?.content).toContain('cannot look at images.')
  expect(await contextOf(bench, id, 'a')).toMatchObject([{ left_out: 'Llama cannot look at images.' }])
})

const batchBody = z.object({ requests: z.array(z.object({ params: z.unknown() })) })

test('P1 R5 calls that wait for a batch take their images along', async () => {
  const double = await anthropicDouble()
  const bench = await coreBench({ anthropic: double })
  must(await bench.core.settings.change({ batch_window_ms: 20, batch_poll_ms: 5, batch_poll_cap_ms: 20 }))
  const image = pngOf(50, 60, 5)
  const { id } = await bench.start([{ key: 'a' }], { can_wait: true, attachments: [file('a.png', image)] })
  await bench.reaches(id, 'succeeded')
  const batches = double.record.calls.filter(({ method, path }) => method === 'POST' && path === '/v1/messages/batches')
  const sent = batches.flatMap(({ body }) => batchBody.parse(body).requests.map(({ params }) => params))
  expect(sent.length).toBeGreaterThan(0)
  for (const params of sent) expect(imagesInBody(params)).toEqual([image.toString('base64')])
  expect(must(await bench.core.usage.summary('model')).total.cost_micros).toBe(billed(double))
})

test('R5 E6 a call whose image or text cannot be read any more fails alone, and says why; the others of its batch go on', async () => {
  const double = await anthropicDouble()
  const bench = await coreBench({ anthropic: double })
  // None leaves before all have come.
  must(await bench.core.settings.change({ batch_window_ms: 3_600_000, batch_max_requests: 4, batch_poll_ms: 5 }))
  const image = pngOf(50, 60, 5)
  const shown = await bench.start([{ key: 'a' }], { can_wait: true, attachments: [file('a.png', image)] })
  // So long that the journal keeps it as a file.
  const description = '"Owls" '.repeat(2_800)
  const long = await bench.start([{ key: 'a', description, tier: 'strong' }], {
    can_wait: true,
    requirements: description.repeat(10),
  })
  const plain = await bench.start([{ key: 'a' }], { can_wait: true })
  for (const { id } of [shown, long, plain])
    await eventually('its call', () => bench.task(id, 'a').waiting_on === 'batch')
  const kept = readdirSync(join(bench.data_dir, 'blobs'), { recursive: true, withFileTypes: true })
  const lost = kept.filter((entry) => entry.isFile())
  expect(lost).toHaveLength(2)
  for (const { parentPath, name } of lost) rmSync(join(parentPath, name))
  must(await bench.core.settings.change({ batch_window_ms: 20, batch_poll_cap_ms: 20 }))
  await bench.reaches(plain.id, 'succeeded')
  await bench.taskReaches(shown.id, 'a', 'failed')
  await bench.taskReaches(long.id, 'a', 'failed')
  expect(bench.task(shown.id, 'a').reason).toContain('The image inputs/a.png cannot be sent')
  expect(bench.task(long.id, 'a').reason).toContain('What was to be asked cannot be read')
  expect(bench.core.budget.get().global.reserved_micros).toBe(0)
  expect(must(await bench.core.usage.summary('model')).total.cost_micros).toBe(billed(double))
})

/** The part of a call of Gemini's that is looked at here. */
const googleCall = z.object({
  contents: z.array(
    z.object({
      parts: z.array(
        z.looseObject({ text: z.string().optional(), inlineData: z.object({ data: z.string() }).optional() }),
      ),
    }),
  ),
})

test('P1 B2 Gemini is shown images before the text, and what it bills for them was set aside', async () => {
  const google = await googleDouble()
  const bench = await coreBench({ google })
  const images = [1, 2, 3, 4, 5].map((n) => pngOf(n, 2_000, n))
  const attachments = [file('b.gif', Buffer.from(GIF, 'base64')), ...images.map((image, n) => file(`${n}.png`, image))]
  const { id } = await bench.start([{ key: 'a', tier: 'fast' }], { attachments, profile: 'gemini-flash' })
  await bench.reaches(id, 'succeeded')
  const work = asked(google).filter(({ body }) => JSON.stringify(body).includes('## Your task'))
  expect(work.length).toBeGreaterThan(1)
  for (const { body, tokens } of work) {
    const parts = googleCall.parse(body).contents[0]?.parts ?? []
    const sent = parts.map(({ inlineData }) => inlineData?.data)
    expect(sent).toEqual([...images.map((image) => image.toString('base64')), undefined])
    expect(parts.at(-1)?.text).toMatch(/- inputs\/b\.gif: .* cannot look at images of the kind image\/gif/)
    // Five images are 5,600 tokens of each call.
    expect(tokens.input + tokens.cache_read).toBeGreaterThan(5_600)
  }
  expect(must(await bench.core.usage.summary('model')).total.cost_micros).toBe(billed(google))
  const booked = reservations(bench.data_dir)
  expect(booked.length).toBe(asked(google).length)
  for (const { amount_micros, settled_micros } of booked) expect(settled_micros).toBeLessThanOrEqual(amount_micros)
})

/** A request of one message with images of these sizes, as it is written down. */
function requestOf(
  model: string,
  sizes: readonly Pick<ImageHeader, 'width' | 'height'>[],
  media_type: ImageHeader['media_type'] = 'image/png',
): ModelRequest {
  const images = sizes.map(
    (size, index): ModelImage => ({
      path: `inputs/${index}.png`,
      sha256: String(index).repeat(64),
      media_type,
      bytes: 100,
      ...size,
    }),
  )
  return { model, system: '', messages: [{ role: 'user', text: 'Look', images }], tools: [], max_tokens: 1_024 }
}

test.each(Object.entries(IMAGE_HEADERS))(
  'B2 no %s that may be sent is billed above what is set aside for it',
  (_, headerOf) => {
    const side = fc.oneof(
      fc.integer({ min: 1, max: 8_000 }),
      fc.constantFrom(1, 28, 29, 1_568, 1_569, 2_576, 2_577, 8_000),
    )
    const sizes = fc.array(fc.record({ width: side, height: side }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.constantFrom(...BILLED_MODELS), sizes, (model, all) => {
        const files = all.map(({ width, height }) => headerOf(width, height))
        const format = imageFormat(files[0] ?? Buffer.of())
        if (format === null) throw new Error('It is no image')
        // What is set aside goes by the size that Baton reads, what is billed by the one that the double reads.
        const read = files.map((content) => imageSize(content, format) ?? { width: 0, height: 0 })
        const request = requestOf(model, read, format.media_type)
        const [message] = request.messages
        if (message?.role !== 'user') throw new Error('It begins with the user')
        const sent = (message.images ?? []).map((image, index) => ({
          ...image,
          base64: files[index]?.toString('base64') ?? '',
        }))
        const body = toAnthropicBody({ ...request, messages: [{ ...message, images: sent }] }, null)
        const checked = checkBody(body, '2026-10-21')
        if (!checked.ok) throw new Error(checked.why)
        const tokens = new PromptCache().take(checked.body)
        const prompt = tokens.input + tokens.cache_write_5m + tokens.cache_write_1h + tokens.cache_read
        expect(prompt).toBeLessThanOrEqual(inputBound(request, 'anthropic'))
      }),
    )
  },
)

test('B2 what five large images cost alone is more than is set aside for the words about them', () => {
  const sizes = [1, 2, 3, 4, 5].map(() => ({ width: 2_576, height: 1_400 }))
  const request = requestOf('claude-opus-5', sizes)
  const without = inputBound(
    { ...request, messages: [{ role: 'user', text: JSON.stringify(request.messages) }] },
    'anthropic',
  )
  expect(inputBound(request, 'anthropic') - without).toBeGreaterThan(5 * 92 * 50 - 1_024)
})

test('B2 an image for Gemini is set aside at its finest resolution, whatever its size', () => {
  const words = inputBound(requestOf('gemini-3.8-flash', []), 'google')
  const bound = inputBound(requestOf('gemini-3.8-flash', [{ width: 1, height: 1 }]), 'google')
  expect(bound - words).toBeGreaterThanOrEqual(2_240)
})

test('B2 images for a provider for which no bound is known are a bug, not a guess', () => {
  expect(() => inputBound(requestOf('m', [{ width: 1, height: 1 }]), 'openrouter')).toThrow('No bound is known')
})
