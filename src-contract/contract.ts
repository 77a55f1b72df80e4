import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { approval, approvalsQuery, decideApproval } from './approval.ts'
import {
  exported,
  exportPiece,
  importBegun,
  importPiece,
  importReceived,
  newExport,
  newImport,
  ofTransfer,
  readExport,
} from './archive.ts'
import { attempt } from './attempt.ts'
import { backup, backupCheck, backupId } from './backup.ts'
import { budget, budgetLimits } from './budget.ts'
import { checkpointList, restorePreview, taskDiff } from './checkpoint.ts'
import { ROUTE_ERRORS } from './error.ts'
import { eventsQuery, storedEvent, streamItem } from './event.ts'
import { gpuStatus, imageTemplates } from './gpu.ts'
import {
  apiToken,
  auditEntry,
  changePassword,
  changeUser,
  invite,
  login,
  madeApiToken,
  madeInvite,
  me,
  newApiToken,
  newInvite,
  refresh,
  register,
  session,
  user,
} from './identity.ts'
import {
  apiTokenId,
  checkpointId,
  inviteId,
  jobId,
  planCommentId,
  planId,
  projectId,
  runId,
  sourceId,
  taskId,
  taskIds,
  webhookDeliveryId,
  webhookId,
  webhookSecretId,
} from './ids.ts'
import { claimAnswer, claimJob, dispatchJob, job, jobDispatched, jobEvent, jobsQuery, reportJob } from './job.ts'
import {
  changeSource,
  documentQuery,
  documentText,
  knowledgeFile,
  knowledgeSource,
  knowledgeStatus,
  newSource,
  newUpload,
  searchQuery,
  searchResult,
} from './knowledge.ts'
import { acquireLock, extendLock, lock, lockStats, releaseLock } from './lock.ts'
import { approveMcpServer, mcpServers, ofMcpServer, putMcpServer } from './mcp.ts'
import {
  loadedModel,
  modelProfile,
  modelProfileStatus,
  modelPull,
  ollamaModelName,
  profileName,
  providerId,
  routeOutcome,
} from './model.ts'
import { pageOf, pageQuery } from './page.ts'
import { currentPlan, plan, planDocument, planProblem, taskKey } from './plan.ts'
import { artifact, changeProject, imageContent, newProject, project } from './project.ts'
import { newRun, run, runAccepted, runContext, runDetail, runEvent, runEventsQuery, step } from './run.ts'
import { runMoment } from './run-timeline.ts'
import { health, keyStatus, openVault, service, status, vaultStatus } from './service.ts'
import { serviceAction, serviceLog, startableService, startCommand } from './service-start.ts'
import { changeSettings, fixedSettings, settings } from './settings.ts'
import { sampleProject, setup } from './setup.ts'
import { changeTask, task } from './task.ts'
import { correctUsage, usageEntry, usageGroup, usageRow } from './usage.ts'
import {
  changeWebhook,
  madeWebhook,
  madeWebhookSecret,
  newWebhook,
  newWebhookSecret,
  rotateWebhook,
  webhook,
  webhookDelivery,
  webhookSecrets,
} from './webhook.ts'

const route = oc.errors(ROUTE_ERRORS)
const done = z.object({ ok: z.literal(true) })
const ofProject = z.strictObject({ id: projectId })
const ofPlan = z.strictObject({ id: planId })
const ofTask = z.strictObject({ id: taskId })
const ofRun = z.strictObject({ id: runId })
const ofJob = z.strictObject({ id: jobId })

