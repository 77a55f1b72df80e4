import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Run, Step } from '../../src-contract/run.ts'
import { type Brain, type BrainMessage, filesToDeliver } from '../doubles/brain.ts'
import { type ComfyuiDouble, type ComfyuiDoubleOptions, startComfyuiDouble } from '../doubles/comfyui-double.ts'
import { cleanup } from '../support/cleanup.ts'
import { type CoreBench, coreBench, must, ollamaDouble } from '../support/core-bench.ts'

const BIRDS = ['owl', 'rook', 'gull', 'wren', 'kite', 'swan']
const IMAGES = BIRDS.map((bird) => `images/${bird}.png`)
const REQUIREMENT = 'Six images of birds, one file each, for the cover of a field guide'

const isImage = (message: BrainMessage): boolean => message.answers?.name === 'generate_image'

/** Plans one task for each bird; in a task, asks for its image once in each round and says how that went. */
const painter: Brain = ({ messages, output_schema }) => {
  if (output_schema !== null) {
    const tasks = BIRDS.map((bird) => ({
      id: bird,
      title: `Paint the ${bird}`,
      description: `A picture of a ${bird}.`,
      type: 'asset',
      complexity: 'simple',
      tier: null,
      tools: ['generate_image'],
      depends_on: [],
      acceptance: [],
      verify_command: null,
      write_scope: [],
      artifacts: [`images/${bird}.png`],
    }))
    return { text: JSON.stringify({ title: 'Six birds', summary: 'Six images.', tasks }), tool_calls: [] }
  }
  const path = filesToDeliver(messages)[0]
  if (path === undefined) return { text: 'Six images of birds are there.', tool_calls: [] }
  const tried = messages.slice(messages.findLastIndex(({ role }) => role === 'user')).findLast(isImage)
  if (tried !== undefined) return { text: tried.is_error ? 'The image did not come.' : 'It is there.', tool_calls: [] }
  const call = { path, prompt: `a bird, ${path}`, width: 64, height: 64, steps: 2 }
  return { text: '', tool_calls: [{ name: 'generate_image', arguments: call }] }
}

async function withPainter(options: ComfyuiDoubleOptions): Promise<{ bench: CoreBench; comfyui: ComfyuiDouble }> {
  const comfyui = await startComfyuiDouble(options)
  cleanup(() => comfyui.close())
  const ollama = await ollamaDouble({ brain: painter })
  return { comfyui, bench: await coreBench({ ollama: ollama.url, comfyui: comfyui.url }) }
}

/** A project from its requirement to the approval of its plan of six images. */
async function approved(bench: CoreBench): Promise<string> {
  const { id, plan_id, reason } = await bench.plan(REQUIREMENT)
  must(await bench.core.plans.approve(plan_id ?? reason))
  expect(bench.tasks(id).map(({ artifacts }) => artifacts)).toEqual(IMAGES.map((path) => [path]))
  return id
}

function runsOf(bench: CoreBench, id: string): { run: Run; images: Step[] }[] {
  return bench.tasks(id).flatMap((task) =>
    must(bench.core.tasks.runs(task.id)).items.map((run) => ({
      run,
      images: must(bench.core.runs.steps(run.id)).filter((step) => step.name === 'generate_image'),
    })),
  )
}

/** Six images on the disk, each one whole, and named by the project's result. */
async function expectSixImages(bench: CoreBench, id: string): Promise<void> {
  const project = bench.project(id)
  for (const path of IMAGES) {
    const png = readFileSync(join(project.workspace, path))
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([64, 64])
    expect(must(await bench.core.projects.image(id, path)).media_type).toBe('image/png')
  }
  const { items } = must(await bench.core.projects.artifacts(id))
  expect(items.map(({ path, task_title }) => [path, task_title]).toSorted()).toEqual(
    BIRDS.map((bird) => [`images/${bird}.png`, `Paint the ${bird}`]).toSorted(),
  )
  expect(project.task_counts).toMatchObject({ succeeded: 6, failed: 0 })
  expect(project.result).toMatchObject({ not_done: [], cost_micros: 0 })
}

test('H5 E9 an asset project makes six images, of which one fails, is found missing, and is made again', async () => {
  const { bench, comfyui } = await withPainter({
    queue: [{ kind: 'answer' }, { kind: 'answer' }, { kind: 'node_error' }],
  })
  const id = await approved(bench)
  await bench.reaches(id, 'succeeded')
  await expectSixImages(bench, id)
  // One more than there are images, and each of the others was asked for once.
  expect(comfyui.accepted).toHaveLength(7)
  const runs = runsOf(bench, id)
  expect(runs.map(({ images }) => images.length).toSorted()).toEqual([1, 1, 1, 1, 1, 2])
  const mended = runs.find(({ images }) => images.length === 2)
  expect(mended?.run).toMatchObject({ state: 'succeeded', repairs: 1 })
  expect(mended?.images.map(({ error }) => error)).toEqual([expect.stringMatching(/RuntimeError/), null])
})

test('H5 E4 one that failed for good is retried by a person, and the five others are not made again', async () => {
  const { bench, comfyui } = await withPainter({
    queue: [{ kind: 'answer' }, { kind: 'node_error' }],
  })
  must(await bench.core.settings.change({ max_repairs: 0, highest_tier: 'local' }))
  const id = await approved(bench)
  const { reason, result } = await bench.reaches(id, 'failed')
  expect(reason).toMatch(/One task of 6 did not get done/)
  expect(result?.not_done).toHaveLength(1)
  const { workspace } = bench.project(id)
  const there = must(await bench.core.projects.artifacts(id)).items.map(({ path }) => join(workspace, path))
  expect(there).toHaveLength(5)
  const before = there.map((path) => statSync(path).mtimeMs)
  must(await bench.core.projects.retry(id, 'start'))
  await bench.reaches(id, 'succeeded')
  await expectSixImages(bench, id)
  expect(comfyui.accepted).toHaveLength(7)
  expect(there.map((path) => statSync(path).mtimeMs)).toEqual(before)
})
