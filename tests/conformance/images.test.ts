import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Step } from '../../src-contract/run.ts'
import type { StreamItem } from '../../src-contract/stream-item.ts'
import { type ComfyuiDouble, type ComfyuiDoubleOptions, startComfyuiDouble } from '../doubles/comfyui-double.ts'
import type { Double } from '../doubles/double-server.ts'
import { cleanup } from '../support/cleanup.ts'
import { type CoreBench, coreBench, must, ollamaDouble, type TaskSketch } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const OWL = { path: 'owl.png', prompt: 'an owl at night', width: 128, height: 96, steps: 4 }
const TASK: TaskSketch = { key: 'owl', type: 'asset', tier: 'local', tools: ['generate_image'], artifacts: ['owl.png'] }

async function comfyuiDouble(options: ComfyuiDoubleOptions = {}): Promise<ComfyuiDouble> {
  const double = await startComfyuiDouble(options)
  cleanup(() => double.close())
  return double
}

/** A core whose model asks for an image of an owl, and then says that it is done. */
async function withOwl(comfyui: ComfyuiDouble, call: object = OWL): Promise<{ bench: CoreBench; ollama: Double }> {
  const ollama = await ollamaDouble({
    queue: [{ kind: 'answer', text: '', tool_calls: [{ name: 'generate_image', arguments: { ...call } }] }],
    default: { kind: 'answer', text: 'The owl is there.' },
  })
  const bench = await coreBench({ ollama: ollama.url, comfyui: comfyui.url })
  return { bench, ollama }
}

function imageSteps(bench: CoreBench, id: string): Step[] {
  const runs = must(bench.core.tasks.runs(bench.task(id, 'owl').id)).items
  return runs.flatMap((run) => must(bench.core.runs.steps(run.id))).filter((step) => step.name === 'generate_image')
}

test('H5 an image goes from a prompt to a checked file, with progress and previews on the way', async () => {
  const comfyui = await comfyuiDouble()
  const { bench } = await withOwl(comfyui)
  const seen: StreamItem[] = []
  const gone = new AbortController()
  const stream = bench.core.events.stream({}, gone.signal)
  const reading = (async () => {
    for await (const item of stream) seen.push(item)
  })()
  const { id } = await bench.start([TASK])
  const project = await bench.reaches(id, 'succeeded')
  gone.abort()
  await reading

  const png = readFileSync(join(project.workspace, 'owl.png'))
  expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a')
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([128, 96])
  expect(comfyui.accepted).toHaveLength(1)
  const sent = comfyui.calls.find((call) => call.path === '/prompt')?.body
  expect(JSON.stringify(sent)).toContain('an owl at night')
  expect(JSON.stringify(sent)).toContain('sd_xl_base_1.0.safetensors')

  const shown = seen.flatMap((item) =>
    item.kind === 'delta' && item.delta.type === 'run.progress' ? [item.delta.progress] : [],
  )
  expect(shown.map((progress) => `${progress.value}/${progress.max}`)).toContain('4/4')
  expect(shown.some((progress) => progress.preview?.media_type === 'image/png')).toBe(true)
  expect(imageSteps(bench, id)).toMatchObject([{ state: 'done', files_changed: ['owl.png'] }])
  const { items } = must(await bench.core.projects.artifacts(id))
  expect(items.map((file) => file.path)).toContain('owl.png')
  const image = must(await bench.core.projects.image(id, 'owl.png'))
  expect(image).toMatchObject({ media_type: 'image/png', bytes: png.byteLength })
  expect(Buffer.from(image.base64, 'base64').equals(png)).toBe(true)
})

test('H5 a dropped workflow is offered to models at once, and a broken one is told', async () => {
  const comfyui = await comfyuiDouble()
  const { bench, ollama } = await withOwl(comfyui)
  const { folder } = bench.core.services.imageTemplates()
  mkdirSync(folder, { recursive: true })
  const shipped = join(import.meta.dirname, '..', '..', 'resources', 'comfyui', 'smoke-test.json')
  copyFileSync(shipped, join(folder, 'my-own.json'))
  writeFileSync(join(folder, 'broken.json'), '{"nodes": [], "links": []}')
  const { templates, faults } = bench.core.services.imageTemplates()
  expect(templates.map((template) => template.name)).toEqual(['smoke-test', 'text-to-image', 'my-own'])
  expect(faults).toMatchObject([
    { file: join(folder, 'broken.json'), message: expect.stringContaining('Export (API)') },
  ])
  const { id } = await bench.start([TASK])
  await bench.reaches(id, 'succeeded')
  expect(JSON.stringify(ollama.record.calls.find((call) => call.path === '/api/chat')?.body)).toContain('my-own')
})

test('H5 the smoke test needs no model', async () => {
  const comfyui = await comfyuiDouble({ checkpoints: [] })
  const { bench } = await withOwl(comfyui, { path: 'owl.png', template: 'smoke-test' })
  const { id } = await bench.start([TASK])
  await bench.reaches(id, 'succeeded')
})