/** Project: create, plan, watch, steer. */
const projects = {
  list: route.route({ method: 'GET', path: '/projects' }).input(z.strictObject(pageQuery)).output(pageOf(project)),
  create: route.route({ method: 'POST', path: '/projects', successStatus: 201 }).input(newProject).output(project),
  /** A small project with a plan to try Baton with; creating it and adding the plan is up to the caller. */
  sample: route.route({ method: 'GET', path: '/sample-project' }).output(sampleProject),
  get: route.route({ method: 'GET', path: '/projects/{id}' }).input(ofProject).output(project),
  change: route
    .route({ method: 'PATCH', path: '/projects/{id}' })
    .input(changeProject.extend({ id: projectId }))
    .output(project),
  remove: route.route({ method: 'DELETE', path: '/projects/{id}' }).input(ofProject).output(done),
  /** Starts planning in the background; the project tells when the plan is there. */
  plan: route
    .route({ method: 'POST', path: '/projects/{id}/plan', successStatus: 202 })
    .input(ofProject)
    .output(project),
  /** Stops the planner alone: a project without tasks is a draft again, any other goes on by its approved plan. */
  stopPlanning: route.route({ method: 'POST', path: '/projects/{id}/plan/stop' }).input(ofProject).output(project),
  /** Goes on after a budget stop or another wait. */
  start: route.route({ method: 'POST', path: '/projects/{id}/start' }).input(ofProject).output(project),
  pause: route.route({ method: 'POST', path: '/projects/{id}/pause' }).input(ofProject).output(project),
  resume: route.route({ method: 'POST', path: '/projects/{id}/resume' }).input(ofProject).output(project),
  cancel: route.route({ method: 'POST', path: '/projects/{id}/cancel' }).input(ofProject).output(project),
  /** Does again what failed or was cancelled in it; `from` as for one task. */
  retry: route
    .route({ method: 'POST', path: '/projects/{id}/retry' })
    .input(z.strictObject({ id: projectId, from: z.enum(['step', 'start']).default('step') }))
    .output(project),
  /** Goes on without what failed or was cancelled in it. */
  skip: route.route({ method: 'POST', path: '/projects/{id}/skip' }).input(ofProject).output(project),
  plans: route.route({ method: 'GET', path: '/projects/{id}/plans' }).input(ofProject).output(pageOf(plan)),
  /** The approved plan as its tasks are now: what a change of it begins with (P7). */
  currentPlan: route.route({ method: 'GET', path: '/projects/{id}/current-plan' }).input(ofProject).output(currentPlan),
  /** A plan written by hand or taken from a file, as the next version. */
  addPlan: route
    .route({ method: 'POST', path: '/projects/{id}/plans', successStatus: 201 })
    .input(z.strictObject({ id: projectId, document: z.unknown(), source: z.enum(['user', 'file']).default('user') }))
    .output(plan),
  /** In the order of the plan; with `ids`, those of them that are the project's. */
  tasks: route
    .route({ method: 'GET', path: '/projects/{id}/tasks' })
    .input(
      z.strictObject({
        id: projectId,
        ...pageQuery,
        limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
        ids: taskIds.optional(),
      }),
    )
    .output(pageOf(task)),
  artifacts: route.route({ method: 'GET', path: '/projects/{id}/artifacts' }).input(ofProject).output(pageOf(artifact)),
  /** The runs of its tasks as stretches of time, the oldest first: what the timeline is drawn from. */
  attempts: route
    .route({ method: 'GET', path: '/projects/{id}/attempts' })
    .input(z.strictObject({ id: projectId, ...pageQuery }))
    .output(pageOf(attempt)),
  /** Commits in the workspace's private history, newest first (E10). */
  checkpoints: route
    .route({ method: 'GET', path: '/projects/{id}/checkpoints' })
    .input(z.strictObject({ id: projectId, ...pageQuery }))
    .output(checkpointList),
  /** What `restore` would do, without doing it. */
  previewRestore: route
    .route({ method: 'GET', path: '/projects/{id}/restore' })
    .input(z.strictObject({ id: projectId, checkpoint: checkpointId }))
    .output(restorePreview),
  /** Puts the files back as they were after a checkpoint; the tasks whose work goes by it are cancelled. */
  restore: route
    .route({ method: 'POST', path: '/projects/{id}/restore' })
    .input(z.strictObject({ id: projectId, checkpoint: checkpointId }))
    .output(project),
  /** One file of the workspace as text, at most 1 MB; `text` is null where it is not text. */
  artifact: route
    .route({ method: 'GET', path: '/projects/{id}/artifacts/content' })
    .input(z.strictObject({ id: projectId, path: z.string().min(1).max(4_096) }))
    .output(
      z.object({ path: z.string(), bytes: z.number().int(), text: z.string().nullable(), truncated: z.boolean() }),
    ),
  /** One image of the workspace, at most 20 MB; refused where the file is none. */
  image: route
    .route({ method: 'GET', path: '/projects/{id}/artifacts/image' })
    .input(z.strictObject({ id: projectId, path: z.string().min(1).max(4_096) }))
    .output(imageContent),
}

