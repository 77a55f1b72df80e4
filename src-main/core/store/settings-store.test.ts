import { expect, test } from 'vitest'
import { DEFAULT_BUDGET_LIMITS } from '#contract/budget.ts'
import { type ModelProfile, modelProfile } from '#contract/model.ts'
import { createSettingsStore } from './settings-store.ts'
import { storeBench } from './store-bench.ts'

test('B3a without a setting there are 5 $ a day and 50 $ a month', () => {
  const { settings } = storeBench()
  expect(settings.budgetLimits()).toEqual({
    ...DEFAULT_BUDGET_LIMITS,
    daily_micros: 5_000_000,
    monthly_micros: 50_000_000,
  })
})

test('C6 changes of one commit add up, and another core reads them', async () => {
  const { store, settings } = storeBench()
  await Promise.all([
    store.write((tx) => settings.changeSettings(tx, { max_concurrent: 3 })),
    store.write((tx) => settings.changeSettings(tx, { max_repairs: 5, planner_tier: undefined })),
    store.write((tx) => settings.changeBudgetLimits(tx, { daily_micros: 1 })),
    store.write((tx) => settings.changeBudgetLimits(tx, { monthly_micros: null })),
    store.write((tx) => settings.setPaused(tx, true)),
  ])
  for (const each of [settings, createSettingsStore(store.sqlite)]) {
    expect(each.settings()).toMatchObject({ max_concurrent: 3, max_repairs: 5, planner_tier: 'strong' })
    expect(each.budgetLimits()).toMatchObject({ daily_micros: 1, monthly_micros: null })
    expect(each.paused()).toBe(true)
  }
})

test('C6 profiles that are put at the same time are all kept', async () => {
  const { store, settings } = storeBench()
  const profile = (name: string): ModelProfile =>
    modelProfile.parse({ name, display_name: name, provider: 'demo', model: 'demo', tiers: ['local'] })
  const put = (name: string): Promise<void> =>
    store.write((tx) => settings.changeProfiles(tx, (profiles) => [...profiles, profile(name)]))
  await Promise.all([put('one'), put('two')])
  expect(settings.profiles().map(({ name }) => name)).toEqual(['one', 'two'])
})

test('C6 a change that is rolled back is not in memory either', async () => {
  const { store, settings } = storeBench()
  const failing = store.write((tx) => {
    settings.changeSettings(tx, { max_concurrent: 3 })
    throw new Error('a bug')
  })
  await expect(failing).rejects.toThrow('a bug')
  expect(settings.settings().max_concurrent).toBe(8)
})
