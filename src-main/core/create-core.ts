import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { StoredEvent } from '#contract/event.ts'
import { decodeId, encodeId } from '#contract/ids.ts'
import { OPENAI_LIKE } from '#contract/model.ts'
import { ok, type Result } from '#contract/result.ts'
import { createExport } from './archive/export-project.ts'
import { createImport, finishImports } from './archive/import-project.ts'
import { createTransfers } from './archive/transfers.ts'
import { createBatchBook } from './batch/batch-book.ts'
import { createBatchLoop } from './batch/batch-loop.ts'
import { batchWords } from './batch/batch-words.ts'
import { createBudgetService } from './budget/budget-service.ts'
import { createLedger } from './budget/ledger.ts'
import type { Core, CoreOptions, EventFilter, Log } from './core.ts'
import { createAuditLog } from './event/audit-log.ts'
import { createEventFeed } from './event/event-feed.ts'
import { createEventLog, ownedBy, subjectKey } from './event/event-log.ts'
import { streamEvents } from './event/event-stream.ts'
import type { Engine } from './execution/engine.ts'
import { createExecutor, type Executor } from './execution/executor.ts'
import { createLocalEngine } from './execution/local-engine.ts'
import { createProjectEnd } from './execution/project-end.ts'
import { laneOf } from './execution/ready-queue.ts'
import { recover } from './execution/recovery.ts'
import { createFailpoint, type ImportFailpoint } from './failpoint.ts'
import { createGpu } from './gpu/gpu-service.ts'
import { freeOn, nvidiaCards } from './gpu/nvidia-smi.ts'
import { createServiceAddresses } from './gpu/service-addresses.ts'
import { createBackupService } from './health/daily-backup.ts'
import { createHealthMonitor } from './health/health-monitor.ts'
import { createServiceControl } from './health/service-control.ts'
import { createServiceRunner } from './health/service-runner.ts'
import { createSetup } from './health/setup-service.ts'
import { watchStorage } from './health/storage-watch.ts'
import { createSystemService } from './health/system-service.ts'
import { createIdentity } from './identity/create-identity.ts'
import { createOwnership } from './identity/ownership.ts'
import { createComfyuiClient } from './image/comfyui-client.ts'
import { createComfyuiService } from './image/comfyui-health.ts'
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
import { createAnthropicProvider } from './model/anthropic.ts'
import { createModelCatalog } from './model/catalog.ts'
import { createCorrectUsage } from './model/correct-usage.ts'
import { createDemoProvider } from './model/demo.ts'
import { createDraws } from './model/draws.ts'
import { createGoogle, createOpenAiLike } from './model/known-providers.ts'
import { createLearnedRouting } from './model/learned-routing.ts'
import { createModelPulls } from './model/model-pulls.ts'
import { createModelService } from './model/model-service.ts'
import { createOllamaProvider } from './model/ollama.ts'
import { createMovingOllamaServer } from './model/ollama-server.ts'
import { createWindowChooser } from './model/ollama-window.ts'
import { livePrices, shippedPrices } from './model/price-table.ts'
import type { ModelProvider } from './model/provider.ts'
import { createProviderBoard } from './model/provider-status.ts'
import { createRouteOutcomes } from './model/route-outcomes.ts'
import { createRouter } from './model/router.ts'
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
import { createChildren } from './process/children.ts'
import { processStart } from './process/process-start.ts'
import { createArtifacts } from './project/artifacts.ts'
import { createManyTasks } from './project/many-tasks.ts'
import { createMoveProject } from './project/project-changes.ts'
import { createProjectService } from './project/project-service.ts'
import { createProjectView } from './project/project-view.ts'
import { sampleProject } from './project/sample-project.ts'
import { type Refusal, refuse } from './refusal.ts'
import { refuseInTrouble } from './refuse-in-trouble.ts'
import { resourceFolder } from './resource-folder.ts'
import { createApprovals } from './run/approvals.ts'
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
import { createProviderKeys } from './secret/provider-keys.ts'
import { createVaultService } from './secret/vault-service.ts'
import { createBackups } from './store/backups.ts'
import { createBlobStore } from './store/blob-store.ts'
import { createIdempotencyKeys } from './store/idempotency-keys.ts'
import { completeSwap } from './store/restore-swap.ts'
import type { TaskRow } from './store/schema.ts'
import { createSettingsStore } from './store/settings-store.ts'
import { openStore } from './store/store.ts'
import { createSurroundings } from './surroundings.ts'
import { createCloseWaitingRun } from './task/close-run.ts'
import { createTaskChanges, readyRowOf } from './task/task-changes.ts'
import { createTaskService } from './task/task-service.ts'
import { createTaskView } from './task/task-view.ts'
import { askUser } from './tool/ask-user.ts'
import { editFile } from './tool/edit-file.ts'
import { createFetchUrl } from './tool/fetch-url.ts'
import { createGenerateImage } from './tool/generate-image.ts'
import { listFiles } from './tool/list-files.ts'
import { createLocalLlm } from './tool/local-llm.ts'
import { readFile } from './tool/read-file.ts'
import { createToolRegistry } from './tool/registry.ts'
import { createRunCommand } from './tool/run-command.ts'
import { searchFiles } from './tool/search-files.ts'
import { createLookupType, createSearchKnowledge } from './tool/search-knowledge.ts'
import type { Tool } from './tool/tool.ts'
import { writeFile } from './tool/write-file.ts'
import { createWebhooks } from './webhook/webhook-service.ts'
import { takeBackBrokenOff } from './workspace/checkpoint-broken-off.ts'
import { whyNoGit } from './workspace/checkpoint-git.ts'
import { createCheckpointRecorder } from './workspace/checkpoint-recorder.ts'
import { createCheckpointService } from './workspace/checkpoint-service.ts'
import { DEFAULT_FILE_RULES } from './workspace/file-rules.ts'
import { openLocalWorkspace } from './workspace/local-workspace.ts'
import { moveToTrash } from './workspace/trash.ts'

