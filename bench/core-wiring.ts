import { modelProfile } from '#contract/model.ts'
import type { PlanDocument } from '#contract/plan.ts'
import { settings as settingsSchema } from '#contract/settings.ts'
import { createLedger } from '#core/budget/ledger.ts'
import type { Log } from '#core/core.ts'
import { createEventLog } from '#core/event/event-log.ts'
import type { Engine } from '#core/execution/engine.ts'
import { createExecutor, type Executor } from '#core/execution/executor.ts'
import { createProjectEnd } from '#core/execution/project-end.ts'
import { recover } from '#core/execution/recovery.ts'
import { createLeaseStats } from '#core/lock/lease-stats.ts'
import { createLeaseStore } from '#core/lock/lease-store.ts'
import { createLeases } from '#core/lock/leases.ts'
import { createWriteScopes } from '#core/lock/write-scopes.ts'
import { createModelCatalog } from '#core/model/catalog.ts'
import { createDemoProvider } from '#core/model/demo.ts'
import { shippedPrices } from '#core/model/price-table.ts'
import { createProviderBoard } from '#core/model/provider-status.ts'
import { createRouter } from '#core/model/router.ts'
import { createDecompose } from '#core/plan/decompose-plan.ts'
import { createProposePlan } from '#core/plan/propose-plan.ts'
import { createMoveProject } from '#core/project/project-changes.ts'
import { createJournal } from '#core/run/journal.ts'
import { createRunChanges } from '#core/run/run-changes.ts'
import { createBlobStore } from '#core/store/blob-store.ts'
import { project as projectTable } from '#core/store/schema.ts'
import { createSettingsStore } from '#core/store/settings-store.ts'
import { openStore, type Store } from '#core/store/store.ts'
import { createTaskChanges, type ReadyRow } from '#core/task/task-changes.ts'
import { CONCURRENCY } from './graph-shapes.ts'

/** The real core from the plan's approval to the project's end, around an engine of the caller's. */
export interface CoreWiring {
  readonly store: Store
  readonly executor: Executor
  /** Approves each plan for a project of its own, all in one transaction; answers with the tasks that can start. */
  approve(plans: readonly PlanDocument[]): Promise<ReadyRow[]>
  close(): Promise<void>
}

const LOG: Log = {
  info: () => undefined,
  warn: (message, fields) => console.error(message, fields),
  error: (message, fields) => console.error(message, fields),
}

/** Wires what `create-core.ts` wires, as far as tasks need it, with room for {@link CONCURRENCY} runs everywhere. */
export async function wireCore(dataDir: string, engine: Engine): Promise<CoreWiring> {
  const opened = openStore(dataDir, () => undefined)
  if (!opened.ok) throw new Error(opened.error.message)
  const store = opened.value
  const events = createEventLog(store)
  const settings = createSettingsStore(store.sqlite)
  await store.write((tx) => {
    const room = {
      max_concurrent: CONCURRENCY,
      max_concurrent_per_project: CONCURRENCY,
      max_concurrent_per_provider: CONCURRENCY,
    }
    settings.changeSettings(tx, { ...settingsSchema.parse({}), ...room })
    const profile = {
      name: 'instant',
      display_name: 'Instant',
      provider: 'demo',
      model: 'demo',
      tiers: ['local', 'fast', 'strong'],
      max_concurrent: CONCURRENCY,
    }
    settings.changeProfiles(tx, [modelProfile.parse(profile)])
  })
  const ledger = createLedger(store, events, settings)
  const journal = createJournal(store, events, createBlobStore(dataDir))
  const board = createProviderBoard()
  const catalog = createModelCatalog(settings, new Map([['demo', createDemoProvider()]]), board, shippedPrices())
  const router = createRouter(settings, catalog, board)
  const moveProject = createMoveProject(store, events)
  const proposePlan = createProposePlan(events)
  const tasks = createTaskChanges(store, events)
  const runs = createRunChanges(store, events, journal)
  const projectEnd = createProjectEnd(store, ledger, router, moveProject, proposePlan)
  const decompose = createDecompose(store, events)
  const leaseRows = createLeaseStore(store)
  const leases = createLeases(store, leaseRows, createLeaseStats(store), events, LOG)
  const writeScopes = createWriteScopes(leases, leaseRows, { pid: process.pid, started: null })
  await recover(store, ledger, runs, tasks, leases, LOG)
  const executor = createExecutor({
    store,
    settings,
    ledger,
    board,
    router,
    engine,
    tasks,
    runs,
    moveProject,
    projectEnd,
    writeScopes,
    log: LOG,
  })
  executor.allow('all')

  return {
    store,
    executor,
    async close() {
      await executor.stop(1_000)
      leases.close()
      store.close()
    },
    approve: (plans) =>
      store.write((tx) =>
        plans.flatMap((document) => {
          const now = Date.now()
          const project = tx.orm
            .insert(projectTable)
            .values({
              name: document.title,
              requirements: document.title,
              owner: 'local',
              state: 'draft',
              profile: 'instant',
              created_at: now,
              updated_at: now,
            })
            .returning()
            .get()
          const plan = proposePlan(tx, { project_id: project.id, source: 'file', document, repairs: [], note: '' })
          moveProject(tx, project.id, 'awaiting_approval', '')
          moveProject(tx, project.id, 'executing', '')
          return decompose(tx, plan, project)
        }),
      ),
  }
}
