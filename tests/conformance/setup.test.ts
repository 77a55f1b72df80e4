import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { newProject } from '../../src-contract/project.ts'
import { serviceUrls } from '../../src-contract/service-addresses.ts'
import { findServers, modelToPull } from '../../src-main/core/health/find-around.ts'
import { startComfyuiDouble } from '../doubles/comfyui-double.ts'
import { GIB } from '../doubles/vram.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, asked, coreBench, must, ollamaDouble, openAiDouble } from '../support/core-bench.ts'
import { fakeNvidiaSmi } from '../support/fake-nvidia-smi.ts'
import { type CliBench, createCliBench } from './cli-process.ts'

const NOBODY = 'http://127.0.0.1:1/v1'
const USUAL = { lmstudio: NOBODY, llamacpp: NOBODY, vllm: NOBODY }
const doctorLine = z.object({
  ok: z.boolean(),
  findings: z.array(z.object({ name: z.string(), state: z.string(), detail: z.string() })),
})

let cli: CliBench
beforeEach(() => {
  cli = createCliBench()
})
afterEach(() => cli.close())

async function comfyuiDouble() {
  const double = await startComfyuiDouble()
  cleanup(() => double.close())
  return double
}

test('R6 servers are found at their addresses, and local ones at their usual ports are offered, not used', async () => {
  const [ollama, comfyui] = [await ollamaDouble(), await comfyuiDouble()]
  const [usual, given] = [
    await openAiDouble({ flavour: 'local', models: ['qwen3-8b'] }),
    await openAiDouble({ flavour: 'local', models: ['gemma'] }),
  ]
  const around = { ollama_host: ollama.url, comfyui_url: comfyui.url, addresses: { vllm: `${given.url}/v1` } }
  const items = await findServers({ ...around, usual: { ...USUAL, lmstudio: `${usual.url}/v1` } })
  const of = (name: string) => items.find((item) => item.name === name)
  expect(of('ollama')).toMatchObject({
    state: 'found',
    is_new: false,
    models: ['llama3.2:latest', 'nomic-embed-text:latest'],
  })
  expect(of('comfyui')).toMatchObject({ state: 'found', is_new: false })
  expect(of('lmstudio')).toMatchObject({
    state: 'found',
    is_new: true,
    address: `${usual.url}/v1`,
    models: ['qwen3-8b'],
    detail: expect.stringMatching(/usual address of LM Studio. Enter that address/),
  })
  expect(of('vllm')).toMatchObject({ state: 'found', is_new: false, models: ['gemma'] })
  expect(of('llamacpp')).toMatchObject({
    state: 'missing',
    detail: expect.stringMatching(/Start it, or enter its address/),
  })
  // They were asked for their lists, and no model was asked anything.
  for (const double of [ollama, usual, given]) expect(asked(double)).toEqual([])
})

test('R6 another program at a usual port is not taken for a server of models', async () => {
  const [other, comfyui] = [await anthropicDouble(), await comfyuiDouble()]
  const around = { ollama_host: 'http://127.0.0.1:1', comfyui_url: 'http://127.0.0.1:1', addresses: {} }
  const items = await findServers({
    ...around,
    usual: { ...USUAL, lmstudio: `${other.url}/v9`, llamacpp: comfyui.url },
  })
  expect(items.map(({ state, is_new }) => `${state} ${is_new}`)).toEqual(Array(5).fill('missing false'))
})

