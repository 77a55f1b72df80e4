import { approvals } from './routes/approvals.ts'
import { archives } from './routes/archives.ts'
import { auth } from './routes/auth.ts'
import { backups } from './routes/backups.ts'
import { budgets } from './routes/budgets.ts'
import { events } from './routes/events.ts'
import { jobs } from './routes/jobs.ts'
import { knowledge } from './routes/knowledge.ts'
import { locks } from './routes/locks.ts'
import { mcp } from './routes/mcp.ts'
import { models } from './routes/models.ts'
import { plans } from './routes/plans.ts'
import { projects } from './routes/projects.ts'
import { runs } from './routes/runs.ts'
import { services } from './routes/services.ts'
import { settings } from './routes/settings.ts'
import { system } from './routes/system.ts'
import { tasks } from './routes/tasks.ts'
import { usage } from './routes/usage.ts'
import { users } from './routes/users.ts'
import { webhooks } from './routes/webhooks.ts'

/** Every call that a window, a terminal or a script can make. One contract drives message port, REST and OpenAPI. */
export const contract = {
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
}
export type Contract = typeof contract
