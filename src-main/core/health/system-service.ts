import type { BudgetScope } from '#contract/budget.ts'
import { ok } from '#contract/result.ts'
import type { Health, Service, Status } from '#contract/service.ts'
import { waitingOn } from '#contract/states.ts'
import { toTimestamp } from '#contract/time.ts'
import { passes } from '#contract/waiting.ts'
import type { Core } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'

/** As SQL lists them. */
const PASSING = waitingOn.options
  .filter(passes)
  .map((word) => `'${word}'`)
  .join(', ')

export interface SystemParts {
  readonly version: string
  readonly store: Store
  readonly events: EventLog
  readonly settings: SettingsStore
  scopes(): { day: BudgetScope; month: BudgetScope }
  services(): Service[]
  /** Money that no provider has confirmed, in micro-dollars. */
  unconfirmed(): number
  activeLocks(): number
  counts(): { running: number; queued: number }
  pauseRuns(): void
  /** Takes up everything that waited while all was paused. */
  goOn(): void
}

/** What the strip and the health route show, and the switch that stops everything (U1, A3a, E4). */
export function createSystemService(parts: SystemParts): Omit<Core['system'], 'cancelAll'> {
  const { store, events, settings } = parts
  const startedAt = Date.now()
  const waitingTasks = store.sqlite.prepare<[], number>("SELECT count(*) FROM task WHERE state = 'waiting'").pluck()
  // What a person paused is not in the queue, nor is that of projects that they paused.
  const queuedTasks = store.sqlite
    .prepare<[], number>(
      `SELECT coalesce(sum(ready), 0)
       FROM (SELECT project_id, count(*) AS ready FROM task WHERE state = 'ready' AND held = 0 GROUP BY project_id)
         JOIN project ON project.id = project_id
       WHERE project.state IN ('executing', 'waiting')`,
    )
    .pluck()
  // What only a person can move: plans and calls to approve, money to allow, services to mend; ended work to look at is not among
  // them, nor what waits for something that passes by itself, unless a person paused it. Lost replies whose cost a person may
  // correct count as one, however many there are.
  const needsYou = store.sqlite
    .prepare<[], number>(
      `WITH asked AS (
         SELECT a.project_id FROM approval a JOIN run r ON r.id = a.run_id
         WHERE a.state = 'open' AND r.state IN ('queued', 'running', 'waiting')
       )
       SELECT (SELECT count(*) FROM asked) + (SELECT count(*) FROM project WHERE state = 'awaiting_approval'
         OR (state = 'waiting' AND id NOT IN (SELECT project_id FROM asked) AND (
           NOT EXISTS (SELECT 1 FROM task t WHERE t.project_id = project.id AND t.state = 'waiting' AND t.held = 0 AND t.waiting_on IN (${PASSING}))
           OR EXISTS (SELECT 1 FROM task t WHERE t.project_id = project.id AND t.state = 'waiting' AND t.held = 0 AND t.waiting_on NOT IN (${PASSING})))
           AND NOT (EXISTS (SELECT 1 FROM run r WHERE r.project_id = project.id AND r.task_id IS NULL AND r.kind = 'plan' AND r.state = 'waiting')
             AND project.plan_waits_on IN (${PASSING})
             AND NOT EXISTS (SELECT 1 FROM task t WHERE t.project_id = project.id))))`,
    )
    .pluck()
  // How long a project works is held against its estimate, and nobody works while everything is paused.
  const stopClocks = store.sqlite.prepare(
    'UPDATE project SET worked_ms = worked_ms + max(? - working_since, 0), working_since = NULL WHERE working_since IS NOT NULL',
  )
  const startClocks = store.sqlite.prepare("UPDATE project SET working_since = ? WHERE state = 'executing'")
  const alive = store.sqlite.prepare<[], number>('SELECT 1').pluck()

  function status(): Status {
    const { day, month } = parts.scopes()
    return {
      version: parts.version,
      paused: settings.paused(),
      local_only: settings.settings().local_only,
      day,
      month,
      services: parts.services(),
      running: parts.counts().running,
      queued: queuedTasks.get() ?? 0,
      waiting: waitingTasks.get() ?? 0,
      needs_you: (needsYou.get() ?? 0) + (parts.unconfirmed() > 0 ? 1 : 0),
      storage: store.trouble(),
      last_event_id: events.id(events.lastSeq()),
    }
  }

  function health(): Health {
    const database = alive.get() === 1
    const storage = store.trouble()
    const services = parts.services()
    const troubled =
      services.some((service) => service.state === 'down' || service.state === 'degraded') || storage !== null
    const components = Object.fromEntries([
      [
        'database',
        { status: database ? (storage === null ? 'healthy' : 'degraded') : 'unhealthy', detail: storage?.kind ?? '' },
      ],
      ['executor', { status: settings.paused() ? 'degraded' : 'healthy', detail: settings.paused() ? 'Paused.' : '' }],
      ...services.map((service) => [service.name, { status: service.state, detail: '' }] as const),
    ])
    return {
      status: database ? (troubled ? 'degraded' : 'healthy') : 'unhealthy',
      timestamp: toTimestamp(Date.now()),
      version: parts.version,
      components,
      metrics: {
        uptime_seconds: (Date.now() - startedAt) / 1_000,
        total_requests: 0,
        active_tasks: parts.counts().running,
        active_locks: parts.activeLocks(),
      },
    }
  }

  async function setPaused(paused: boolean): Promise<ReturnType<typeof ok<Status>>> {
    await store.tryWrite((tx) => {
      if (settings.paused() === paused) return
      settings.setPaused(tx, paused)
      const clocks = paused ? stopClocks : startClocks
      clocks.run(Date.now())
      events.append(tx, 'executor.paused', {}, { paused })
    })
    if (paused) parts.pauseRuns()
    else parts.goOn()
    return ok(status())
  }

  return { health, status, pauseAll: () => setPaused(true), resumeAll: () => setPaused(false) }
}