test('R6 the window learns what is there, where each tier would go and what to pull; asking changes nothing', async () => {
  const anthropic = await anthropicDouble()
  const ollama = await ollamaDouble({ models: [], cloud: { 'gpt-oss:120b-cloud': 'gpt-oss:120b' } })
  const smi = fakeNvidiaSmi('0, NVIDIA GeForce RTX 4090, 24564, 24000\n')
  const bench = await coreBench({ anthropic, ollama: ollama.url, path: smi.path })
  const before = bench.core.settings.get()
  const setup = await bench.core.services.setup()
  const of = (name: string) => setup.items.find((item) => item.name === name)
  expect(of('ollama')).toMatchObject({
    kind: 'server',
    state: 'trouble',
    detail: expect.stringMatching(/has no model yet/),
    models: [],
    left_out: ['gpt-oss:120b-cloud'],
  })
  expect(of('anthropic')).toMatchObject({
    kind: 'key',
    state: 'found',
    detail: 'There is a key, from the environment.',
  })
  expect(of('openai')).toMatchObject({ state: 'missing', detail: expect.stringMatching(/OPENAI_API_KEY/) })
  expect(of('gpu')).toMatchObject({ state: 'found', detail: 'NVIDIA GeForce RTX 4090 with 24.0 GB, 23.4 GB free.' })
  expect(of('git')).toMatchObject({ kind: 'program', state: 'missing' })
  expect(JSON.stringify(setup)).not.toContain('sk-test')
  expect(setup.tiers).toMatchObject([
    { tier: 'local', profile: 'claude-haiku', reason: expect.stringMatching(/paid one/) },
    { tier: 'fast', profile: 'claude-haiku' },
    { tier: 'strong', profile: 'claude-sonnet' },
  ])
  expect(setup.pull).toBe('qwen3:14b')
  expect(bench.core.settings.get()).toEqual(before)
})

test.each([
  'http://ada:secret@127.0.0.1:8188',
  'http://secret@host',
  'http://host:8188/?key=secret',
  'http://host/#secret',
])('U3 S8 %s is no address of a server, since messages name it', (url) => {
  expect(serviceUrls.safeParse({ ollama: url, comfyui: null }).success).toBe(false)
  expect(serviceUrls.safeParse({ ollama: null, comfyui: url }).success).toBe(false)
  expect(serviceUrls.safeParse({ ollama: null, comfyui: 'https://host:8188/behind/' }).success).toBe(true)
})

test('U3 H1 an address that is entered is used at once; one of the environment cannot be changed', async () => {
  const [ollama, comfyui] = [await ollamaDouble(), await comfyuiDouble()]
  const bench = await coreBench({ ollama: '', comfyui: '' })
  const change = { service_urls: { ollama: `${ollama.url}/`, comfyui: comfyui.url } }
  must(await bench.core.settings.change(change))
  const setup = await bench.core.services.setup()
  for (const [name, { url }] of Object.entries({ ollama, comfyui })) {
    expect(setup.items.find((item) => item.name === name)).toMatchObject({
      state: 'found',
      address: url,
      fixed_by: null,
    })
    expect(bench.core.services.list().find((service) => service.name === name)).toMatchObject({ state: 'healthy' })
  }
  expect(bench.core.models.list().filter(({ provider, available }) => provider === 'ollama' && available)).toHaveLength(
    1,
  )
  const fixed = await coreBench({ ollama: 'http://127.0.0.1:1' })
  must(await fixed.core.settings.change(change))
  expect((await fixed.core.services.setup()).items.find(({ name }) => name === 'ollama')).toMatchObject({
    state: 'missing',
    address: 'http://127.0.0.1:1',
    fixed_by: 'OLLAMA_HOST',
  })
})

test.skipIf(process.platform !== 'linux')(
  'U3 T4 what is installed while Baton runs is found without a restart',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'baton-programs-'))
    cleanup(async () => rmSync(folder, { recursive: true }))
    const bench = await coreBench({ path: folder })
    const states = async () =>
      Object.fromEntries((await bench.core.services.setup()).items.map(({ name, state }) => [name, state]))
    expect(await states()).toMatchObject({ git: 'missing', sandbox: 'missing' })
    writeFileSync(join(folder, 'git'), '#!/bin/sh\necho git version 2.44.0\n', { mode: 0o755 })
    expect(await states()).toMatchObject({ git: 'found', sandbox: 'missing' })
  },
)