/** Plan: read, edit, decide. */
const plans = {
  get: route.route({ method: 'GET', path: '/plans/{id}' }).input(ofPlan).output(plan),
  /** Checks an edited document without storing it: what is wrong, and what it would cost. */
  check: route
    .route({ method: 'POST', path: '/plans/{id}/check' })
    .input(z.strictObject({ id: planId, document: z.unknown() }))
    .output(
      z.object({
        problems: z.array(planProblem),
        document: planDocument.nullable(),
        estimate: plan.shape.estimate.nullable(),
      }),
    ),
  /**
   * Stores an edited document as the next version and answers with it. `was` says, by their keys, what tasks were called
   * in the version edited, so that their comments find them; null for a new task that has got the key of another.
   */
  edit: route
    .route({ method: 'PUT', path: '/plans/{id}' })
    .input(
      z.strictObject({
        id: planId,
        document: z.unknown(),
        note: z.string().max(2_000).default(''),
        was: z.record(taskKey, taskKey.nullable()).default({}),
      }),
    )
    .output(plan),
  approve: route
    .route({ method: 'POST', path: '/plans/{id}/approve' })
    .input(z.strictObject({ id: planId, authorise_micros: z.number().int().nonnegative().optional() }))
    .output(project),
  reject: route
    .route({ method: 'POST', path: '/plans/{id}/reject' })
    .input(z.strictObject({ id: planId, note: z.string().max(2_000).default('') }))
    .output(project),
  /** Comments on a task of this version; answers with the plan. */
  comment: route
    .route({ method: 'POST', path: '/plans/{id}/comments' })
    .input(z.strictObject({ id: planId, task: taskKey, text: z.string().trim().min(1).max(2_000) }))
    .output(plan),
  uncomment: route
    .route({ method: 'DELETE', path: '/plans/{id}/comments/{comment_id}' })
    .input(z.strictObject({ id: planId, comment_id: planCommentId }))
    .output(plan),
  /** Asks the planner for another version that heeds `note` and the comments on this one; one of both is needed. */
  revise: route
    .route({ method: 'POST', path: '/plans/{id}/revise', successStatus: 202 })
    .input(z.strictObject({ id: planId, note: z.string().max(20_000).default('') }))
    .output(project),
}

/** Task: read and steer. */
const tasks = {
  get: route.route({ method: 'GET', path: '/tasks/{id}' }).input(ofTask).output(task),
  change: route
    .route({ method: 'PATCH', path: '/tasks/{id}' })
    .input(changeTask.extend({ id: taskId }))
    .output(task),
  /** `from`: `step` keeps the finished steps of the last attempt, `start` begins afresh. */
  retry: route
    .route({ method: 'POST', path: '/tasks/{id}/retry' })
    .input(z.strictObject({ id: taskId, from: z.enum(['step', 'start']).default('step') }))
    .output(task),
  cancel: route.route({ method: 'POST', path: '/tasks/{id}/cancel' }).input(ofTask).output(task),
  skip: route.route({ method: 'POST', path: '/tasks/{id}/skip' }).input(ofTask).output(task),
  pause: route.route({ method: 'POST', path: '/tasks/{id}/pause' }).input(ofTask).output(task),
  resume: route.route({ method: 'POST', path: '/tasks/{id}/resume' }).input(ofTask).output(task),
  /** Takes it out of batches: what waits in one is taken back, and it goes on at the usual price (R5). */
  atOnce: route.route({ method: 'POST', path: '/tasks/{id}/at-once' }).input(ofTask).output(task),
  runs: route.route({ method: 'GET', path: '/tasks/{id}/runs' }).input(ofTask).output(pageOf(run)),
  /** What the task did to the files of the workspace (E10). */
  diff: route.route({ method: 'GET', path: '/tasks/{id}/diff' }).input(ofTask).output(taskDiff),
  /** Puts its files back as it found them and cancels it; refused where a file changed since. */
  undo: route.route({ method: 'POST', path: '/tasks/{id}/undo' }).input(ofTask).output(task),
}

