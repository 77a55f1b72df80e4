import type { Router } from '@orpc/server'
import type { Contract } from '#contract/contract.ts'
import { approvals } from './approvals.ts'
import { archives } from './archives.ts'
import { auth } from './auth.ts'
import { backups } from './backups.ts'
import { budgets } from './budgets.ts'
import { events } from './events.ts'
import { type ApiContext, api } from './implementer.ts'
import { jobs } from './jobs.ts'
import { knowledge } from './knowledge.ts'
import { locks } from './locks.ts'
import { mcp } from './mcp.ts'
import { models } from './models.ts'
import { plans } from './plans.ts'
import { projects } from './projects.ts'
import { runs } from './runs.ts'
import { services } from './services.ts'
import { settings } from './settings.ts'
import { system } from './system.ts'
import { tasks } from './tasks.ts'
import { usage } from './usage.ts'
import { users } from './users.ts'
import { webhooks } from './webhooks.ts'

/** Named, because what TypeScript infers grew too long to be written into declarations. */
export type ApiRouter = Router<Contract, ApiContext>

/** The whole contract with its handlers. Every transport (REST, message port, in-process) serves this one. */
export function createRouter(): ApiRouter {
  return api.router({
    projects,
    plans,
    tasks,
    runs,
    jobs,
    approvals,
    mcp,
    events,
    budgets,
    usage,
    services,
    models,
    settings,
    archives,
    backups,
    locks,
    knowledge,
    auth,
    users,
    webhooks,
    system,
  })
}