describe('what goes wrong in ComfyUI', () => {
  test('H5 a lost socket loses no image, and it is asked for once', async () => {
    const comfyui = await comfyuiDouble({ queue: [{ kind: 'lost_socket', step_ms: 20 }] })
    const { bench } = await withOwl(comfyui)
    const { id } = await bench.start([TASK])
    await bench.reaches(id, 'succeeded')
    expect(comfyui.accepted).toHaveLength(1)
  })

  test('E5 a line that breaks before the answer does not ask for the image twice', async () => {
    const comfyui = await comfyuiDouble({ queue: [{ kind: 'accept_silently' }] })
    const { bench } = await withOwl(comfyui)
    const { id } = await bench.start([TASK])
    await bench.reaches(id, 'succeeded')
    expect(comfyui.accepted).toHaveLength(1)
  })

  test('H5 a node error is told by node, to the model and in the step', async () => {
    const comfyui = await comfyuiDouble({ queue: [{ kind: 'node_error' }] })
    const { bench } = await withOwl(comfyui)
    const { id } = await bench.start([TASK])
    await bench.reaches(id, 'failed')
    expect(imageSteps(bench, id)[0]?.error).toMatch(/node 3 \(KSampler\): RuntimeError: mat1 and mat2/)
  })

  test('H5 a refused workflow is told by node and input', async () => {
    const comfyui = await comfyuiDouble({ queue: [{ kind: 'refused' }] })
    const { bench } = await withOwl(comfyui)
    const { id } = await bench.start([TASK])
    await bench.reaches(id, 'failed')
    expect(imageSteps(bench, id)[0]?.error).toMatch(/Node 4 \(CheckpointLoaderSimple\): Value not in list \(ckpt_name/)
  })

  test('H5 a full card is freed and the image asked for once more', async () => {
    const comfyui = await comfyuiDouble({ queue: [{ kind: 'out_of_memory' }] })
    const { bench } = await withOwl(comfyui)
    const { id } = await bench.start([TASK])
    await bench.reaches(id, 'succeeded')
    expect(comfyui.calls.some((call) => call.path === '/free')).toBe(true)
    expect(comfyui.accepted).toHaveLength(2)
    expect(imageSteps(bench, id).map((step) => step.state)).toEqual(['failed', 'done'])
  })

  test('H5 a queue that ComfyUI lost is asked for again', async () => {
    const comfyui = await comfyuiDouble({ queue: [{ kind: 'lose_queue' }] })
    const { bench } = await withOwl(comfyui)
    const { id } = await bench.start([TASK])
    await bench.reaches(id, 'succeeded')
    expect(comfyui.accepted).toHaveLength(2)
  })

  test('H5 a stuck image is stopped and made again; a slow one is waited for', async () => {
    const comfyui = await comfyuiDouble({ queue: [{ kind: 'stuck' }, { kind: 'answer', step_ms: 700 }] })
    const { bench } = await withOwl(comfyui)
    must(await bench.core.settings.change({ image_stall_ms: 1_000 }))
    const { id } = await bench.start([TASK])
    await bench.reaches(id, 'succeeded')
    expect(comfyui.accepted).toHaveLength(2)
    expect(imageSteps(bench, id)[0]?.error).toMatch(/no sign of this image/)
    expect(comfyui.calls.some((call) => call.path === '/interrupt')).toBe(true)
  })

  test.each(['no_image', 'bad_image'] as const)('H5 %s is no success', async (kind) => {
    const comfyui = await comfyuiDouble({ queue: [{ kind }] })
    const { bench } = await withOwl(comfyui)
    const { id } = await bench.start([TASK])
    await bench.reaches(id, 'failed')
    expect(imageSteps(bench, id)[0]?.error).toMatch(/saved no image|not a whole image/)
  })

  test('H2 work that needs ComfyUI waits while it is away and goes on when it is back', async () => {
    const first = await startComfyuiDouble()
    const { bench } = await withOwl(first)
    await first.close()
    must(await bench.core.services.check('comfyui'))
    const { id } = await bench.start([TASK])
    await bench.taskReaches(id, 'owl', 'waiting')
    expect(bench.task(id, 'owl')).toMatchObject({ waiting_on: 'resource' })
    expect(bench.task(id, 'owl').reason).toMatch(/ComfyUI at .* cannot be reached/)
    await comfyuiDouble({ port: Number(new URL(first.url).port) })
    must(await bench.core.services.check('comfyui'))
    await bench.reaches(id, 'succeeded')
  })
})

test('H5 a cancelled task takes its image out of ComfyUI', async () => {
  const comfyui = await comfyuiDouble({ queue: [{ kind: 'answer', step_ms: 60_000 }] })
  const { bench } = await withOwl(comfyui)
  const { id } = await bench.start([TASK])
  await eventually('the image is being made', () => comfyui.pending().length === 1)
  must(await bench.core.projects.cancel(id))
  await eventually('ComfyUI stopped it', () => comfyui.pending().length === 0)
  expect(bench.project(id).state).toBe('cancelled')
})

test('H5 H1 an image ends where it began, also when the address of ComfyUI is changed meanwhile', async () => {
  const [first, second] = [await comfyuiDouble({ queue: [{ kind: 'answer', step_ms: 300 }] }), await comfyuiDouble()]
  const ollama = await ollamaDouble({
    queue: [{ kind: 'answer', text: '', tool_calls: [{ name: 'generate_image', arguments: { ...OWL } }] }],
    default: { kind: 'answer', text: 'The owl is there.' },
  })
  const bench = await coreBench({ ollama: ollama.url, comfyui: '' })
  must(await bench.core.settings.change({ service_urls: { ollama: null, comfyui: first.url } }))
  const { id } = await bench.start([TASK])
  await eventually('the image is being made', () => first.pending().length === 1)
  must(await bench.core.settings.change({ service_urls: { ollama: null, comfyui: second.url } }))
  await bench.reaches(id, 'succeeded')
  expect(first.accepted).toHaveLength(1)
  expect(second.accepted).toHaveLength(0)
})

test('E5 an image that is being made when Baton stops is taken up at the next start', async () => {
  const comfyui = await comfyuiDouble({ queue: [{ kind: 'answer', step_ms: 300 }] })
  const { bench } = await withOwl(comfyui)
  const { id } = await bench.start([TASK])
  await eventually('the image is being made', () => comfyui.pending().length === 1)
  await bench.close(0)
  await bench.reopen()
  await bench.reaches(id, 'succeeded')
  expect(comfyui.accepted).toHaveLength(1)
})
