import { z } from 'zod'
import { type BudgetLimits, budgetLimits, DEFAULT_BUDGET_LIMITS } from '#contract/budget.ts'
import type { ChangeSettings, FixedSettings } from '#contract/change-settings.ts'
import { type ModelProfile, modelProfile } from '#contract/model.ts'
import { type StartableService, type StartCommand, startableService, startCommand } from '#contract/service-start.ts'
import { type Settings, settings } from '#contract/settings.ts'
import { type Configured, fixedByFile, given, notFixed } from './configured.ts'
import type { Sqlite } from './connection.ts'
import type { Tx } from './write-queue.ts'

/** What a person has set, and what was found on this machine. Read from memory; a change is in memory as soon as its transaction is durable. */
export interface SettingsStore {
  /** What the configuration file sets. */
  fixed(): FixedSettings
  /** Why a change cannot be made because the configuration file says something else; null where it can. */
  whyFixed(part: 'settings' | 'budget', change: object): string | null
  settings(): Settings
  changeSettings(tx: Tx, change: ChangeSettings): Settings
  budgetLimits(): BudgetLimits
  changeBudgetLimits(tx: Tx, change: Partial<BudgetLimits>): void
  /** Profiles that a person made or changed; built-in and discovered ones are not here. */
  profiles(): readonly ModelProfile[]
  changeProfiles(tx: Tx, change: (profiles: readonly ModelProfile[]) => ModelProfile[]): void
  /** By provider: the models that it had when it last answered. */
  foundModels(): Readonly<Record<string, readonly string[]>>
  setFoundModels(tx: Tx, provider: string, models: readonly string[]): void
  /** By provider: until when (ms) it asked to be left alone, and what it said. */
  providerHolds(): Readonly<Record<string, { readonly until: number; readonly reason: string }>>
  setProviderHolds(tx: Tx, holds: Readonly<Record<string, { readonly until: number; readonly reason: string }>>): void
  /** By server: how Baton starts it. Nobody but a person at this machine sets one: no archive and no file does. */
  startCommands(): StartCommands
  setStartCommand(tx: Tx, name: StartableService, start: StartCommand | null): void
  /** Whether everything is paused by a person. */
  paused(): boolean
  setPaused(tx: Tx, paused: boolean): void
}

const startCommands = z.partialRecord(startableService, startCommand)
type StartCommands = z.output<typeof startCommands>

const DOCUMENTS = {
  settings,
  budget_limits: budgetLimits,
  model_profiles: z.array(modelProfile),
  found_models: z.record(z.string(), z.array(z.string())),
  provider_holds: z.record(z.string(), z.object({ until: z.number().int(), reason: z.string() })),
  start_commands: startCommands,
  paused: z.boolean(),
}
type Documents = { [K in keyof typeof DOCUMENTS]: z.output<(typeof DOCUMENTS)[K]> }

export function createSettingsStore(sqlite: Sqlite, configured?: Configured): SettingsStore {
  const select = sqlite.prepare<[string], string>('SELECT value FROM setting WHERE key = ?').pluck()
  const upsert = sqlite.prepare(
    `INSERT INTO setting (key, value, updated_at) VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
  )

  const defaults: Documents = {
    // Once: compiling the schema would take longer than the parsing.
    settings: settings.parse({}, { jitless: true }),
    budget_limits: DEFAULT_BUDGET_LIMITS,
    model_profiles: [],
    found_models: {},
    provider_holds: {},
    start_commands: {},
    paused: false,
  }

  /** From the table, not from memory: an earlier change of the same commit is not in memory yet. */
  function stored<K extends keyof Documents>(key: K): Documents[K] {
    const text = select.get(key)
    return text === undefined ? defaults[key] : (DOCUMENTS[key].parse(JSON.parse(text)) as Documents[K])
  }

  const fixed = { settings: given(configured?.settings ?? {}), budget: given(configured?.budget ?? {}) }
  const above: Partial<Record<keyof Documents, object>> = { settings: fixed.settings, budget_limits: fixed.budget }
  /** What holds: the file goes before what was set here. */
  function holding<K extends keyof Documents>(key: K, value: Documents[K]): Documents[K] {
    const over = above[key]
    return over === undefined ? value : Object.assign({}, value, over)
  }

  const current: Documents = {
    settings: holding('settings', stored('settings')),
    budget_limits: holding('budget_limits', stored('budget_limits')),
    model_profiles: stored('model_profiles'),
    found_models: stored('found_models'),
    provider_holds: stored('provider_holds'),
    start_commands: stored('start_commands'),
    paused: stored('paused'),
  }

  function save<K extends keyof Documents>(tx: Tx, key: K, value: Documents[K]): void {
    upsert.run(key, JSON.stringify(value), Date.now())
    tx.afterCommit(() => {
      current[key] = holding(key, value)
    })
  }

  return {
    fixed: () => ({
      file: configured?.file ?? null,
      settings: Object.keys(fixed.settings),
      budget: Object.keys(fixed.budget),
    }),
    whyFixed: (part, change) => (configured === undefined ? null : fixedByFile(configured.file, fixed[part], change)),
    settings: () => current.settings,
    changeSettings(tx, change) {
      const next = settings.parse({ ...stored('settings'), ...notFixed(fixed.settings, change) })
      save(tx, 'settings', next)
      return next
    },
    budgetLimits: () => current.budget_limits,
    changeBudgetLimits: (tx, change) =>
      save(tx, 'budget_limits', { ...stored('budget_limits'), ...notFixed(fixed.budget, change) }),
    profiles: () => current.model_profiles,
    changeProfiles: (tx, change) => save(tx, 'model_profiles', change(stored('model_profiles'))),
    foundModels: () => current.found_models,
    setFoundModels: (tx, provider, models) =>
      save(tx, 'found_models', { ...stored('found_models'), [provider]: [...models] }),
    providerHolds: () => current.provider_holds,
    setProviderHolds: (tx, holds) => save(tx, 'provider_holds', { ...holds }),
    startCommands: () => current.start_commands,
    setStartCommand(tx, name, start) {
      const { [name]: _, ...others } = stored('start_commands')
      save(tx, 'start_commands', start === null ? others : { ...others, [name]: start })
    },
    paused: () => current.paused,
    setPaused: (tx, paused) => save(tx, 'paused', paused),
  }
}
