import { expect, test } from 'vitest'
import type { ChangeSettings } from '#contract/change-settings.ts'
import { type ModelProfile, modelProfile } from '#contract/model.ts'
import { complexity, type Tier, taskType } from '#contract/states.ts'
import { evenlySpread } from '../plan/evenly-spread.ts'
import { storeBench } from '../store/store-bench.ts'
import { createAnthropicProvider } from './anthropic.ts'
import { createModelCatalog } from './catalog.ts'
import { createDemoProvider } from './demo.ts'
import { createDraws } from './draws.ts'
import { createLearnedRouting } from './learned-routing.ts'
import { createOllamaProvider } from './ollama.ts'
import { shippedPrices } from './price-table.ts'
import type { ProviderHealth } from './provider.ts'
import { createProviderBoard } from './provider-status.ts'
import { createRouteOutcomes } from './route-outcomes.ts'
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
    createOllamaProvider({ host: () => 'http://127.0.0.1:9' }),
    createDemoProvider({}),
  ]
  const prices = shippedPrices()
  const catalog = createModelCatalog(settings, new Map(providers.map((each) => [each.id, each])), board, prices)
  const outcomes = createRouteOutcomes(store)
  const learned = createLearnedRouting(settings, outcomes, prices, createDraws(evenlySpread(1)))
  const router = createRouter(settings, catalog, board, learned)
  await store.write((tx) => settings.changeSettings(tx, change))
  const route = (question: Partial<RouteQuestion> = {}): Route =>
    router.route({ type: 'writing', complexity: 'simple', tier: null, profile: null, local_only: false, ...question })
  return {
    catalog,
    route,
    next: router.next,
    /** So many runs of simple writing were verified at a tier, so many refused. */
    past: (tier: Tier, verified: number, refused: number) =>
      store.write((tx) => {
        for (let n = 0; n < verified + refused; n += 1) {
          const outcome = {
            verified: n < verified,
            checks: 1,
            model_checks: 0,
            cost_micros: tier === 'local' ? 0 : 30_000,
          }
          outcomes.note(tx, { type: 'writing', complexity: 'simple', tier, profile: DEFAULTS[tier] }, outcome)
        }
      }),
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

test('R6 R3 a model of Ollama that runs in its cloud is not found, and one that somebody set up is never local', async () => {
  const { catalog, to, put } = await bench({ models: ['gpt-oss:120b-cloud', 'kimi-k2:cloud', 'llama3.2:latest'] })
  const found = catalog.list().filter((profile) => profile.provider === 'ollama')
  expect(found.map(({ model }) => model)).toEqual(['llama3.2:latest'])
  await put({ name: 'mine', provider: 'ollama', model: 'gpt-oss:120b-cloud', tiers: ['local'], rank: 0 })
  expect(catalog.get('mine')).toMatchObject({ available: false, reason: expect.stringMatching(/to its cloud/) })
  expect(to({ tier: 'local', local_only: true })).toBe('ollama:llama3.2:latest')
  expect(to({ profile: 'mine', local_only: true })).toMatch(/to its cloud/)
})

const WRITING = { type: 'writing', complexity: 'simple', tier: null, profile: null, local_only: false } as const

test('R3 balanced tries locally first what can be checked, and keeps to the table where nothing can', async () => {
  const { route } = await bench({}, { routing: 'balanced' })
  for (const type of taskType.options) {
    for (const how of complexity.options) {
      expect(route({ type, complexity: how, verifiable: true })).toMatchObject({ tier: 'local' })
      expect(route({ type, complexity: how, verifiable: false })).toMatchObject({ tier: tierOf(type, how) })
    }
  }
  expect(route({ verifiable: true, tier: 'strong' })).toMatchObject({ tier: 'strong' })
  expect(route({ verifiable: true })).toMatchObject({ reason: expect.stringMatching(/can be checked.*locally first/) })
})

test('G4 the next tier is the nearest that another model can take, up to the highest that is allowed', async () => {
  const { next } = await bench({})
  expect(next(WRITING, 'local', DEFAULTS.local)).toMatchObject({ ok: true, tier: 'fast' })
  expect(next(WRITING, 'local', DEFAULTS.fast)).toMatchObject({ ok: true, tier: 'strong' })
  expect(next(WRITING, 'strong', DEFAULTS.strong)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/No tier above strong/),
  })
  const low = await bench({}, { highest_tier: 'fast' })
  expect(low.next(WRITING, 'fast', DEFAULTS.fast)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/No tier above fast/),
  })
  const own = { ...WRITING, profile: 'demo' }
  expect(next(own, 'local', 'demo')).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/one model for everything/),
  })
})

