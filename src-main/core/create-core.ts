import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { encodeId } from '#contract/ids.ts'
import { ok, type Result } from '#contract/result.ts'
import { createExport } from './archive/export-project.ts'
import { createImport, finishImports } from './archive/import-project.ts'
import { createTransfers } from './archive/transfers.ts'
import { createBatchBook } from './batch/batch-book.ts'
import { createBatchLoop } from './batch/batch-loop.ts'
import { batchWords } from './batch/batch-words.ts'
import { createBudgetService } from './budget/budget-service.ts'
import { createLedger } from './budget/ledger.ts'
import type { Core, CoreOptions, Log } from './core.ts'
import { createLife } from './core-life.ts'
import { createAuditLog } from './event/audit-log.ts'
import { createEventFeed } from './event/event-feed.ts'
import { createEventLog } from './event/event-log.ts'
import type { Engine } from './execution/engine.ts'
import { createExecutor, type Executor } from './execution/executor.ts'
import { createLocalEngine } from './execution/local-engine.ts'
import { createProjectEnd } from './execution/project-end.ts'
import { laneOf } from './execution/ready-queue.ts'
import { recover } from './execution/recovery.ts'
import { createFailpoint, type ImportFailpoint } from './failpoint.ts'
import { createFinder } from './finder.ts'
import { createGpu } from './gpu/gpu-service.ts'
import { createBackupService } from './health/daily-backup.ts'
import { createHealthMonitor } from './health/health-monitor.ts'
import { createServiceControl } from './health/service-control.ts'
import { createServiceRunner } from './health/service-runner.ts'
import { createSetup } from './health/setup-service.ts'
import { watchStorage } from './health/storage-watch.ts'
import { createSystemService } from './health/system-service.ts'
import { createIdentity } from './identity/create-identity.ts'
import { createOwnership } from './identity/ownership.ts'
import { createComfyuiService } from './image/comfyui-health.ts'
import { createImageShelf } from './image/image-shelf.ts'
import { createTemplateFolder } from './image/template-folder.ts'
import { createJobs } from './job/job-service.ts'
import type { SearchKnowledge } from './knowledge/knowledge-parts.ts'
import { createLazyKnowledge } from './knowledge/lazy-knowledge.ts'
import { createLeaseStats } from './lock/lease-stats.ts'
import { createLeaseStore } from './lock/lease-store.ts'
import { createLeases } from './lock/leases.ts'
import { createLockService } from './lock/lock-service.ts'
import { createWriteScopes, writePaths } from './lock/write-scopes.ts'
import { createMcp } from './mcp/mcp-service.ts'
import { createCorrectUsage } from './model/correct-usage.ts'
import { createModelPulls } from './model/model-pulls.ts'
import { createModelService } from './model/model-service.ts'
import { livePrices, shippedPrices } from './model/price-table.ts'
import { createProviderBoard } from './model/provider-status.ts'
import { createUsageLog } from './model/usage-log.ts'
import { createUsageView } from './model/usage-view.ts'
import { openHostProxy } from './network/host-proxy.ts'
import { createReach } from './network/reach.ts'
import { createApprovePlan } from './plan/approve-plan.ts'
import { createChangePlan } from './plan/change-plan.ts'
import { createDecompose } from './plan/decompose-plan.ts'
import { createHasTasks } from './plan/has-tasks.ts'
import { createPastTasks } from './plan/past-tasks.ts'
import { createEstimatePlan } from './plan/plan-estimates.ts'
import { createPlanOutcomes } from './plan/plan-outcomes.ts'
import { createPlanService } from './plan/plan-service.ts'
import { createProposePlan } from './plan/propose-plan.ts'
import { createStopPlanning } from './plan/stop-planning.ts'
import { createChildren } from './process/children.ts'
import { createClockWatch } from './process/clock-watch.ts'
import { processStart } from './process/process-start.ts'
import { createArtifacts } from './project/artifacts.ts'
import { createManyTasks } from './project/many-tasks.ts'
import { createOwnerSwitch } from './project/owner-switch.ts'
import { createMoveProject } from './project/project-changes.ts'
import { createProjectService } from './project/project-service.ts'
import { createProjectView } from './project/project-view.ts'
import { type Refusal, refuse } from './refusal.ts'
import { refuseCoreInTrouble } from './refuse-core-in-trouble.ts'
import { resourceFolder } from './resource-folder.ts'
import { createApprovals } from './run/approvals.ts'
import { createAttempts } from './run/attempts.ts'
import { createCallSlots } from './run/call-slots.ts'
import { createFreeRuns } from './run/free-runs.ts'
import { createJournal } from './run/journal.ts'
import { PLAN_TOOLS } from './run/plan-run.ts'
import { createRunChanges } from './run/run-changes.ts'
import type { RunServices } from './run/run-frame.ts'
import { createRunView } from './run/run-view.ts'
import { settleOpenCalls } from './run/settle-open-calls.ts'
import { createLinuxSandbox } from './sandbox/linux-sandbox.ts'
import { createKeptSecrets } from './secret/kept-secrets.ts'
import { createKeyUse } from './secret/key-use.ts'
import { createVaultService } from './secret/vault-service.ts'
import { createBackups } from './store/backups.ts'
import { createBlobStore } from './store/blob-store.ts'
import { createIdempotencyKeys } from './store/idempotency-keys.ts'
import { livedUntil } from './store/lived-until.ts'
import { completeSwap } from './store/restore-swap.ts'
import type { TaskRow } from './store/schema.ts'
import { createSettingsStore } from './store/settings-store.ts'
import { openStore } from './store/store.ts'
import { createSurroundings } from './surroundings.ts'
import { createCloseWaitingRun } from './task/close-run.ts'
import { createTaskChanges, readyRowOf } from './task/task-changes.ts'
import { createTaskService } from './task/task-service.ts'
import { createTaskView } from './task/task-view.ts'
import { createToolRegistry } from './tool/registry.ts'
import { createWebhooks } from './webhook/webhook-service.ts'
import { wireEvents } from './wire-events.ts'
import { wireModels } from './wire-models.ts'
import { wireProjects } from './wire-projects.ts'
import { wireSettings } from './wire-settings.ts'
import { wireTools } from './wire-tools.ts'
import { takeBackBrokenOff } from './workspace/checkpoint-broken-off.ts'
import { findGit } from './workspace/checkpoint-git.ts'
import { createCheckpointRecorder } from './workspace/checkpoint-recorder.ts'
import { createCheckpointService } from './workspace/checkpoint-service.ts'
import { DEFAULT_FILE_RULES } from './workspace/file-rules.ts'
import { openLocalWorkspace } from './workspace/local-workspace.ts'
import { tidyTimes } from './workspace/tidy-times.ts'
import { moveToTrash } from './workspace/trash.ts'

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/**
 * Opens the store, wires every service and answers with the product. The one place that names adapters. What a dead process
 * left open is settled before this resolves; nothing runs until `execute` is called. The caller holds the data folder's
 * lock (D1). `makeEngine` gives what carries runs out in place of this process: an instant engine in benchmarks.
 */
