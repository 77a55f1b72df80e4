import { expect, test } from 'vitest'
import { type ModelProfile, modelProfile } from '#contract/model.ts'
import type { ChangeSettings } from '#contract/settings.ts'
import { complexity, type Tier, taskType } from '#contract/states.ts'
import { storeBench } from '../store/store-bench.ts'
import { createAnthropicProvider } from './anthropic.ts'
import { createModelCatalog } from './catalog.ts'
import { createDemoProvider } from './demo.ts'
import { createOllamaProvider } from './ollama.ts'
import { shippedPrices } from './price-table.ts'
import type { ProviderHealth } from './provider.ts'
import { createProviderBoard } from './provider-status.ts'
import { createRouter, type Route, type RouteQuestion } from './router.ts'

type State = ProviderHealth['state']

async function bench(states: { anthropic?: State; ollama?: State; models?: string[] }, change: ChangeSettings = {}) {
  const { store, settings } = storeBench()
  const board = createProviderBoard()
  const models = states.models ?? ['llama3.2']
  const health = (state: State, names: string[]): ProviderHealth => ({
    state,
    detail: `It is ${state}.`,
    models: names,
  })
  board.report('anthropic', health(states.anthropic ?? 'healthy', []))
  board.report('ollama', health(states.ollama ?? 'healthy', states.ollama === undefined ? models : []))
  board.report('demo', health('healthy', []))
  // Nothing is asked of them here; which exist, and which cost money, is what routing needs.
  const providers = [
    createAnthropicProvider({ api_key: 'none' }),
    createOllamaProvider({ host: 'http://127.0.0.1:9' }),
    createDemoProvider({}),
  ]
  const catalog = createModelCatalog(
    settings,
    new Map(providers.map((each) => [each.id, each])),
    board,
    shippedPrices(),
  )
  const router = createRouter(settings, catalog, board)
  await store.write((tx) => settings.changeSettings(tx, change))
  const route = (question: Partial<RouteQuestion> = {}): Route =>
    router.route({ type: 'writing', complexity: 'simple', tier: null, profile: null, local_only: false, ...question })
  return {
    catalog,
    route,
    put: (profile: Partial<ModelProfile>) =>
      store.write((tx) =>
        settings.changeProfiles(tx, () => [modelProfile.parse({ display_name: 'Own', tiers: [], ...profile })]),
      ),
    to: (question: Partial<RouteQuestion> = {}): string => {
      const answer = route(question)
      return answer.ok ? answer.profile.name : `refused: ${answer.message}`
    },
  }
}

/** R3's table, as it is written there. */
function tierOf(type: string, how: string): Tier {
  if (type === 'asset') return 'local'
  if (type === 'planning') return 'strong'
  if (type === 'integration') return 'fast'
  if (type === 'code') return how === 'simple' ? 'fast' : 'strong'
  return how === 'simple' ? 'local' : how === 'medium' ? 'fast' : 'strong'
}
const DEFAULTS: Readonly<Record<Tier, string>> = {
  local: 'ollama:llama3.2',
  fast: 'claude-haiku',
  strong: 'claude-sonnet',
}

test('R3 sends every type and complexity where the table says', async () => {
  const { route } = await bench({})
  for (const type of taskType.options) {
    for (const how of complexity.options) {
      const tier = tierOf(type, how)
      expect([type, how, route({ type, complexity: how })]).toMatchObject([
        type,
        how,
        { ok: true, tier, profile: { name: DEFAULTS[tier] } },
      ])
    }
  }
})

test('R3 a tier that the plan asks for comes before the table', async () => {
  const { to } = await bench({})
  expect(to({ tier: 'strong' })).toBe('claude-sonnet')
  expect(to({ type: 'planning', tier: 'local' })).toBe('ollama:llama3.2')
})

test('R2 demo is never chosen by routing, only by name', async () => {
  const { route, to } = await bench({ anthropic: 'not_configured', ollama: 'down' })
  for (const tier of ['local', 'fast', 'strong'] as const) expect(route({ tier }).ok).toBe(false)
  expect(to({ profile: 'demo' })).toBe('demo')
})