/** Run: what happened inside one attempt. Free prompts are runs of their own (G6). The routes answer at the root, too. */
const runs = {
  /** Free prompts, newest first, each with its last attempt. */
  list: route.route({ method: 'GET', path: '/runs' }).input(z.strictObject(pageQuery)).output(pageOf(runDetail)),
  /** Has a prompt carried out in the background, within its budget. */
  create: route.route({ method: 'POST', path: '/runs', successStatus: 202 }).input(newRun).output(runAccepted),
  get: route.route({ method: 'GET', path: '/runs/{id}' }).input(ofRun).output(runDetail),
  /** Ends a run and what it belongs to: the free prompt, or the task. */
  cancel: route.route({ method: 'POST', path: '/runs/{id}/cancel' }).input(ofRun).output(runDetail),
  /** As a stream on HTTP: `GET /runs/{id}/events/stream` (SSE, written by hand). */
  events: route
    .route({ method: 'GET', path: '/runs/{id}/events' })
    .input(ofRun.extend(runEventsQuery))
    .output(z.array(runEvent)),
  steps: route.route({ method: 'GET', path: '/runs/{id}/steps' }).input(ofRun).output(z.array(step)),
  context: route.route({ method: 'GET', path: '/runs/{id}/context' }).input(ofRun).output(runContext),
  /** All that happened in it, in order: phases, calls, waits, questions, its end. */
  timeline: route.route({ method: 'GET', path: '/runs/{id}/timeline' }).input(ofRun).output(z.array(runMoment)),
}

/** Work that is dispatched from outside, to this core or to workers that claim it. The routes answer at the root, too. */
const jobs = {
  dispatch: route
    .route({ method: 'POST', path: '/dispatch', successStatus: 201 })
    .input(dispatchJob)
    .output(jobDispatched),
  /** Newest first. */
  list: route.route({ method: 'GET', path: '/jobs' }).input(jobsQuery).output(pageOf(job)),
  get: route.route({ method: 'GET', path: '/jobs/{id}' }).input(ofJob).output(job),
  cancel: route.route({ method: 'POST', path: '/jobs/{id}/cancel' }).input(ofJob).output(job),
  /** A worker takes the next job of its core: 200 with the job, or 204. */
  claim: route
    .route({ method: 'POST', path: '/jobs/claim', outputStructure: 'detailed' })
    .input(claimJob)
    .output(claimAnswer),
  /** A worker keeps its lease, says how it goes, or ends the job; 409 where the job is not its own any more. */
  report: route.route({ method: 'PUT', path: '/jobs/{id}/status' }).input(reportJob).output(job),
  /** What happened to it, oldest first. */
  events: route
    .route({ method: 'GET', path: '/jobs/{id}/events' })
    .input(ofJob.extend(pageQuery))
    .output(pageOf(jobEvent)),
}

const events = {
  list: route
    .route({ method: 'GET', path: '/events' })
    .input(z.strictObject({ ...eventsQuery, limit: pageQuery.limit }))
    .output(z.object({ items: z.array(storedEvent), next_cursor: z.string().nullable() })),
  /** Everything after `after`, then everything as it happens. On HTTP this is `GET /events/stream` (SSE, written by hand). */
  stream: route.input(z.strictObject(eventsQuery)).output(eventIterator(streamItem)),
}

