import { expect, test } from 'vitest'
import { createEmbedder } from '../doubles/embedder-double.ts'
import { GIB } from '../doubles/vram.ts'
import { cleanup } from '../support/cleanup.ts'
import { coreBench, must, ollamaDouble } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { mixedTasks, startSharedCard } from '../support/gpu-bench.ts'
import { addPath, find, folderOf, untilEmbedded } from '../support/knowledge-bench.ts'

const NOTES = {
  'birds.md': '# Birds\n\nThe raptor hunts after sunset and hears a mouse below the snow.\n',
  'garage.md': '# Garage\n\nThe red automobile stands in the second bay; its tyres are worn.\n',
  'invoice.md': '# Invoice\n\nThe fees of the harbour rose in March.\n',
  'bread.md': '# Bread\n\nFlour, water, salt. Let the dough rest for a night.\n',
}

async function withEmbedder(models = ['llama3.2', 'nomic-embed-text', 'mxbai-embed-large']) {
  const embedder = createEmbedder()
  const ollama = await ollamaDouble({ embedder, models })
  const bench = await coreBench({ ollama: ollama.url })
  return { embedder, ollama, bench, core: bench.core }
}

test('K2 what shares no word with the question is found by its meaning, and what is the very word by both', async () => {
  const { core } = await withEmbedder()
  await addPath(core, { path: folderOf(NOTES) })
  await untilEmbedded(core)
  const meant = await find(core, 'expensive ships and nocturnal owls')
  expect(meant).toMatchObject({ mode: 'hybrid', note: '' })
  expect(meant.items[0]).toMatchObject({ citation: { path: 'birds.md', line_start: 1 }, found_by: ['meaning'] })
  const both = await find(core, 'dough')
  expect(both.items[0]).toMatchObject({ citation: { path: 'bread.md' }, found_by: ['keywords', 'meaning'], score: 1 })
  const keywords = await find(core, 'nocturnal', { mode: 'keywords' })
  expect(keywords).toEqual({ items: [], mode: 'keywords', note: '' })
})

test('K2 without an embedder, or with one that is switched off or fails, it is searched by keywords, and said why', async () => {
  const { core, embedder } = await withEmbedder()
  await addPath(core, { path: folderOf(NOTES) })
  await untilEmbedded(core)
  embedder.fault = { status: 500, error: 'the runner has crashed' }
  const failing = await find(core, 'tyres of the car')
  expect(failing).toMatchObject({ mode: 'keywords', note: expect.stringContaining('the runner has crashed') })
  expect(failing.items[0]?.citation.path).toBe('garage.md')
  embedder.fault = null
  must(await core.settings.change({ embedding_model: 'none' }))
  expect(await find(core, 'tyres')).toMatchObject({ mode: 'keywords', note: expect.stringContaining('switched off') })
  must(await core.settings.change({ embedding_model: 'no-such-model' }))
  await eventually('the reason', async () => must(await core.knowledge.status()).detail.includes('no-such-model'))
})

test('K2 X2 what was just read counts as without vectors from the start, however long the model takes to load', async () => {
  const { core, embedder } = await withEmbedder()
  embedder.delay_ms = 3_600_000
  await addPath(core, { path: folderOf(NOTES) })
  expect(must(await core.knowledge.status())).toMatchObject({ embedding: 'filling', embedded: 0 })
  const found = await find(core, 'dough', { mode: 'keywords' })
  expect(found.items[0]?.citation.path).toBe('bread.md')
})

test('K2 a question does not wait for a slow embedder for long', async () => {
  const { core, embedder } = await withEmbedder()
  await addPath(core, { path: folderOf(NOTES) })
  await untilEmbedded(core)
  embedder.delay_ms = 3_600_000
  const found = await find(core, 'dough and flour')
  expect(found).toMatchObject({ mode: 'keywords', note: expect.stringContaining('within 5 s') })
  expect(found.items[0]?.citation.path).toBe('bread.md')
})

test('K2 another embedding model takes over when it has embedded everything; meanwhile the old vectors are searched', async () => {
  const { core, embedder } = await withEmbedder()
  await addPath(core, { path: folderOf(NOTES) })
  await untilEmbedded(core)
  expect(must(await core.knowledge.status()).model).toBe('nomic-embed-text:latest')
  const real = embedder.vector
  // The new model's vectors are held back; questions to the old one go on.
  embedder.vector = (text, model) => {
    if (model.startsWith('mxbai') && text !== 'dimensions') embedder.fault = { status: 503, error: 'busy' }
    return real(text, model)
  }
  embedder.max_characters = 30
  must(await core.settings.change({ embedding_model: 'mxbai-embed-large', retry_cap_ms: 1 }))
  await eventually('the new model to begin', async () => must(await core.knowledge.status()).next_model !== null)
  embedder.fault = null
  const meanwhile = await find(core, 'nocturnal')
  expect(meanwhile).toMatchObject({ mode: 'hybrid', note: expect.stringMatching(/mxbai.*are being made.*nomic/) })
  expect(meanwhile.items[0]?.citation.path).toBe('birds.md')
  embedder.vector = real
  embedder.max_characters = Number.POSITIVE_INFINITY
  must(await core.knowledge.refresh((await core.knowledge.list({ limit: 10 }).then(must)).items[0]?.id ?? ''))
  await eventually(
    'the new model',
    async () => must(await core.knowledge.status()).model === 'mxbai-embed-large:latest',
  )
  expect(await find(core, 'nocturnal')).toMatchObject({ mode: 'hybrid', note: '' })
  await eventually('its event', () => core.events.list({ type: 'knowledge.model' }, 10).items.length === 1)
})

test('K2 texts that do not fit the window of the model are embedded by their beginnings', async () => {
  const { core, embedder } = await withEmbedder()
  embedder.max_characters = 500
  const long = `# Long\n\n${'The raptor sat still and looked. '.repeat(60)}`
  await addPath(core, { path: folderOf({ 'long.md': long }) })
  await untilEmbedded(core)
  expect(Math.max(...embedder.asked.map(({ text }) => text.length))).toBeLessThanOrEqual(500)
  expect((await find(core, 'nocturnal')).items[0]?.citation.path).toBe('long.md')
})

test('K2 H3 vectors are made in turns with images on one card: it never overflows, and both come to their end', async () => {
  // Beside the model that chats there is room for the small one that embeds, but for no image.
  const bytes_of = { 'nomic-embed-text:latest': GIB / 4 }
  const shared = await startSharedCard({ ollama: { models: ['llama3.2', 'nomic-embed-text'], bytes_of } })
  cleanup(() => shared.close())
  const bench = await coreBench({ ollama: shared.ollama.url, comfyui: shared.comfyui.url })
  const notes = Object.fromEntries(
    Array.from({ length: 120 }, (_, index) => [`${index}.md`, `# ${index}\n\nThe raptor number ${index} hunts.\n`]),
  )
  const images = mixedTasks(8).filter(({ type }) => type === 'asset')
  const { id } = await bench.start(images)
  await addPath(bench.core, { path: folderOf(notes) })
  await bench.reaches(id, 'succeeded')
  await untilEmbedded(bench.core)
  expect(shared.card.record.out_of_memory).toBe(0)
  expect((await find(bench.core, 'nocturnal')).mode).toBe('hybrid')
}, 120_000)