const NO_LOCAL_MODEL = 'There is no local model on this machine. Start Ollama and pull one.'
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
  watchStorage(store, events, log)
  const settings = createSettingsStore(store.sqlite, options.configured)
  const ledger = createLedger(store, events, settings)
  const blobs = createBlobStore(options.data_dir, failpoint)
  const journal = createJournal(store, events, blobs)
  const batches = createBatchBook(store)
  const importFailpoint: ImportFailpoint = createFailpoint(options.failpoints ?? [])
  // Before anything looks at projects: the files of one may not be in their place yet.
  finishImports({ data_dir: options.data_dir, store, failpoint: importFailpoint, log })
  const prices = livePrices(shippedPrices(), settings.profiles)
  const board = createProviderBoard(settings.foundModels(), settings.providerHolds())

  const searchPath = options.path ?? ''
  let gitFault: string | null = 'It is not known yet whether git is on this machine. Try again in a moment.'
  const environment = options.providers ?? {}
  const keys = createProviderKeys(
    {
      anthropic: options.anthropic_api_key,
      google: environment.google?.api_key,
      ...Object.fromEntries(OPENAI_LIKE.map((id) => [id, environment[id]?.api_key])),
    },
    options.keychain,
    options.vault,
  )
  const located = createServiceAddresses({ ollama: options.ollama_host, comfyui: options.comfyui_url }, settings)
  if (!located.ok) {
    store.close()
    return refuse('bad_request', located.error)
  }
  const addresses = located.value
  const comfyui = createComfyuiClient(() => addresses.of('comfyui'))
  const templates = createTemplateFolder(join(resourceFolder(), 'comfyui'), join(options.data_dir, 'comfyui'))
  const anthropic = (): ModelProvider =>
    createAnthropicProvider({
      api_key: keys.get('anthropic'),
      ...(options.anthropic_base_url === undefined ? {} : { base_url: options.anthropic_base_url }),
    })
  const ollama = createMovingOllamaServer(() => addresses.of('ollama'))
  const readCards = nvidiaCards(searchPath)
  const ollamaCards = (): readonly number[] | null => settings.settings().service_cards.ollama
  const windows = createWindowChooser(ollama, freeOn(readCards, ollamaCards))
  const providers = new Map<string, ModelProvider>([
    ['ollama', createOllamaProvider({ host: () => addresses.of('ollama'), windows })],
  ])
  /** Made anew with each key and each address. */
  const setUpProviders = (): void => {
    const { base_urls } = settings.settings()
    providers.set('anthropic', anthropic())
    providers.set('google', createGoogle(environment, base_urls, keys.get('google')))
    for (const id of OPENAI_LIKE) providers.set(id, createOpenAiLike(id, environment, base_urls, keys.get(id)))
  }
  setUpProviders()
  if (options.demo) {
    const pace = options.demo_pace_ms
    providers.set('demo', createDemoProvider(pace === undefined ? {} : { pace_ms: pace }))
  }

  const catalog = createModelCatalog(settings, providers, board, prices)
  const outcomes = createRouteOutcomes(store)
  const router = createRouter(
    settings,
    catalog,
    board,
    createLearnedRouting(settings, outcomes, prices, createDraws(Math.random)),
  )
  const isPaid = (profile: string): boolean => catalog.get(profile)?.paid ?? false
  const generateImage = createGenerateImage({
    client: comfyui,
    templates,
    stallMs: () => settings.settings().image_stall_ms,
  })
  const self = { pid: process.pid, started: processStart(process.pid) }
  const children = createChildren(store, events, self, log, failpoint)
  const reach = createReach(options.network)
  const sandbox = createLinuxSandbox({
    ...{ children, path: searchPath, program: process.execPath },
    openProxy: (hosts) => openHostProxy(hosts, reach),
  })
  // Its parts are made below: nothing is searched before there is a run.
  const searchKnowledge: SearchKnowledge['search'] = (query, signal) => knowledge.search(query, signal)
  const ownTools = [
    readFile,
    writeFile,
    editFile,
    listFiles,
    searchFiles,
    generateImage,
    createRunCommand(sandbox),
    askUser,
    createFetchUrl(reach),
    createSearchKnowledge(searchKnowledge),
    createLookupType(searchKnowledge),
    createLocalLlm(() =>
      catalog.list().some((profile) => !profile.paid && profile.provider !== 'demo') ? null : NO_LOCAL_MODEL,
    ),
  ] as Tool[]
  const mcp = createMcp({
    ...{ sandbox, children, version: options.version, data_dir: options.data_dir, store, events, audit },
    environment: options.service_environment ?? { PATH: searchPath },
    valueOf: options.variable ?? (() => undefined),
    projects: () => projectView,
  })
  const tools = createToolRegistry(
    ownTools,
    (tool, error) =>
      log.error('A tool has a bug', {
        tool,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    mcp.tools,
  )
  const openWorkspace = (root: string): ReturnType<typeof openLocalWorkspace> =>
    openLocalWorkspace(root, DEFAULT_FILE_RULES, undefined, failpoint)

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
    unavailable: () => gitFault,
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
  const leases = createLeases(store, leaseRows, leaseStats, events, log, failpoint)
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
    gpu: gpu.card,
    callSlots: createCallSlots(),
    keyUse: createKeyUse(store, audit, keys),
    knowledge,
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
    log,
  })
  executor.onRest(gpu.card.rest)
  const batchLoop = createBatchLoop({
    store,
    events,
    settings,
    ledger,
    journal,
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
    around: () => ({
      ollama_host: addresses.of('ollama'),
      comfyui_url: addresses.of('comfyui'),
      fixed: { ollama: addresses.isFixed('ollama'), comfyui: addresses.isFixed('comfyui') },
      addresses: {
        ...settings.settings().base_urls,
        ...Object.fromEntries(
          OPENAI_LIKE.flatMap((id) => {
            const given = environment[id]?.base_url
            return given === undefined ? [] : [[id, given]]
          }),
        ),
      },
    }),
    keys,
    readCards,
    router,
    async programs() {
      // What was there stays; what was missing may have been installed since.
      const look = sandbox.unavailable === null ? undefined : sandbox.look()
      if (gitFault !== null) gitFault = await whyNoGit(options.data_dir, searchPath)
      await look
      return { git: gitFault, sandbox: sandbox.unavailable }
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
      await takeBackBrokenOff({ store, events, recorder: checkpoints, openWorkspace, trash: moveToTrash, log })
      failpoint('recovery-done')
    },
    async find() {
      // Looked for while the keys are loaded.
      const git = whyNoGit(options.data_dir, searchPath)
      const sandboxLook = sandbox.look()
      await keys.load()
      setUpProviders()
      gitFault = await git
      if (gitFault !== null) log.warn(gitFault)
      await sandboxLook
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
    failpoint,
    openWorkspace,
    trash: moveToTrash,
  })
  const { data_dir } = options
  const archives = createTransfers({
    data_dir,
    failpoint: importFailpoint,
    export: createExport({ data_dir, version: options.version, projects: projectView, openWorkspace }),
    import: createImport({ data_dir, store, events, blobs, projects: projectView, failpoint: importFailpoint }),
  })
  const backups = createBackups({ data_dir: options.data_dir, version: options.version, store, settings })
  const backupService = createBackupService(store, events, settings, backups, log)
  const budget = createBudgetService(store, events, settings, ledger, () => executor.retryWaiting('budget'))
  const routesChanged = (): void => {
    executor.retryWaiting('resource')
    executor.wake()
  }
  const closing = new AbortController()
  /** What was down may be mended: a person who lets work go on has often just seen to that, and paid services are not asked by themselves. */
  const askTheDownAgain = async (): Promise<void> => {
    const down = monitor.services.list().filter((service) => service.state === 'down')
    await Promise.all(down.map((service) => monitor.check(service.name)))
  }

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
    ...{ store, events, settings, log, beginRun },
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
  const isOwn = (event: StoredEvent, owner: string | null): boolean => {
    const id = ownedBy(event)
    return owner === null || (id !== null && ownership.ownerOf(id) === owner)
  }
  const feed = createEventFeed({ log: events, ownerOf: ownership.ownerOf, report: store.report })

  const core: Core = {
    projects: {
      ...projectService,
      ...manyTasks.projects,
      async start(id) {
        await askTheDownAgain()
        return projectService.start(id)
      },
      async resume(id) {
        await askTheDownAgain()
        return projectService.resume(id)
      },
      ...createArtifacts(store, projectView, openWorkspace),
      list: projectView.list,
      sample: sampleProject,
      get: projectView.get,
      checkpoints: checkpointService.checkpoints,
      restore: checkpointService.restore,
      previewRestore: checkpointService.previewRestore,
      async remove(id) {
        const removed = await projectService.remove(id)
        if (removed.ok) await checkpoints.forget(decodeId('project', id) ?? -1)
        if (removed.ok) await knowledge.forgetRemoved()
        return removed
      },
      async plan(id) {
        await askTheDownAgain()
        const begun = await planService.start(id, '')
        if (begun.ok || !(await startFor(wantedBy(begun.error)))) return begun
        return planService.start(id, '')
      },
      currentPlan: planService.current,
      addPlan: (id, document, source) => planService.add(id, document, source, ''),
      plans(id) {
        const found = projectView.row(id)
        return found.ok ? ok({ items: planService.ofProject(found.value.id), next_cursor: null }) : found
      },
      tasks(id, page) {
        const found = projectView.row(id)
        return found.ok ? ok(taskView.list(found.value.id, page)) : found
      },
    },
    plans: {
      ...planService.plans,
      async revise(id, note) {
        await askTheDownAgain()
        return planService.plans.revise(id, note)
      },
    },
    tasks: {
      ...taskService,
      diff: checkpointService.diff,
      undo: checkpointService.undo,
      runs(id) {
        const found = taskView.row(id)
        return found.ok ? ok({ items: runView.ofTask(found.value.id), next_cursor: null }) : found
      },
    },
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
    events: {
      list(filter: EventFilter, limit) {
        const after = filter.after === undefined ? 0 : (events.seqOf(filter.after) ?? 0)
        const project_id = subjectKey('project', filter.project_id)
        const items = events.list({ after, project_id, type: filter.type, limit: limit + 1 })
        const page = items.slice(0, limit)
        const next_cursor = items.length > limit ? (page.at(-1)?.id ?? null) : null
        return { items: page.filter((event) => isOwn(event, filter.owner ?? null)), next_cursor }
      },
      stream: (filter, signal) =>
        streamEvents(events, filter, AbortSignal.any([signal, closing.signal]), ownership.ownerOf),
      follow: feed.follow,
      lastId: () => events.id(events.lastSeq()),
    },
    budget,
    usage: {
      ...createUsageView(store),
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
    settings: {
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
          setUpProviders()
          await Promise.all(['google', ...OPENAI_LIKE].map(monitor.check))
        }
        if (change.service_urls !== undefined) await Promise.all(['ollama', 'comfyui'].map(monitor.check))
        routesChanged()
        return ok(settings.settings())
      },
    },
    backups: { list: backups.list, create: backupService.create, verify: backups.verify },
    archives,
    locks: createLockService(leases, leaseRows, leaseStats),
    knowledge: knowledge.routes,
    identity: createIdentity({
      ...{ store, audit, settings, data_dir, jwt_secret: options.jwt_secret },
      onUsers: jobs.ownersChanged,
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
    execute(projects) {
      if (projects === 'all') backupService.startDaily()
      const keys = projects === 'all' ? projects : projects.map((id) => decodeId('project', id) ?? -1)
      surroundings.prepared().then(
        () => {
          executor.allow(keys)
          knowledge
            .begin()
            .catch((cause: unknown) => log.error('Knowledge could not be gone on with', { error: String(cause) }))
          webhooks.begin()
          if (projects !== 'all') return
          runner.startAll()
          jobs.begin()
        },
        (cause: unknown) =>
          log.error('Nothing can run: what a dead process left could not be settled', { error: String(cause) }),
      )
    },
    async idle(projectId) {
      const busy = (): boolean =>
        projectId === undefined
          ? executor.counts().running > 0
          : ['planning', 'executing'].includes(projectState(projectView.get(projectId)))
      do await executor.quiet()
      while (busy() && (await pause(20)))
    },
    async close(graceMs = settings.settings().shutdown_ms) {
      await surroundings.close()
      monitor.stop()
      closePulls()
      jobs.close()
      await webhooks.close()
      backupService.stop()
      await backups.close()
      const stopping = executor.stop(graceMs)
      const resting = batchLoop.close(graceMs)
      // Who waits for the card has nothing to finish.
      gpu.card.close()
      const stopped = await stopping
      await knowledge.close()
      await resting
      // After the runs, which may have been asking them.
      await mcp.close()
      await runner.close()
      leases.close()
      closing.abort()
      feed.close()
      store.close()
      return stopped
    },
  }
  const { report } = store
  return ok({
    ...core,
    projects: refuseInTrouble(core.projects, report),
    plans: refuseInTrouble(core.plans, report),
    tasks: refuseInTrouble(core.tasks, report),
    runs: refuseInTrouble(core.runs, report),
    jobs: refuseInTrouble(core.jobs, report),
    webhooks: refuseInTrouble(core.webhooks, report),
    mcp: refuseInTrouble(core.mcp, report),
    budget: refuseInTrouble(core.budget, report),
    usage: refuseInTrouble(core.usage, report),
    services: refuseInTrouble(core.services, report),
    models: refuseInTrouble(core.models, report),
    settings: refuseInTrouble(core.settings, report),
    archives: refuseInTrouble(core.archives, report),
    knowledge: refuseInTrouble(core.knowledge, report),
    locks: refuseInTrouble(core.locks, report),
    // Who somebody is is not answered as a result, so nothing can stand in for it.
    identity: { ...refuseInTrouble(core.identity, report), callerOf: core.identity.callerOf },
    system: refuseInTrouble(core.system, report),
  })
}

/** Local servers that a refused plan could have been made with. */
function wantedBy({ details }: Refusal): readonly string[] {
  return z.object({ wants: z.array(z.string()) }).safeParse(details).data?.wants ?? []
}

function projectState(found: ReturnType<Core['projects']['get']>): string {
  return found.ok ? found.value.state : ''
}

async function pause(ms: number): Promise<true> {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return true
}