test('R7 G4 nothing that stays local has a next tier with a paid model, whatever was learned', async () => {
  for (const routing of ['careful', 'balanced', 'learned'] as const) {
    const { next, past, route } = await bench({}, { routing, fallback_to_paid: 'always' })
    await past('local', 0, 50)
    await past('fast', 50, 0)
    const question = { ...WRITING, local_only: true, verifiable: true }
    expect(next(question, 'local', DEFAULTS.local)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/Work stays local here/),
    })
    for (let n = 0; n < 200; n += 1) {
      expect(route({ ...question, explores: true })).toMatchObject({
        ok: true,
        tier: 'local',
        profile: { paid: false },
      })
    }
  }
})

test('R3 learned goes where like tasks were verified, and says how often', async () => {
  const good = await bench({}, { routing: 'learned' })
  await good.past('local', 41, 1)
  expect(good.route({ verifiable: true })).toMatchObject({
    tier: 'local',
    reason: expect.stringMatching(
      /^Learned: 41 of 42 like tasks \(simple writing\) were verified at local\. Tried at local/,
    ),
  })
  const bad = await bench({}, { routing: 'learned' })
  await bad.past('local', 4, 48)
  await bad.past('fast', 30, 1)
  expect(bad.route({ verifiable: true })).toMatchObject({ tier: 'fast', isDrawn: false })
  const drawn = Array.from({ length: 100 }, () => bad.route({ verifiable: true, explores: true }))
  expect(drawn.filter((route) => route.tier === 'fast').length).toBeGreaterThan(90)
  // What nothing can check teaches nothing, and what the plan asks for is not second-guessed.
  expect(bad.route({ verifiable: false })).toMatchObject({ tier: 'local', reason: expect.stringMatching(/^Row 8/) })
  expect(bad.route({ verifiable: true, tier: 'local' })).toMatchObject({ tier: 'local' })
})

test('R4 R3 learned never tries a model that is switched off, unpriced, not there or above the highest tier', async () => {
  const many = async (change: ChangeSettings, states: Parameters<typeof bench>[0] = {}) => {
    const made = await bench(states, { routing: 'learned', ...change })
    await made.past('local', 0, 50)
    await made.past('strong', 50, 0)
    return made
  }
  const names = (made: Awaited<ReturnType<typeof many>>) =>
    new Set(Array.from({ length: 300 }, () => made.to({ verifiable: true, explores: true })))
  expect(await many({}).then(names)).toContain(DEFAULTS.strong)
  expect(await many({ highest_tier: 'fast' }).then(names)).not.toContain(DEFAULTS.strong)
  const off = await many({})
  await off.put({
    name: 'claude-sonnet',
    provider: 'anthropic',
    model: 'claude-sonnet-4-6',
    tiers: ['strong'],
    enabled: false,
  })
  expect(names(off)).not.toContain(DEFAULTS.strong)
  const unpriced = await many({})
  await unpriced.put({ name: 'claude-sonnet', provider: 'anthropic', model: 'claude-unheard-of', tiers: ['strong'] })
  expect(names(unpriced)).not.toContain(DEFAULTS.strong)
  expect(names(await many({}, { anthropic: 'down' }))).toEqual(new Set([DEFAULTS.local]))
})