export async function createCore(
  options: CoreOptions,
  makeEngine?: (services: RunServices) => Engine,
): Promise<Result<Core, Refusal>> {
  const log = options.log ?? SILENT
  const failpoint = createFailpoint(options.failpoints ?? [])
  // Before the database is opened: it may be half swapped.
  const swapped = completeSwap(options.data_dir, createFailpoint(options.failpoints ?? []))
  if (!swapped.ok) return swapped
  if (swapped.value !== null) log.warn('An interrupted restore was ended', { backup: swapped.value.backup_id })
  const opened = openStore(options.data_dir, failpoint)
  if (!opened.ok) return opened
  const store = opened.value
  mkdirSync(options.data_dir, { recursive: true, mode: 0o700 })

  if (store.chainFindings.length > 0)
    log.error('The chains speak against the database', { findings: store.chainFindings })

  const audit = createAuditLog(store)
  const events = createEventLog(store, audit)
  // Asked before anything is written: the clock may have been set back since another core lived here.
  const lived = livedUntil(store)
  watchStorage(store, events, log)
  const settings = createSettingsStore(store.sqlite, options.configured)
  const ledger = createLedger(store, events, settings)
  const blobs = createBlobStore(options.data_dir, failpoint)
  const journal = createJournal(store, events, blobs)
  const images = createImageShelf(blobs)
  const usageView = createUsageView(store, options.data_dir)
  const batches = createBatchBook(store)
  const importFailpoint: ImportFailpoint = createFailpoint(options.failpoints ?? [])
  // Before anything looks at projects: the files of one may not be in their place yet.
  await finishImports({ data_dir: options.data_dir, store, events, failpoint: importFailpoint, log })
  const prices = livePrices(shippedPrices(), settings.profiles)
  const board = createProviderBoard(settings.foundModels(), settings.providerHolds())

  const searchPath = options.path ?? ''
  const git = createFinder('It is not known yet whether git is on this machine. Try again in a moment.', () =>
    findGit(options.data_dir, searchPath),
  )
  const wired = wireModels({ options, store, settings, prices, board })
  if (!wired.ok) {
    store.close()
    return wired
  }
  const { keys, addresses, comfyui, ollama, windows, readCards, providers, setUpProviders, catalog, outcomes, router } =
    wired.value
  const isPaid = (profile: string): boolean => catalog.get(profile)?.paid ?? false
  const templates = createTemplateFolder(join(resourceFolder(), 'comfyui'), join(options.data_dir, 'comfyui'))
  const self = { pid: process.pid, started: processStart(process.pid) }
  const children = createChildren(store, events, self, log, failpoint)
  const reach = createReach(options.network)
  const sandbox = createLinuxSandbox({
    ...{ children, path: searchPath, program: process.execPath },
    openProxy: (hosts) => openHostProxy(hosts, reach),
  })
  const mcp = createMcp({
    ...{ sandbox, children, version: options.version, data_dir: options.data_dir, store, events, audit },
    environment: options.service_environment ?? { PATH: searchPath },
    valueOf: options.variable ?? (() => undefined),
    projects: () => projectView,
  })
  // Its parts are made below: nothing is searched before there is a run.
  const search: SearchKnowledge['search'] = (query, signal) => knowledge.search(query, signal)
  const tools = createToolRegistry(
    wireTools({ comfyui, templates, settings, sandbox, reach, catalog, search }),
    (tool, error) =>
      log.error('A tool has a bug', {
        tool,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    mcp.tools,
  )
  const isTidyTime = tidyTimes()
  const openWorkspace = (root: string): ReturnType<typeof openLocalWorkspace> =>
    openLocalWorkspace(root, DEFAULT_FILE_RULES, undefined, failpoint, isTidyTime)

  // Before anything of their work is done again (E5).
  const orphans = await children.endOrphans()
  if (!orphans.ok) {
    store.close()
    return refuse('unavailable', orphans.error)
  }
  const checkpoints = createCheckpointRecorder({
    data_dir: options.data_dir,
    path: searchPath,
    children,
    git,
    store,
    events,
    log,
    failpoint,
    openWorkspace,
  })

  const moveProject = createMoveProject(store, events)
  const hasTasks = createHasTasks(store)
  const proposePlan = createProposePlan(events, hasTasks)
  const tasks = createTaskChanges(store, events)
  const runs = createRunChanges(store, events, journal, tasks)
  const leaseRows = createLeaseStore(store)
  const leaseStats = createLeaseStats(store)
  const leases = createLeases(store, leaseRows, leaseStats, events, log, failpoint, createClockWatch(lived))
  const comfyuiService = createComfyuiService(comfyui, () => addresses.isNamed('comfyui'))
  const gpu = createGpu({
    store,
    settings,
    board,
    leases,
    self,
    log,
    addresses,
    client: comfyui,
    comfyui: comfyuiService,
    readCards,
    isExpected: (called) => executor.expects(called),
  })
  const knowledge = createLazyKnowledge({
    data_dir: options.data_dir,
    ...{ store, events, blobs, log, ollama, board, settings, card: gpu.card },
  })
  const approvals = createApprovals(store, events, settings, (taskId) => executor.goOn([taskId]))
  const services: RunServices = {
    store,
    events,
    ledger,
    batches,
    journal,
    settings,
    prices,
    board,
    tools,
    mcp,
    approvals: approvals.gate,
    checkpoints,
    async needPrograms() {
      await Promise.all([git.needed(), sandbox.needed()])
    },
    gpu: gpu.card,
    callSlots: createCallSlots(),
    keyUse: createKeyUse(store, audit, keys),
    knowledge,
    images,
    sight: wired.value.sight,
    log,
    failpoint,
    noteUsage: createUsageLog(store),
    router,
    catalog,
    outcomes,
    paidModelFor(tier) {
      const wanted = tier === 'strong' ? 'strong' : 'fast'
      return catalog.list().find((profile) => profile.paid && profile.tiers.includes(wanted))?.model ?? null
    },
  }
  const engine = makeEngine?.(services) ?? createLocalEngine(services, catalog, openWorkspace)
  // What a dead core held is free again before anything is claimed.
  failpoint('recovery-orphans-ended')
  const settled = children
    .forget(orphans.value)
    .then(() => leases.sweep())
    .then(() => failpoint('recovery-leases-swept'))
    .then(() => recover(store, ledger, batches, runs, tasks, leases, log, failpoint))
    .then(() => failpoint('recovery-settled'))
    .then(() => settleOpenCalls({ store, journal, tools, log, openWorkspace }))
    .then(() => failpoint('recovery-calls-settled'))
  // On a disk that takes nothing (D4) that has to wait, and so do the runs; what is there can be looked at.
  const trouble = new Promise<void>((resolve) => store.onTrouble(() => resolve()))
  await Promise.race([settled, trouble])
  const writeScopes = createWriteScopes(leases, leaseRows, self)
  const pastTasks = createPastTasks(store)
  const planOutcomes = createPlanOutcomes(store)
  const projectEnd = createProjectEnd(store, ledger, router, moveProject, proposePlan, planOutcomes, hasTasks)
  const executor: Executor = createExecutor({
    store,
    events,
    settings,
    ledger,
    board,
    router,
    engine,
    tasks,
    runs,
    moveProject,
    projectEnd,
    pastTasks,
    hasTasks,
    writeScopes,
    clock: createClockWatch(lived),
    log,
  })
  executor.onRest(gpu.card.rest)
  const batchLoop = createBatchLoop({
    store,
    events,
    settings,
    ledger,
    journal,
    images,
    prices,
    board,
    book: batches,
    log,
    failpoint,
    noteUsage: services.noteUsage,
    provider: (id) => providers.get(id),
    goOn: executor.goOn,
    isAllowed: executor.isAllowed,
  })
  executor.onRest(batchLoop.wake)
  gpu.card.onCall(executor.goOn)
  const watched = () => [...providers.values(), comfyuiService]
  const monitor = createHealthMonitor(store, events, board, watched, settings, log, (name) => runner.view(name))
  const runner = createServiceRunner({
    store,
    events,
    settings,
    board,
    children,
    log,
    environment: options.service_environment ?? { PATH: searchPath },
    check: monitor.check,
  })
  const setup = createSetup({
    around: wired.value.around,
    keys,
    readCards,
    router,
    async programs() {
      await Promise.all([git.look(), sandbox.look()])
      return { git: git.unavailable, sandbox: sandbox.unavailable }
    },
  })
  const { startFor, ...serviceControl } = createServiceControl({
    store,
    events,
    settings,
    board,
    runner,
    check: monitor.check,
    find: (name) => monitor.services.list().find((service) => service.name === name),
    free: gpu.release,
  })
  const surroundings = createSurroundings({
    settled,
    trouble,
    monitor,
    async commitEnded() {
      await checkpoints.commitEnded()
      await checkpoints.publishBrokenOff()
      await takeBackBrokenOff({ store, events, recorder: checkpoints, openWorkspace, trash: moveToTrash, log })
      failpoint('recovery-done')
    },
    async find() {
      // Looked for while the keys are loaded.
      const looks = Promise.all([git.look(), sandbox.look()])
      await keys.load()
      setUpProviders()
      await looks
      if (git.unavailable !== null) log.warn(git.unavailable)
      if (sandbox.unavailable !== null) log.warn(sandbox.unavailable)
    },
  })
  if (options.look_around_later !== true) await surroundings.look()

  const limitOf = (id: number): number | null => ledger.limitOf(`project:${id}`)
  const projectView = createProjectView(store, limitOf)
  const whyNot = (row: TaskRow): string => {
    const { project_id, title, artifacts, write_scope } = row
    const wait = row.waiting_on === 'batch' && row.run_id !== null ? batches.waitOf(row.run_id) : undefined
    if (wait !== undefined) return batchWords(wait)
    const paths = row.waiting_on === 'lock' ? writePaths(artifacts, write_scope) : []
    return writeScopes.conflict({ project_id, title, paths }) ?? executor.whyNot(project_id, laneOf(readyRowOf(row)))
  }
  const taskView = createTaskView(store, whyNot, isPaid)
  const runView = createRunView(store, events, journal, isPaid, approvals.ofRun)
  const estimate = createEstimatePlan({ pastTasks, outcomes: planOutcomes, settings, router, catalog, prices })
  const decompose = createDecompose(store, events)
  const closeWaitingRun = createCloseWaitingRun(store, events)
  const approvePlan = createApprovePlan({
    store,
    events,
    steering: executor,
    moveProject,
    decompose,
    changePlan: createChangePlan(store, events, tasks, closeWaitingRun, executor),
    hasTasks,
    outcomes: planOutcomes,
    failpoint,
    replanFailpoint: createFailpoint(options.failpoints ?? []),
  })
  const planService = createPlanService({
    store,
    events,
    settings,
    router,
    steering: executor,
    moveProject,
    proposePlan,
    approvePlan,
    hasTasks,
    estimate,
    outcomes: planOutcomes,
    projects: projectView,
    tools: (projectId) => [...PLAN_TOOLS, ...mcp.tools(projectId).map(({ name }) => name)],
  })
  const stopPlanning = createStopPlanning({
    ...{ store, projects: projectView, steering: executor, moveProject, hasTasks },
    endRun: (tx, run, reason) => runs.move(tx, run, 'cancelled', reason),
  })
  const { takeBackHalfMade, createFilled, ...projectService } = createProjectService({
    data_dir: options.data_dir,
    store,
    events,
    view: projectView,
    catalog,
    steering: executor,
    moveProject,
    failpoint,
    openWorkspace,
    trash: moveToTrash,
  })
  await Promise.race([settled.then(takeBackHalfMade), trouble])
  const checkpointService = createCheckpointService({
    store,
    recorder: checkpoints,
    projects: projectView,
    tasks: taskView,
    changes: tasks,
    steering: executor,
    moveProject,
    closeWaitingRun,
    failpoint,
    openWorkspace,
    trash: moveToTrash,
  })
  const { data_dir } = options
  const archives = createTransfers({
    data_dir,
    failpoint: importFailpoint,
    log,
    atOnce: () => settings.settings().max_transfers,
    export: createExport({ data_dir, version: options.version, projects: projectView, openWorkspace }),
    import: createImport({
      ...{ data_dir, store, events, blobs, projects: projectView, failpoint: importFailpoint },
      taken: (id) => executor.enqueue(tasks.ready().filter(({ project_id }) => project_id === id)),
    }),
  })
  const backups = createBackups({ data_dir: options.data_dir, version: options.version, store, settings })
  const backupService = createBackupService(store, events, settings, backups, log)
  const budget = createBudgetService(store, events, settings, ledger, () => executor.retryWaiting('budget'))
  const routesChanged = (): void => {
    executor.retryWaiting('resource')
    executor.wake()
  }
  const closing = new AbortController()
  const { close: closePulls, ...pulls } = createModelPulls(ollama, events, async (model) => {
    windows.forget(model)
    board.wake('ollama')
    await monitor.check('ollama')
    routesChanged()
  })

  const taskService = createTaskService(store, events, taskView, tasks, executor, moveProject, closeWaitingRun)
  const { begin: beginRun, ...freeRuns } = createFreeRuns({
    store,
    settings,
    runs,
    runView,
    taskView,
    projectView,
    steering: executor,
    moveProject,
    decompose,
    createProject: createFilled,
    cancelProject: projectService.cancel,
    cancelTask: taskService.cancel,
    limitOf,
  })
  const jobs = createJobs({
    ...{ store, events, settings, log, beginRun, clock: createClockWatch(lived) },
    getRun: freeRuns.get,
    cancelRun: freeRuns.cancel,
  })
  const manyTasks = createManyTasks(store, projectView, taskService, projectService.cancel)

  const webhooks = createWebhooks({
    ...{ store, events, settings, reach, network: options.network, log },
    secrets: createKeptSecrets(options.data_dir, options.keychain),
    incoming_secret: options.webhook_secret,
    report: jobs.service.report,
    hasProject: (key) => projectView.row(encodeId('project', key)).ok,
  })

  const ownership = createOwnership(store)
  const feed = createEventFeed({ log: events, ownerOf: ownership.ownerOf, report: store.report })

  const core: Core = {
    ...wireProjects({
      ...{
        projectService,
        manyTasks,
        planService,
        stopPlanning,
        taskService,
        projectView,
        taskView,
        runView,
        attempts: createAttempts(store, events, isPaid),
        checkpoints,
      },
      ...{ checkpointService, knowledge, monitor, startFor },
      artifacts: createArtifacts(store, projectView, openWorkspace),
    }),
    runs: {
      ...runView,
      ...freeRuns,
      stream: (id, place, signal, heartbeatMs) =>
        runView.stream(id, place, AbortSignal.any([signal, closing.signal]), heartbeatMs),
    },
    jobs: jobs.service,
    webhooks: webhooks.service,
    approvals: approvals.service,
    mcp: mcp.service,
    events: wireEvents({ events, feed, ownerOf: ownership.ownerOf, closing: closing.signal }),
    budget,
    usage: {
      list: usageView.list,
      summary: usageView.summary,
      correct: createCorrectUsage(store, ledger, () => executor.retryWaiting('budget')),
    },
    services: { ...monitor.services, ...serviceControl, setup, gpu: gpu.status, imageTemplates: templates.view },
    models: {
      ...pulls,
      outcomes: () => outcomes.all(),
      forgetOutcomes: () =>
        store.tryWrite((tx) => {
          outcomes.forget(tx)
          events.append(tx, 'settings.changed', {}, { keys: ['outcomes'] })
        }),
      ...createModelService(store, events, settings, catalog, keys, routesChanged, async (provider) => {
        setUpProviders()
        await monitor.check(provider)
      }),
      ...createVaultService({
        vault: options.vault,
        async onOpen() {
          await keys.load()
          setUpProviders()
          await store.write((tx) => events.append(tx, 'settings.changed', {}, { keys: ['vault'] }))
          await monitor.checkAll()
          routesChanged()
        },
      }),
    },
    settings: wireSettings({ store, events, settings, monitor, setUpProviders, routesChanged }),
    backups: { list: backups.list, create: backupService.create, verify: backups.verify },
    archives,
    locks: createLockService(leases, leaseRows, leaseStats),
    knowledge: knowledge.routes,
    identity: createIdentity({
      ...{ store, audit, settings, data_dir, jwt_secret: options.jwt_secret },
      onUsers: jobs.ownersChanged,
      onSwitched: createOwnerSwitch({
        ...{ store, steering: executor, moveProject, hasTasks },
        takeJobsBack: jobs.ownerLeaves,
      }),
    }),
    ownership,
    idempotency: createIdempotencyKeys(store, createFailpoint(options.failpoints ?? [])),
    system: {
      ...createSystemService({
        version: options.version,
        store,
        events,
        settings,
        scopes: budget.scopes,
        unconfirmed: () => ledger.account('global').unconfirmed_micros,
        activeLocks: () => leaseStats.read().active,
        services: monitor.services.list,
        counts: executor.counts,
        pauseRuns: () => executor.pauseRuns({}),
        goOn: routesChanged,
      }),
      cancelAll: async () => ok(await manyTasks.cancelAll()),
    },
    lookAround: surroundings.look,
    ...createLife({
      ...{ store, settings, log, surroundings, executor, batchLoop, knowledge, webhooks, jobs },
      ...{ runner, monitor, backups, backupService, mcp, leases, feed, projectView, usageView, closePulls, closing },
      card: gpu.card,
    }),
  }
  return ok(refuseCoreInTrouble(core, store.report))
}