const budgets = {
  get: route.route({ method: 'GET', path: '/budget' }).output(budget),
  set: route.route({ method: 'PUT', path: '/budget' }).input(budgetLimits.partial()).output(budget),
}

const usage = {
  list: route
    .route({ method: 'GET', path: '/usage' })
    .input(z.strictObject({ ...pageQuery, project_id: projectId.optional(), only: z.enum(['unconfirmed']).optional() }))
    .output(pageOf(usageEntry)),
  summary: route
    .route({ method: 'GET', path: '/usage/summary' })
    .input(z.strictObject({ by: usageGroup.default('day'), project_id: projectId.optional() }))
    .output(z.object({ rows: z.array(usageRow), total: usageRow })),
  /** Settles an unconfirmed call at what it really cost; never above what is booked for it. */
  correct: route.route({ method: 'PUT', path: '/usage/{id}/correction' }).input(correctUsage).output(usageEntry),
}

const services = {
  list: route.route({ method: 'GET', path: '/services' }).output(z.array(service)),
  check: route
    .route({ method: 'POST', path: '/services/{name}/check' })
    .input(z.strictObject({ name: z.string().max(100) }))
    .output(service),
  /**
   * Restarts a server that Baton has started, or starts one that does not run. One that somebody else has started is not
   * touched; with `consent` it is told to unload its models.
   */
  restart: route
    .route({ method: 'POST', path: '/services/{name}/restart' })
    .input(z.strictObject({ name: z.string().max(100), consent: z.boolean().default(false) }))
    .output(serviceAction),
  /** Ends a server that Baton has started. */
  stop: route
    .route({ method: 'POST', path: '/services/{name}/stop' })
    .input(z.strictObject({ name: z.string().max(100) }))
    .output(serviceAction),
  log: route
    .route({ method: 'GET', path: '/services/{name}/log' })
    .input(z.strictObject({ name: z.string().max(100) }))
    .output(serviceLog),
  /** How Baton starts a server; null: not at all. It names a program of this machine, so it is the owner's to set. */
  setStart: route
    .route({ method: 'PUT', path: '/services/{name}/start' })
    .input(z.strictObject({ name: startableService, start: startCommand.nullable() }))
    .output(service),
  /** Who has the card, who waits for it, and what is loaded (H3). */
  gpu: route.route({ method: 'GET', path: '/gpu' }).output(gpuStatus),
  imageTemplates: route.route({ method: 'GET', path: '/image-templates' }).output(imageTemplates),
  /** What this machine has for Baton to work with, looked for anew, also at the usual addresses of local servers (R6). */
  setup: route.route({ method: 'GET', path: '/setup' }).output(setup),
}

const models = {
  list: route.route({ method: 'GET', path: '/models' }).output(z.array(modelProfileStatus)),
  put: route.route({ method: 'PUT', path: '/models/{name}' }).input(modelProfile).output(modelProfileStatus),
  remove: route
    .route({ method: 'DELETE', path: '/models/{name}' })
    .input(z.strictObject({ name: profileName }))
    .output(done),
  /** Models in the memory of Ollama now, with when they leave it. */
  loaded: route.route({ method: 'GET', path: '/models/loaded' }).output(z.array(loadedModel)),
  /** What learned routing has learned from: verdicts on checked runs, by class, tier and model. */
  outcomes: route.route({ method: 'GET', path: '/models/outcomes' }).output(z.array(routeOutcome)),
  forgetOutcomes: route.route({ method: 'POST', path: '/models/outcomes/forget' }).output(done),
  /** What is being pulled, and what was since Baton started; newest first. */
  pulls: route.route({ method: 'GET', path: '/models/pulls' }).output(z.array(modelPull)),
  /** Has Ollama fetch a model, in the background; one that is already under way is answered as it is. */
  pull: route
    .route({ method: 'POST', path: '/models/pulls', successStatus: 202 })
    .input(z.strictObject({ model: ollamaModelName }))
    .output(modelPull),
  /** Ends a pull; what has come is kept and is not fetched again. */
  cancelPull: route
    .route({ method: 'POST', path: '/models/pulls/cancel' })
    .input(z.strictObject({ model: ollamaModelName }))
    .output(modelPull),
  keys: route.route({ method: 'GET', path: '/models/keys' }).output(z.array(keyStatus)),
  /** Keeps a provider's key in the operating system's keychain; it is never given back. */
  setKey: route
    .route({ method: 'PUT', path: '/models/keys/{provider}' })
    .input(z.strictObject({ provider: providerId, key: z.string().min(8).max(500) }))
    .output(keyStatus),
  removeKey: route
    .route({ method: 'DELETE', path: '/models/keys/{provider}' })
    .input(z.strictObject({ provider: providerId }))
    .output(keyStatus),
  vault: route.route({ method: 'GET', path: '/models/vault' }).output(vaultStatus),
  /** Opens or makes the vault. No POST: nothing that is derived from the passphrase may be kept to tell repeats by. */
  openVault: route.route({ method: 'PUT', path: '/models/vault' }).input(openVault).output(vaultStatus),
}