test('R7 local-only keeps every tier and every chosen profile from a paid provider', async () => {
  for (const [question, change] of [
    [{ local_only: true }, {}],
    [{}, { local_only: true }],
  ] as const) {
    const { to } = await bench({}, { ...change, fallback_to_paid: 'always' })
    for (const tier of ['local', 'fast', 'strong'] as const) expect(to({ ...question, tier })).toBe('ollama:llama3.2')
    expect(to({ ...question, profile: 'claude-haiku' })).toMatch(/paid, and this project is local-only/)
    const without = await bench({ ollama: 'down' }, { ...change, fallback_to_paid: 'always' })
    for (const tier of ['local', 'fast', 'strong'] as const) expect(without.route({ ...question, tier }).ok).toBe(false)
  }
})

test('P2 local work goes to a paid model only as far as the user allows', async () => {
  const none = { ollama: 'not_configured' } as const
  expect((await bench(none)).to({ tier: 'local' })).toBe('claude-haiku')
  expect((await bench(none, { fallback_to_paid: 'never' })).to({ tier: 'local' })).toMatch(/^refused: No local model/)
  const own = { name: 'mine', provider: 'ollama', model: 'm', tiers: ['local' as Tier] } as const
  const down = await bench({ ollama: 'down' })
  await down.put({ ...own, tiers: ['local'] })
  expect(down.to({ tier: 'local' })).toMatch(/^refused: .*It is down/)
  const always = await bench({ ollama: 'down' }, { fallback_to_paid: 'always' })
  await always.put({ ...own, tiers: ['local'] })
  expect(always.to({ tier: 'local' })).toBe('claude-haiku')
})

test('P2 paid work goes to a local model only where no paid one is set up', async () => {
  expect((await bench({ anthropic: 'not_configured' })).to({ tier: 'strong' })).toBe('ollama:llama3.2')
  expect((await bench({ anthropic: 'down' })).to({ tier: 'strong' })).toMatch(/^refused: .*It is down/)
  const strict = await bench({ anthropic: 'not_configured' }, { fallback_to_local: false })
  expect(strict.to({ tier: 'strong' })).toMatch(/^refused: /)
})

test('R3 the better ranked of a tier goes first, and one that cannot be used is passed over', async () => {
  const { to, put } = await bench({ models: ['a', 'b'] })
  expect(to()).toBe('ollama:a')
  await put({ name: 'best', provider: 'ollama', model: 'b', tiers: ['local'], rank: 1 })
  expect(to()).toBe('best')
  await put({ name: 'best', provider: 'ollama', model: 'gone', tiers: ['local'], rank: 1 })
  expect(to()).toBe('ollama:a')
  await put({
    name: 'claude-haiku',
    provider: 'anthropic',
    model: 'claude-haiku-4-5-20251001',
    tiers: ['fast'],
    enabled: false,
  })
  expect(to({ profile: 'claude-haiku' })).toMatch(/Switched off/)
  expect(to({ profile: 'nobody' })).toMatch(/There is no model profile "nobody"/)
})

test('R4 a paid model without a price is refused until one is entered', async () => {
  const { to, put } = await bench({})
  await put({ name: 'new', provider: 'anthropic', model: 'claude-unheard-of', tiers: ['fast'], rank: 0 })
  expect(to({ profile: 'new' })).toMatch(/No price is known/)
  expect(to({ tier: 'fast' })).toBe('claude-haiku')
})

test('R6 models that are found are listed, but no embedders and no names that cannot be', async () => {
  const { catalog } = await bench({ models: ['nomic-embed-text', 'x'.repeat(300), '', 'qwen 3/8b'] })
  const found = catalog.list().filter((profile) => profile.provider === 'ollama')
  expect(found.map((profile) => [profile.name, profile.model])).toEqual([['ollama:qwen-3-8b', 'qwen 3/8b']])
})