test('U3 P8 the sample project is a plan without problems whose parts build on each other', async () => {
  // With programs, so that the check is run where there is a sandbox: it must not wait for a yes.
  const { core } = await coreBench({ demo: true, git: true })
  const { requirements, document } = await core.projects.sample()
  const project = must(
    await core.projects.create(newProject.parse({ requirements, profile: 'demo', local_only: true })),
  )
  const plan = must(await core.projects.addPlan(project.id, document, 'file'))
  expect(plan).toMatchObject({ source: 'file', state: 'proposed', repairs: [], estimate: { upper_micros: 0 } })
  expect(document.tasks.some(({ verify_command }) => verify_command !== null)).toBe(true)
  must(await core.plans.approve(plan.id, 0))
  await core.idle(project.id)
  expect(must(core.projects.get(project.id))).toMatchObject({ state: 'succeeded', spent_micros: 0 })
  const files = must(await core.projects.artifacts(project.id)).items.map(({ path }) => path)
  expect(files.toSorted()).toEqual(document.tasks.flatMap(({ artifacts }) => artifacts).toSorted())
})

describe('what to pull', () => {
  const plain = {
    name: 'ollama',
    label: 'Ollama',
    kind: 'server',
    detail: '',
    address: '',
    fixed_by: null,
    is_new: false,
  } as const
  const ollama = { ...plain, left_out: [] }
  const card = (gib: number) => ({ index: 0, name: 'card', total_bytes: gib * GIB, free_bytes: gib * GIB })
  test.each([
    [32, 'qwen3:32b'],
    [16, 'qwen3:14b'],
    [8, 'qwen3:8b'],
    [4, 'llama3.2'],
  ])('R6 for a card with %i GB', (gib, model) => {
    expect(modelToPull([{ ...ollama, state: 'trouble', models: [] }], [card(gib)])).toBe(model)
  })

  test('R6 is nothing where there is a model or no Ollama, and small without a card', () => {
    expect(modelToPull([{ ...ollama, state: 'found', models: ['a'] }], null)).toBeNull()
    expect(modelToPull([{ ...ollama, state: 'missing', models: [] }], null)).toBeNull()
    expect(modelToPull([{ ...ollama, state: 'trouble', models: [] }], null)).toBe('llama3.2')
  })
})

test('X2 R6 baton doctor names servers, keys, keychain and card, and never shows a key', async () => {
  const ollama = await ollamaDouble({ models: [], cloud: { 'gpt-oss:120b-cloud': 'gpt-oss:120b' } })
  const server = await openAiDouble({ flavour: 'local', models: ['qwen3-8b'] })
  const smi = fakeNvidiaSmi('0, NVIDIA RTX A2000, 6138, 5000\n')
  const env = {
    OLLAMA_HOST: ollama.url,
    LMSTUDIO_BASE_URL: `${server.url}/v1`,
    COMFYUI_URL: 'http://127.0.0.1:1',
    OPENROUTER_API_KEY: 'sk-or-secret',
    PATH: `${smi.path}:${process.env['PATH'] ?? ''}`,
  }
  const told = await cli.run(['doctor', '--json'], env)
  const { ok, findings } = doctorLine.parse(JSON.parse(told.stdout))
  expect(ok).toBe(true)
  const of = (name: string) => findings.find((finding) => finding.name === name)
  expect(of('Ollama')).toMatchObject({
    state: 'warn',
    detail: expect.stringMatching(/has no model yet.*Left out.*gpt-oss/),
  })
  expect(of('Model')?.detail).toBe('none yet; try: baton models pull llama3.2')
  expect(of('LM Studio')).toMatchObject({ state: 'ok' })
  expect(of('ComfyUI')).toMatchObject({ state: 'warn' })
  for (const name of ['llama.cpp', 'vLLM', 'Keychain', 'Gemini', 'Claude']) expect(of(name)).toBeDefined()
  expect(of('OpenRouter')).toMatchObject({ state: 'ok', detail: 'There is a key, from the environment.' })
  expect(of('Graphics card')?.detail).toMatch(/NVIDIA RTX A2000 with 6.0 GB/)
  expect(told.stdout).not.toContain('sk-or-secret')
})