const setting = {
  get: route.route({ method: 'GET', path: '/settings' }).output(settings),
  change: route.route({ method: 'PATCH', path: '/settings' }).input(changeSettings).output(settings),
  /** Which of them, and of the limits of the budget, the configuration file sets. */
  fixed: route.route({ method: 'GET', path: '/settings/fixed' }).output(fixedSettings),
}

/** Copies of the database and what belongs to it (D3). Restoring is for the command line: it needs the folder alone. */
const backups = {
  list: route.route({ method: 'GET', path: '/backups' }).output(pageOf(backup)),
  create: route.route({ method: 'POST', path: '/backups', successStatus: 201 }).output(backup),
  verify: route
    .route({ method: 'POST', path: '/backups/{id}/verify' })
    .input(z.strictObject({ id: backupId }))
    .output(backupCheck),
}

/**
 * Whole projects as files (D3), in pieces, so that every carrier can carry them. Scripts may prefer the two routes beside
 * these: `GET /projects/{id}/export` answers with the file, `POST /projects/import` takes it as its body.
 */
const archives = {
  /** Makes the archive; it waits to be read, and is thrown away when it is discarded or nobody reads for an hour. */
  export: route.route({ method: 'POST', path: '/exports', successStatus: 201 }).input(newExport).output(exported),
  read: route.route({ method: 'GET', path: '/exports/{id}' }).input(readExport).output(exportPiece),
  discard: route.route({ method: 'DELETE', path: '/exports/{id}' }).input(ofTransfer).output(done),
  begin: route.route({ method: 'POST', path: '/imports', successStatus: 201 }).input(newImport).output(importBegun),
  /** The next piece; `offset` says where it belongs, so that one that is sent twice is noticed. */
  append: route.route({ method: 'PUT', path: '/imports/{id}' }).input(importPiece).output(importReceived),
  /** All is there: checks it as a whole and makes a project of it, or nothing. */
  finish: route
    .route({ method: 'POST', path: '/imports/{id}/finish', successStatus: 201 })
    .input(ofTransfer)
    .output(project),
  abandon: route.route({ method: 'DELETE', path: '/imports/{id}' }).input(ofTransfer).output(done),
}

/** Leases on resources, for scripts too (L1, L2). */
const locks = {
  list: route.route({ method: 'GET', path: '/locks' }).output(pageOf(lock)),
  /** Answers when the lock is held, or with 409 and its holders where it was not had in time. */
  acquire: route.route({ method: 'POST', path: '/locks', successStatus: 201 }).input(acquireLock).output(lock),
  release: route
    .route({ method: 'DELETE', path: '/locks/{id}', inputStructure: 'detailed' })
    .input(releaseLock)
    .output(done),
  extend: route.route({ method: 'POST', path: '/locks/{id}/extend' }).input(extendLock).output(lock),
  stats: route.route({ method: 'GET', path: '/locks/stats' }).output(lockStats),
}

