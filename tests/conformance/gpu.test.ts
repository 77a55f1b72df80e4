import { expect, test } from 'vitest'
import type { Settings } from '../../src-contract/settings.ts'
import { GIB } from '../doubles/vram.ts'
import { cleanup } from '../support/cleanup.ts'
import { type CoreBench, coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { mixedTasks, type SharedCard, type SharedCardOptions, startSharedCard } from '../support/gpu-bench.ts'

async function shared(
  options: SharedCardOptions = {},
  settings: Partial<Settings> = {},
): Promise<SharedCard & { bench: CoreBench }> {
  const both = await startSharedCard(options)
  cleanup(() => both.close())
  const bench = await coreBench({ ollama: both.ollama.url, comfyui: both.comfyui.url })
  must(await bench.core.settings.change(settings))
  return { ...both, bench }
}

test('H3 mixed work takes turns on one card: no side ever meets a full card, and a turn is a whole batch', async () => {
  const { card, comfyui, bench } = await shared()
  const { id } = await bench.start(mixedTasks(12))
  await bench.reaches(id, 'succeeded')
  expect(card.record.out_of_memory).toBe(0)
  expect(comfyui.accepted).toHaveLength(6)
  // Text first, then all images, then the words that end the image tasks.
  expect(card.record.swaps).toBe(2)
  expect((await bench.core.services.gpu()).swaps).toBe(2)
})

test('H3 without turns the same work meets a full card', async () => {
  const { card, bench } = await shared({}, { gpu_sharing: 'never', max_retries: 1 })
  const { id } = await bench.start(mixedTasks(6))
  await eventually('a full card', () => card.record.out_of_memory > 0)
  must(await bench.core.projects.cancel(id))
})

test('H3 memory that comes back late is waited for', async () => {
  const { card, bench } = await shared({ release_ms: 700 })
  const { id } = await bench.start(mixedTasks(4))
  await bench.reaches(id, 'succeeded')
  expect(card.record.out_of_memory).toBe(0)
  expect((await bench.core.services.gpu()).last_swap_ms).toBeGreaterThanOrEqual(600)
})

test('H3 a side keeps the card no longer than its bound while the other waits', async () => {
  const { card, bench } = await shared({}, { gpu_batch_ms: 0 })
  const { id } = await bench.start(mixedTasks(8))
  await bench.reaches(id, 'succeeded')
  expect(card.record.out_of_memory).toBe(0)
  expect(card.record.swaps).toBeGreaterThan(2)
})

test('H3 a side that does not let go is told of, keeps its work, and nothing is started over it', async () => {
  const { card, bench, comfyui } = await shared({}, { gpu_release_ms: 1_000 })
  card.setRefusing('ollama', true)
  const { id } = await bench.start(mixedTasks(4))
  await eventually('the trouble', async () => (await bench.core.services.gpu()).trouble)
  const { trouble, holder } = await bench.core.services.gpu()
  expect(trouble).toMatch(/Ollama still holds llama3.2:latest \(7.0 GB\)/)
  expect(holder?.side ?? null).not.toBe('comfyui')
  expect(bench.task(id, 't01')).toMatchObject({ state: 'waiting', waiting_on: 'resource' })
  expect(bench.task(id, 't01').reason).toMatch(/Waits for the GPU/)
  expect(bench.task(id, 't00').state).toBe('succeeded')
  expect(comfyui.accepted).toHaveLength(0)
  card.setRefusing('ollama', false)
  await bench.reaches(id, 'succeeded')
  expect(card.record.out_of_memory).toBe(0)
}, 90_000)

test('H3 an image of somebody else in ComfyUI is not ended for text', async () => {
  const { card, comfyui, bench } = await shared({ comfyui: { queue: [{ kind: 'answer', step_ms: 500 }] } })
  const graph = {
    '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd_xl_base_1.0.safetensors' } },
    '5': { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
    '6': { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['4', 1] } },
    '3': {
      class_type: 'KSampler',
      inputs: {
        model: ['4', 0],
        positive: ['6', 0],
        negative: ['6', 0],
        latent_image: ['5', 0],
        seed: 1,
        steps: 4,
        cfg: 7,
        sampler_name: 'euler',
        scheduler: 'normal',
        denoise: 1,
      },
    },
    '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
    '9': { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'mine' } },
  }
  await fetch(`${comfyui.url}/prompt`, { method: 'POST', body: JSON.stringify({ prompt: graph }) })
  await eventually('its model is loaded', () => card.usedBy('comfyui') > 0)
  const { id } = await bench.start([{ key: 'note', tier: 'local' }])
  await bench.taskReaches(id, 'note', 'waiting', 'running')
  await eventually('the reason', async () => /somebody else/.test((await bench.core.services.gpu()).trouble ?? ''))
  await bench.reaches(id, 'succeeded')
  expect([...comfyui.history.values()].map((entry) => entry.status.status_str)).toEqual(['success'])
  expect(card.record.out_of_memory).toBe(0)
})

test('L2 a script that holds the card is waited for', async () => {
  const { bench } = await shared()
  const lock = must(
    await bench.core.locks.acquire({
      resource: 'gpu:0',
      owner: 'training',
      purpose: 'a night of training',
      priority: 1,
      ttl_ms: 600_000,
      wait_ms: 0,
      capacity: 1,
    }),
  )
  const { id } = await bench.start([{ key: 'note', tier: 'local' }])
  await bench.taskReaches(id, 'note', 'waiting')
  expect(bench.task(id, 'note').reason).toMatch(/training has the lock gpu:0/)
  must(await bench.core.locks.release(lock.id, 'training'))
  await bench.reaches(id, 'succeeded')
})

test('H3 the status names who has the card, who waits, and what is loaded', async () => {
  const { bench } = await shared({ ollama: { default: { kind: 'stall' } } })
  const { id } = await bench.start([{ key: 'note', tier: 'local' }])
  await eventually('the card is held', async () => (await bench.core.services.gpu()).holder?.works_on.length === 1)
  await eventually('the model is loaded', async () => (await bench.core.services.gpu()).models.length === 1)
  const status = await bench.core.services.gpu()
  expect(status).toMatchObject({
    why_apart: null,
    holder: { owner: 'baton:ollama', side: 'ollama', works_on: ['Write note'] },
    models: [{ name: 'llama3.2:latest', bytes: 7 * GIB }],
    vram: { total_bytes: 12 * GIB, free_bytes: 5 * GIB },
  })
  must(await bench.core.projects.cancel(id))
  await eventually('it is free again', async () => (await bench.core.services.gpu()).holder === null)
})
