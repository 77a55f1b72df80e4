import { OPENAI_LIKE } from '#contract/model.ts'
import { ok } from '#contract/result.ts'
import type { Core } from './core.ts'
import type { EventLog } from './event/event-log.ts'
import type { HealthMonitor } from './health/health-monitor.ts'
import { refuse } from './refusal.ts'
import type { SettingsStore } from './store/settings-store.ts'
import type { Store } from './store/store.ts'

export interface SettingsWiring {
  readonly store: Store
  readonly events: EventLog
  readonly settings: SettingsStore
  readonly monitor: HealthMonitor
  setUpProviders(): void
  routesChanged(): void
}

/** The settings, with what a change of them sets off. What the configuration file fixes is refused. */
export function wireSettings(parts: SettingsWiring): Core['settings'] {
  const { store, events, settings, monitor } = parts
  return {
    get: settings.settings,
    fixed: settings.fixed,
    async change(change) {
      const fixed = settings.whyFixed('settings', change)
      if (fixed !== null) return refuse('conflict', fixed)
      await store.tryWrite((tx) => {
        settings.changeSettings(tx, change)
        events.append(tx, 'settings.changed', {}, { keys: Object.keys(change) })
      })
      if (change.local_only === false) await monitor.checkAll()
      if (change.base_urls !== undefined) {
        parts.setUpProviders()
        await Promise.all(['google', ...OPENAI_LIKE].map(monitor.check))
      }
      if (change.service_urls !== undefined) await Promise.all(['ollama', 'comfyui'].map(monitor.check))
      parts.routesChanged()
      return ok(settings.settings())
    },
  }
}