/** Tool calls that wait for a person (T5). */
const approvals = {
  list: route.route({ method: 'GET', path: '/approvals' }).input(approvalsQuery).output(pageOf(approval)),
  decide: route.route({ method: 'POST', path: '/approvals/{id}' }).input(decideApproval).output(approval),
}

const ofSource = z.strictObject({ id: sourceId })

/** Files to search in, of a project or of everybody (K1–K3). */
const knowledge = {
  status: route.route({ method: 'GET', path: '/knowledge' }).output(knowledgeStatus),
  /** Newest first; with a project, its own and everybody's. */
  list: route
    .route({ method: 'GET', path: '/knowledge/sources' })
    .input(z.strictObject({ ...pageQuery, project_id: projectId.optional() }))
    .output(pageOf(knowledgeSource)),
  /** Takes a file or a folder of this machine; it is read in the background. */
  add: route
    .route({ method: 'POST', path: '/knowledge/sources', successStatus: 202 })
    .input(newSource)
    .output(knowledgeSource),
  /** Takes a file's content and keeps it. */
  upload: route
    .route({ method: 'POST', path: '/knowledge/uploads', successStatus: 202 })
    .input(newUpload)
    .output(knowledgeSource),
  get: route.route({ method: 'GET', path: '/knowledge/sources/{id}' }).input(ofSource).output(knowledgeSource),
  change: route.route({ method: 'PATCH', path: '/knowledge/sources/{id}' }).input(changeSource).output(knowledgeSource),
  /** Looks for changed files now. */
  refresh: route
    .route({ method: 'POST', path: '/knowledge/sources/{id}/refresh', successStatus: 202 })
    .input(ofSource)
    .output(knowledgeSource),
  remove: route.route({ method: 'DELETE', path: '/knowledge/sources/{id}' }).input(ofSource).output(done),
  files: route
    .route({ method: 'GET', path: '/knowledge/sources/{id}/files' })
    .input(z.strictObject({ id: sourceId, ...pageQuery }))
    .output(pageOf(knowledgeFile)),
  search: route.route({ method: 'GET', path: '/knowledge/search' }).input(searchQuery).output(searchResult),
  /** The text that was read of a document, around a place in it. */
  text: route.route({ method: 'GET', path: '/knowledge/documents/{id}' }).input(documentQuery).output(documentText),
}

/** Logins of people (S1, S2). The window, the command line and the token file need none. */
const auth = {
  /** The first user becomes admin and shows the token file's secret; later ones have an invitation. */
  register: route.route({ method: 'POST', path: '/auth/register', successStatus: 201 }).input(register).output(user),
  login: route.route({ method: 'POST', path: '/auth/login' }).input(login).output(session),
  /** Exchanges a refresh token, which is good once, for new tokens. */
  refresh: route.route({ method: 'POST', path: '/auth/refresh' }).input(refresh).output(session),
  logout: route.route({ method: 'POST', path: '/auth/logout' }).output(done),
  me: route.route({ method: 'GET', path: '/auth/me' }).output(me),
  /** Ends all sessions of the user. */
  changePassword: route.route({ method: 'POST', path: '/auth/password' }).input(changePassword).output(done),
}

/** Who else may come in, and what they did; for admins. */
const users = {
  list: route.route({ method: 'GET', path: '/users' }).output(pageOf(user)),
  change: route.route({ method: 'PATCH', path: '/users/{id}' }).input(changeUser).output(user),
  invites: route.route({ method: 'GET', path: '/invites' }).output(pageOf(invite)),
  invite: route.route({ method: 'POST', path: '/invites', successStatus: 201 }).input(newInvite).output(madeInvite),
  removeInvite: route
    .route({ method: 'DELETE', path: '/invites/{id}' })
    .input(z.strictObject({ id: inviteId }))
    .output(done),
  tokens: route.route({ method: 'GET', path: '/tokens' }).output(pageOf(apiToken)),
  createToken: route
    .route({ method: 'POST', path: '/tokens', successStatus: 201 })
    .input(newApiToken)
    .output(madeApiToken),
  revokeToken: route
    .route({ method: 'DELETE', path: '/tokens/{id}' })
    .input(z.strictObject({ id: apiTokenId }))
    .output(apiToken),
  /** Who did what (S7), newest first. `GET /audit.jsonl` has all of it as a file. */
  audit: route
    .route({ method: 'GET', path: '/audit' })
    .input(
      z.strictObject({ ...pageQuery, actor: z.string().max(100).optional(), action: z.string().max(100).optional() }),
    )
    .output(pageOf(auditEntry)),
}

