import { expect, test } from 'vitest'
import type { Settings } from '../../src-contract/settings.ts'
import { startComfyuiDouble } from '../doubles/comfyui-double.ts'
import { startOllamaDouble } from '../doubles/ollama-double.ts'
import { createCard, GIB } from '../doubles/vram.ts'
import { cleanup } from '../support/cleanup.ts'
import { cliLook } from '../support/cli-look.ts'
import { coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { fakeNvidiaSmi } from '../support/fake-nvidia-smi.ts'
import { mixedTasks, painter, startSharedCard } from '../support/gpu-bench.ts'

const TWO = '0, NVIDIA GeForce RTX 4090, 24564, 20000\n1, NVIDIA RTX A2000, 6138, 5000\n'
const APART = { service_cards: { ollama: [0], comfyui: [1] } } satisfies Partial<Settings>

/** Ollama on one card and ComfyUI on another. */
async function twoCards(step_ms = 0) {
  const cards = [createCard({ total_bytes: 12 * GIB }), createCard({ total_bytes: 12 * GIB })] as const
  const ollama = await startOllamaDouble({ card: cards[0], model_bytes: 7 * GIB, brain: painter })
  const comfyui = await startComfyuiDouble({
    card: cards[1],
    model_bytes: 6 * GIB,
    default: { kind: 'answer', step_ms },
  })
  cleanup(async () => {
    await Promise.all([ollama.close(), comfyui.close()])
  })
  const smi = fakeNvidiaSmi(TWO)
  const bench = await coreBench({ ollama: ollama.url, comfyui: comfyui.url, path: smi.path })
  return { cards, ollama, comfyui, smi, bench }
}

function holders(bench: {
  core: { locks: { list(): { resource: string; owner: string; state: string }[] } }
}): string[] {
  return bench.core.locks
    .list()
    .filter((lock) => lock.state === 'held' && lock.resource.startsWith('gpu:'))
    .map((lock) => `${lock.resource} ${lock.owner}`)
    .sort()
}

const take = (resource: string) => ({
  resource,
  owner: 'training',
  purpose: 'a night of training',
  priority: 1,
  ttl_ms: 600_000,
  wait_ms: 0,
  capacity: 1,
})

test('H3 servers on cards of their own work side by side, each under the lease of its card, and neither unloads', async () => {
  const { cards, ollama, comfyui, bench } = await twoCards(100)
  must(await bench.core.settings.change(APART))
  const { id } = await bench.start(mixedTasks(6))
  await eventually('both at work', () => holders(bench).join() === 'gpu:0 baton:ollama,gpu:1 baton:comfyui')
  await bench.reaches(id, 'succeeded')
  expect(cards[0].usedBy('ollama')).toBe(7 * GIB)
  expect(cards[1].usedBy('comfyui')).toBeGreaterThanOrEqual(6 * GIB)
  expect(comfyui.calls.some((call) => call.path === '/free')).toBe(false)
  expect(ollama.record.calls.some((call) => JSON.stringify(call.body).includes('"keep_alive":0'))).toBe(false)
  expect((await bench.core.services.gpu()).swaps).toBe(0)
})

test('L2 H3 a script that takes one card keeps only the server of that card waiting', async () => {
  const { bench, comfyui } = await twoCards()
  must(await bench.core.settings.change(APART))
  const lock = must(await bench.core.locks.acquire(take('gpu:1')))
  const { id } = await bench.start(mixedTasks(4))
  await eventually('texts to be done', () => ['t00', 't02'].every((key) => bench.task(id, key).state === 'succeeded'))
  await bench.taskReaches(id, 't01', 'waiting')
  expect(bench.task(id, 't01').reason).toMatch(/training has the lock gpu:1/)
  expect(comfyui.accepted).toHaveLength(0)
  must(await bench.core.locks.release(lock.id, 'training'))
  await bench.reaches(id, 'succeeded')
})

test('H3 servers with a card in common take turns, and each holds all of its cards meanwhile', async () => {
  const both = await startSharedCard({ comfyui: { default: { kind: 'answer', step_ms: 100 } } })
  cleanup(() => both.close())
  const bench = await coreBench({ ollama: both.ollama.url, comfyui: both.comfyui.url })
  must(await bench.core.settings.change({ service_cards: { ollama: [0, 1], comfyui: [1] } }))
  const seen = new Set<string>()
  const { id } = await bench.start(mixedTasks(6))
  await eventually('the end', () => {
    seen.add(holders(bench).join())
    return bench.project(id).state === 'succeeded'
  })
  expect(both.card.record.out_of_memory).toBe(0)
  expect(seen).toContain('gpu:1 baton:comfyui')
  for (const held of seen) expect(held.includes('ollama') && held.includes('comfyui')).toBe(false)
})

test('H1 H3 the status names each card with its memory, its servers and its holder; ComfyUI tells where the driver does not', async () => {
  const { bench, smi } = await twoCards()
  must(await bench.core.settings.change(APART))
  const told = await bench.core.services.gpu()
  expect(told).toMatchObject({
    resource: 'gpu:0, gpu:1',
    why_apart: 'Ollama works on card 0 and ComfyUI on card 1, so they need not take turns.',
    cards: [
      { index: 0, name: 'NVIDIA GeForce RTX 4090', sides: ['ollama'], owner: null },
      { index: 1, name: 'NVIDIA RTX A2000', sides: ['comfyui'], owner: null },
    ],
  })
  expect(told.vram?.total_bytes).toBe((24_564 + 6_138) * 1_048_576)
  const lock = must(await bench.core.locks.acquire(take('gpu:0')))
  expect((await bench.core.services.gpu()).cards[0]?.owner).toBe('training')
  const shown = await cliLook(bench, 'services')
  expect(shown).toMatch(/Card 0, NVIDIA GeForce RTX 4090, for Ollama: .* in use; training has it\./)
  must(await bench.core.locks.release(lock.id, 'training'))

  smi.says('No devices were found')
  expect((await bench.core.services.gpu()).cards).toMatchObject([
    { index: 1, name: 'cuda:0 NVIDIA GeForce RTX 4070', total_bytes: 12 * GIB, sides: ['comfyui'] },
  ])
})
