import { backups } from './backups.ts'
import { budgets } from './budgets.ts'
import { events } from './events.ts'
import { api } from './implementer.ts'
import { models } from './models.ts'
import { plans } from './plans.ts'
import { projects } from './projects.ts'
import { runs } from './runs.ts'
import { services } from './services.ts'
import { settings } from './settings.ts'
import { system } from './system.ts'
import { tasks } from './tasks.ts'
import { usage } from './usage.ts'

/** The whole contract with its handlers. Every transport (REST, message port, in-process) serves this one. */
export function createRouter() {
  return api.router({
    projects,
    plans,
    tasks,
    runs,
    events,
    budgets,
    usage,
    services,
    models,
    settings,
    backups,
    system,
  })
}
export type ApiRouter = ReturnType<typeof createRouter>