/** Servers of tools that a project's work may use (T7). Each answer has all servers of the project. */
const mcp = {
  list: route.route({ method: 'GET', path: '/projects/{id}/mcp' }).input(ofProject).output(mcpServers),
  /** Adds or changes one; what is changed is not trusted any more. */
  put: route.route({ method: 'PUT', path: '/projects/{id}/mcp/{name}' }).input(putMcpServer).output(mcpServers),
  /** Trusts one as its hash says: starts or asks it, and takes the tools that it lists as those that are trusted. */
  approve: route
    .route({ method: 'POST', path: '/projects/{id}/mcp/{name}/approve' })
    .input(approveMcpServer)
    .output(mcpServers),
  remove: route.route({ method: 'DELETE', path: '/projects/{id}/mcp/{name}' }).input(ofMcpServer).output(mcpServers),
}

const ofWebhook = z.strictObject({ id: webhookId })

/** Told to others, and told by others (A5). Webhooks that come in have a route written by hand: `POST /webhook`. */
const webhooks = {
  list: route.route({ method: 'GET', path: '/webhooks' }).output(pageOf(webhook)),
  create: route.route({ method: 'POST', path: '/webhooks', successStatus: 201 }).input(newWebhook).output(madeWebhook),
  change: route.route({ method: 'PATCH', path: '/webhooks/{id}' }).input(changeWebhook).output(webhook),
  remove: route.route({ method: 'DELETE', path: '/webhooks/{id}' }).input(ofWebhook).output(done),
  /** A new secret; for a while the former one signs, too. */
  rotate: route.route({ method: 'POST', path: '/webhooks/{id}/rotate' }).input(rotateWebhook).output(madeWebhook),
  /** Sends a trial and answers with how it went. */
  test: route.route({ method: 'POST', path: '/webhooks/{id}/test' }).input(ofWebhook).output(webhookDelivery),
  /** What was sent, and what waits to be; newest first. */
  deliveries: route
    .route({ method: 'GET', path: '/webhooks/{id}/deliveries' })
    .input(ofWebhook.extend(pageQuery))
    .output(pageOf(webhookDelivery)),
  redeliver: route
    .route({ method: 'POST', path: '/webhook-deliveries/{id}/redeliver', successStatus: 202 })
    .input(z.strictObject({ id: webhookDeliveryId }))
    .output(webhookDelivery),
  /** What incoming webhooks may be signed with. */
  secrets: route.route({ method: 'GET', path: '/webhook-secrets' }).output(webhookSecrets),
  addSecret: route
    .route({ method: 'POST', path: '/webhook-secrets', successStatus: 201 })
    .input(newWebhookSecret)
    .output(madeWebhookSecret),
  removeSecret: route
    .route({ method: 'DELETE', path: '/webhook-secrets/{id}' })
    .input(z.strictObject({ id: webhookSecretId }))
    .output(done),
}

const system = {
  health: route.route({ method: 'GET', path: '/health' }).output(health),
  status: route.route({ method: 'GET', path: '/status' }).output(status),
  pauseAll: route.route({ method: 'POST', path: '/pause' }).output(status),
  resumeAll: route.route({ method: 'POST', path: '/resume' }).output(status),
  /** Cancels every project that is not over; answers with their ids. */
  cancelAll: route.route({ method: 'POST', path: '/cancel' }).output(z.object({ cancelled: z.array(projectId) })),
}

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
  settings: setting,
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
