import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { Approval, DecideApproval } from '#contract/approval.ts'
import type { Export, ImportBegun } from '#contract/archive.ts'
import type { Attempt } from '#contract/attempt.ts'
import type { Backup, BackupCheck } from '#contract/backup.ts'
import type { Budget, BudgetLimits } from '#contract/budget.ts'
import type { ChangeSettings, FixedSettings } from '#contract/change-settings.ts'
import type { CheckpointList, RestorePreview, TaskDiff } from '#contract/checkpoint.ts'
import type { StoredEvent } from '#contract/event.ts'
import type { GpuStatus, ImageTemplates } from '#contract/gpu.ts'
import type { ClaimedJob, ClaimJob, DispatchJob, Job, JobDispatched, JobEvent, jobsQuery } from '#contract/job.ts'
import type {
  DocumentText,
  KnowledgeFile,
  KnowledgeSource,
  KnowledgeStatus,
  newSource,
  newUpload,
  SearchQuery,
  SearchResult,
} from '#contract/knowledge.ts'
import type { acquireLock, Lock, LockStats } from '#contract/lock.ts'
import type { approveMcpServer, McpServers, ofMcpServer, putMcpServer } from '#contract/mcp.ts'
import type {
  LoadedModel,
  ModelProfile,
  ModelProfileStatus,
  ModelPull,
  ProviderId,
  RouteOutcome,
} from '#contract/model.ts'
import type { NewRun } from '#contract/new-run.ts'
import type { CurrentPlan, Plan, PlanDocument, PlanEstimate, PlanProblem } from '#contract/plan.ts'
import type { Artifact, changeProject, ImageContent, newProject, Project } from '#contract/project.ts'
import type { Result } from '#contract/result.ts'
import type { Run, RunDetail, RunEvent, RunStreamItem, Step } from '#contract/run.ts'
import type { RunContext } from '#contract/run-context.ts'
import type { RunMoment } from '#contract/run-timeline.ts'
import type { Health, keyStatus, openVault, Service, Status, VaultStatus } from '#contract/service.ts'
import type { ServiceAction, ServiceLog, StartCommand } from '#contract/service-start.ts'
import type { Settings } from '#contract/settings.ts'
import type { SampleProject, Setup } from '#contract/setup.ts'
import type { JobState } from '#contract/states.ts'
import type { StreamItem } from '#contract/stream-item.ts'
import type { changeTask, Task } from '#contract/task.ts'
import type { UsageEntry, UsageGroup, UsageSums } from '#contract/usage.ts'
import type {
  changeWebhook,
  madeWebhook,
  madeWebhookSecret,
  newWebhook,
  newWebhookSecret,
  Webhook,
  WebhookDelivery,
  WebhookSecrets,
  WebhookTaken,
} from '#contract/webhook.ts'
import type { Follower } from './event/event-feed.ts'
import type { Identity } from './identity/identity-service.ts'
import type { Ownership } from './identity/ownership.ts'
import type { Refusal } from './refusal.ts'
import type { Configured } from './store/configured.ts'
import type { IdempotencyKeys } from './store/idempotency-keys.ts'
import type { Tx } from './store/write-queue.ts'
import type { SignatureFault } from './webhook/signature.ts'

type Answer<T> = Promise<Result<T, Refusal>>
type Read<T> = Result<T, Refusal>
/** Where a reader of a run's events goes on, exclusive: an event's id, or else its timestamp. */
export interface RunPlace {
  readonly after?: string | undefined
  readonly last_ts?: string | undefined
}
export interface Page<T> {
  readonly items: T[]
  readonly next_cursor: string | null
}
export interface PageRequest {
  readonly limit: number
  readonly cursor?: string | undefined
}
export interface EventFilter {
  readonly after?: string | undefined
  readonly project_id?: string | undefined
  readonly type?: string | undefined
  /** Only what belongs to this owner's projects and jobs; null or absent: all. */
  readonly owner?: string | null | undefined
}

/** A webhook as it came. */
export interface WebhookMessage {
  readonly signature: string | undefined
  /** `X-Event-Id`, where the body names none. It is not signed: it can make a webhook a repeat, never a new one. */
  readonly event_id: string | undefined
  readonly body: Uint8Array
}

export interface ReceivedWebhook {
  /** Of the signature: `unset` where there is no secret to check it with. */
  readonly verdict: 'verified' | 'replayed' | 'unset' | SignatureFault
  readonly answer: Result<WebhookTaken, Refusal>
}

/** What is said of a job by whoever carries it out (S1): a worker over the port, or a webhook. */
export interface JobReport {
  readonly task_id: string
  /** Whose the reporter takes it for; a job of another core is refused. */
  readonly core_id?: string | undefined
  /** `running` keeps the lease and tells of progress, `queued` gives the job back, the others end it. */
  readonly status: JobState
  /** Of the lease; absent: taken as long as only one worker ever had the job. */
  readonly token?: number | undefined
  /** How it goes, or why it ended so. */
  readonly message?: string | undefined
  readonly result?: unknown
}

/**
 * The product, without any face. Ids are public ids; every value is of the contract. Changes answer after their commit.
 * Hosts get one from `createCore` and end it with `close`.
 */
export interface Core {
  readonly projects: {
    /** `owner`: whose; null is everybody's. */
    list(page: PageRequest, owner?: string | null): Page<Project>
    create(input: z.output<typeof newProject>): Answer<Project>
    /** What a first run can be tried with (U3). */
    sample(): Promise<SampleProject>
    get(id: string): Read<Project>
    change(id: string, change: z.output<typeof changeProject>): Answer<Project>
    remove(id: string): Answer<void>
    plan(id: string): Answer<Project>
    /** Stops the planner alone. */
    stopPlanning(id: string): Answer<Project>
    start(id: string): Answer<Project>
    pause(id: string): Answer<Project>
    resume(id: string): Answer<Project>
    cancel(id: string): Answer<Project>
    retry(id: string, from: 'step' | 'start'): Answer<Project>
    skip(id: string): Answer<Project>
    plans(id: string): Read<Page<Plan>>
    /** The approved plan as its tasks are now (P7). */
    currentPlan(id: string): Read<CurrentPlan>
    addPlan(id: string, document: unknown, source: 'user' | 'file'): Answer<Plan>
    /** `ids`: these alone. */
    tasks(id: string, page: PageRequest, ids?: readonly string[]): Read<Page<Task>>
    /** Puts the files back as they were after a checkpoint (E10). */
    restore(id: string, checkpointId: string): Answer<Project>
    previewRestore(id: string, checkpointId: string): Answer<RestorePreview>
    attempts(id: string, page: PageRequest): Read<Page<Attempt>>
    checkpoints(id: string, page: PageRequest): Answer<CheckpointList>
    artifacts(id: string): Answer<Page<Artifact>>
    artifact(id: string, path: string): Answer<{ path: string; bytes: number; text: string | null; truncated: boolean }>
    image(id: string, path: string): Answer<ImageContent>
  }
  readonly plans: {
    get(id: string): Read<Plan>
    check(
      id: string,
      document: unknown,
    ): Read<{ problems: PlanProblem[]; document: PlanDocument | null; estimate: PlanEstimate | null }>
    /** `was`: what tasks were called in the version edited, where that does not follow from their keys; null for new ones. */
    edit(id: string, document: unknown, note: string, was?: Readonly<Record<string, string | null>>): Answer<Plan>
    approve(id: string, authoriseMicros?: number): Answer<Project>
    reject(id: string, note: string): Answer<Project>
    /** `author`: the name of who comments. */
    comment(id: string, task: string, text: string, author: string): Answer<Plan>
    uncomment(id: string, commentId: string): Answer<Plan>
    revise(id: string, note: string): Answer<Project>
  }
  readonly tasks: {
    get(id: string): Read<Task>
    change(id: string, change: z.output<typeof changeTask>): Answer<Task>
    retry(id: string, from: 'step' | 'start'): Answer<Task>
    cancel(id: string): Answer<Task>
    skip(id: string): Answer<Task>
    pause(id: string): Answer<Task>
    resume(id: string): Answer<Task>
    /** Takes it out of batches (R5). */
    atOnce(id: string): Answer<Task>
    runs(id: string): Read<Page<Run>>
    diff(id: string): Answer<TaskDiff>
    undo(id: string): Answer<Task>
  }
  readonly runs: {
    /** Free prompts, newest first, each with its last attempt. */
    list(page: PageRequest, owner?: string | null): Page<RunDetail>
    /** Has a prompt carried out in the background (G6). */
    create(input: NewRun): Answer<{ run_id: string; status: 'accepted' }>
    get(id: string): Read<RunDetail>
    cancel(id: string): Answer<RunDetail>
    /** Phase boundaries, from the first or behind an event or a moment. */
    events(id: string, place?: RunPlace): Read<RunEvent[]>
    /** The same, then those that come, then its end. Ends early when `signal` aborts or core closes. */
    stream(id: string, place: RunPlace, signal: AbortSignal, heartbeatMs?: number): Read<AsyncIterable<RunStreamItem>>
    steps(id: string): Read<Step[]>
    context(id: string): Read<RunContext>
    /** All that happened in it, in order: phases, calls, waits, questions, its end. */
    timeline(id: string): Read<RunMoment[]>
  }
  /** Work that is dispatched from outside (S1). */
  readonly jobs: {
    dispatch(given: DispatchJob): Answer<JobDispatched>
    /** Newest first. `owner`: whose; null is everybody's. */
    list(query: z.output<typeof jobsQuery>, owner?: string | null): Page<Job>
    get(id: string): Read<Job>
    cancel(id: string): Answer<Job>
    /** The next job of a core for a worker of it, with a lease; none where there is none in time, or `signal` aborts. */
    claim(
      wanted: ClaimJob & { readonly worker: string },
      owner: string | null,
      signal?: AbortSignal,
    ): Answer<ClaimedJob | NoJob>
    /**
     * `owner`: only of jobs of this user; null: of all. What was said already is taken again without effect. `also` is done
     * in the transaction that takes the report, and not where it is refused.
     */
    report(report: JobReport, owner: string | null, also?: (tx: Tx) => void): Answer<Job>
    events(id: string, page: PageRequest): Read<Page<JobEvent>>
    counts(): { readonly queued: number; readonly running: number }
  }
  /** Tool calls that wait for a person (T5). Only a host answers: nothing that a model or a tool says does. */
  readonly approvals: {
    list(state: 'open' | 'all', owner?: string | null): Approval[]
    decide(decision: DecideApproval): Answer<Approval>
  }
  /** Servers of tools (T7). Each answer has all of the project's. */
  readonly mcp: {
    list(id: string): Answer<McpServers>
    put(server: z.output<typeof putMcpServer>): Answer<McpServers>
    /** Starts a program of this machine: to be let through for its owner only. */
    approve(server: z.output<typeof approveMcpServer>): Answer<McpServers>
    remove(server: z.output<typeof ofMcpServer>): Answer<McpServers>
  }
  readonly events: {
    list(filter: EventFilter, limit: number): Page<StoredEvent>
    /** Ends when `signal` aborts or core closes. Bounded: a reader that is too slow ends early and resumes by id. */
    stream(filter: EventFilter, signal: AbortSignal): AsyncIterableIterator<StreamItem>
    /** The same, pushed: for any number of readers at once. Answers how to stop. */
    follow(filter: EventFilter, follower: Follower): () => void
    lastId(): string
  }
  readonly budget: {
    get(): Budget
    set(change: { [K in keyof BudgetLimits]?: BudgetLimits[K] | undefined }): Answer<Budget>
  }
  readonly usage: {
    /** `owner`: of whose projects; null is everybody's. */
    list(page: PageRequest, projectId?: string, only?: 'unconfirmed', owner?: string | null): Read<Page<UsageEntry>>
    summary(by: UsageGroup, projectId?: string, owner?: string | null): Answer<UsageSums>
    /** Settles an unconfirmed call at what it really cost. */
    correct(id: number, cost_micros: number): Answer<UsageEntry>
  }
  readonly services: {
    list(): Service[]
    check(name: string): Answer<Service>
    /** Restarts what Baton has started; with `consent`, has others unload their models (H4). */
    restart(name: string, consent: boolean): Answer<ServiceAction>
    stop(name: string): Answer<ServiceAction>
    log(name: string): Read<ServiceLog>
    /** A program of this machine: to be let through for its owner only. */
    setStart(name: string, start: StartCommand | null): Answer<Service>
    /** Who has the card and who waits for it (H3). */
    gpu(): Promise<GpuStatus>
    /** What there is to work with, looked for anew (R6). */
    setup(): Promise<Setup>
    /** Read from the disk anew. */
    imageTemplates(): ImageTemplates
  }
  readonly models: {
    list(): ModelProfileStatus[]
    put(profile: ModelProfile): Answer<ModelProfileStatus>
    remove(name: string): Answer<void>
    /** Models in the memory of Ollama. */
    loaded(): Answer<LoadedModel[]>
    /** What became of checked runs, by class, tier and model. */
    outcomes(): RouteOutcome[]
    /** Learned routing begins anew. */
    forgetOutcomes(): Promise<void>
    /** What is being pulled, and what was since this core began; newest first. */
    pulls(): ModelPull[]
    /** Begins to pull a model into Ollama, or answers with the pull that is under way. */
    pull(model: string): ModelPull
    cancelPull(model: string): Read<ModelPull>
    keys(): Promise<z.output<typeof keyStatus>[]>
    setKey(provider: string, key: string): Answer<z.output<typeof keyStatus>>
    removeKey(provider: string): Answer<z.output<typeof keyStatus>>
    vault(): Promise<VaultStatus>
    openVault(input: z.output<typeof openVault>): Answer<VaultStatus>
  }
  readonly settings: {
    get(): Settings
    change(change: ChangeSettings): Answer<Settings>
    fixed(): FixedSettings
  }
  readonly backups: {
    /** Newest first. */
    list(): Backup[]
    create(): Answer<Backup>
    verify(id: string): Answer<BackupCheck>
  }
  /** Whole projects as files (D3), in pieces of at most `ARCHIVE_CHUNK_BYTES`, in base64. */
  readonly archives: {
    export(projectId: string): Answer<Export>
    read(id: string, offset: number): Answer<{ data: string; next_offset: number | null }>
    discard(id: string): Answer<void>
    begin(bytes: number): Answer<ImportBegun>
    append(id: string, offset: number, data: string): Answer<{ received: number }>
    finish(id: string): Answer<Project>
    abandon(id: string): Answer<void>
    /** An export at one go; its file goes when `content` ends or is destroyed. */
    download(projectId: string): Answer<{ name: string; bytes: number; content: Readable }>
    /** Makes a project of an archive, or nothing. */
    import(archive: AsyncIterable<Uint8Array>): Answer<Project>
  }
  readonly locks: {
    list(): Lock[]
    /**
     * For scripts: held by name and expiry alone. Where `signal` aborts meanwhile, nobody is left holding it. `user`: who
     * asks, and who alone may let go of it; absent or null: the owner of the data folder, who may let go of everybody's.
     */
    acquire(
      input: z.output<typeof acquireLock>,
      asked?: { readonly signal?: AbortSignal | undefined; readonly user?: string | null },
    ): Answer<Lock>
    release(id: string, owner: string, user?: string | null): Answer<void>
    extend(id: string, owner: string, ttl_ms: number, user?: string | null): Answer<Lock>
    stats(): LockStats
  }
  /** Files to search in (K1–K3). They are read, and vectors made of them, in the background. */
  readonly knowledge: {
    status(): Answer<KnowledgeStatus>
    list(query: PageRequest & { readonly project_id?: string | undefined }): Answer<Page<KnowledgeSource>>
    /** A file or folder of this machine; one that is there already is read anew. */
    add(source: z.output<typeof newSource>): Answer<KnowledgeSource>
    upload(file: z.output<typeof newUpload>): Answer<KnowledgeSource>
    get(id: string): Answer<KnowledgeSource>
    change(id: string, watched: boolean): Answer<KnowledgeSource>
    refresh(id: string): Answer<KnowledgeSource>
    remove(id: string): Answer<void>
    files(id: string, page: PageRequest): Answer<Page<KnowledgeFile>>
    search(query: SearchQuery, signal?: AbortSignal): Answer<SearchResult>
    text(documentId: string, around: number): Answer<DocumentText>
  }
  readonly identity: Identity
  readonly ownership: Ownership
  /** Told to others, and told by others (A5). */
  readonly webhooks: {
    list(): Webhook[]
    create(input: z.output<typeof newWebhook>): Answer<z.infer<typeof madeWebhook>>
    change(change: z.output<typeof changeWebhook>): Answer<Webhook>
    remove(id: string): Answer<void>
    /** A new secret; the former one signs beside it for so many hours. */
    rotate(id: string, overlapHours: number): Answer<z.infer<typeof madeWebhook>>
    /** Sends a trial now, and answers when it has come back. */
    test(id: string): Answer<WebhookDelivery>
    /** Newest first. */
    deliveries(id: string, page: PageRequest): Read<Page<WebhookDelivery>>
    redeliver(id: string): Answer<WebhookDelivery>
    secrets(): WebhookSecrets
    addSecret(input: z.output<typeof newWebhookSecret>): Answer<z.infer<typeof madeWebhookSecret>>
    removeSecret(id: string): Answer<void>
    /** A webhook that came in, as it came. Nothing in it counts before its signature does. */
    receive(message: WebhookMessage): Promise<ReceivedWebhook>
  }
  /** Calls that are made at most once (A3). */
  readonly idempotency: IdempotencyKeys
  readonly system: {
    health(): Health
    status(): Status
    pauseAll(): Answer<Status>
    resumeAll(): Answer<Status>
    cancelAll(): Answer<string[]>
  }
  /**
   * Looks for keys, git and services, once; resolves when they are known. What plans, routes or runs has to wait for it;
   * `execute` does. `createCore` has done it, unless it was told to leave that for later.
   */
  lookAround(): Promise<void>
  /**
   * Lets work go on: of all projects (a host that stays), or of these too (a command that was asked for one). What a person
   * plans, approves, starts, resumes or retries is taken up as well. Until then nothing is claimed, so that a command which
   * only looks spends nothing.
   */
  execute(projects: 'all' | readonly string[]): void
  /** Resolves when nothing can move without a person any more: all runs ended, nothing is ready or timed. */
  idle(projectId?: string): Promise<void>
  /**
   * Stops taking work, lets steps finish for at most `graceMs` (default 30 s), then aborts and journals (E8).
   * Answers whether everything ended by itself.
   */
  close(graceMs?: number): Promise<{ clean: boolean }>
}

/** There was no job in time. `reason` says why none is given out, where there may be one; else it is empty. */
export interface NoJob {
  readonly job: null
  readonly reason: string
}

export type ProviderEnvironment = {
  readonly [id in ProviderId]?: { readonly api_key?: string | undefined; readonly base_url?: string | undefined }
}

/** How names of the internet are looked up, and which addresses may be connected to (T6). */
export interface NetworkDoor {
  resolve(host: string): Promise<readonly string[]>
  /** Why not, in words; null where it may be. */
  whyNot(address: string, port: number): string | null
}

/** What a host gives to `createCore`. The host reads environment and arguments; core never does. */
export interface CoreOptions {
  readonly data_dir: string
  readonly version: string
  /** Keys and addresses from the environment; a key from the keychain is used where the environment has none. */
  readonly anthropic_api_key?: string | undefined
  readonly anthropic_base_url?: string | undefined
  readonly ollama_host?: string | undefined
  /** The same for the other providers, by their id; an address goes before the one in the settings. */
  readonly providers?: ProviderEnvironment | undefined
  /** Absent: ComfyUI's own address is tried, and it counts as not set up where nobody answers. */
  readonly comfyui_url?: string | undefined
  /** Where programs such as git are looked for (`PATH`); absent: they count as missing. */
  readonly path?: string | undefined
  /** What signs access tokens, in place of a key of Baton's own. */
  readonly jwt_secret?: string | undefined
  /** What incoming webhooks may be signed with, beside the secrets of the settings (A5). */
  readonly webhook_secret?: string | undefined
  /** The environment of servers that Baton starts (H4), without secrets; absent: only `PATH`. */
  readonly service_environment?: Readonly<Record<string, string>> | undefined
  /** Whether the demo model may be chosen by routing. It never is unless a host or a profile asks for it. */
  readonly demo: boolean
  /** Pause of the demo model between pieces of output, in ms, so that a person can watch. */
  readonly demo_pace_ms?: number | undefined
  /** Reads and keeps keys; absent: no keychain answers. */
  readonly keychain?: Keychain | undefined
  /** What `keychain` falls back on where the system has none; absent: nothing. */
  readonly vault?: Vault | undefined
  /** A variable of the environment, secrets included; asked only for those that a person allowed an MCP server. */
  readonly variable?: ((name: string) => string | undefined) | undefined
  /** Absent, as in every product: the system's names, and public addresses alone. Tests let their own servers through. */
  readonly network?: NetworkDoor | undefined
  readonly log?: Log | undefined
  /** What the configuration file says; absent: there is none. */
  readonly configured?: Configured | undefined
  /** Names of failpoints at which this process ends itself; for tests of recovery. */
  readonly failpoints?: readonly string[] | undefined
  /** For a host that answers before anything runs: `createCore` resolves without `lookAround`. */
  readonly look_around_later?: boolean | undefined
}

/** The operating system's store of secrets. Faults are values. */
export interface Keychain {
  get(account: string): Promise<Result<string | null, string>>
  set(account: string, secret: string): Promise<Result<void, string>>
  remove(account: string): Promise<Result<void, string>>
}

export type VaultState = 'absent' | 'locked' | 'open'

/**
 * Secrets in a file, encrypted by a passphrase, for machines where no keychain answers (S8). Locked at each start, until a
 * person says the passphrase; the passphrase itself is not kept. Open, it is a keychain.
 */
export interface Vault extends Keychain {
  state(): Promise<VaultState>
  /** Whether it is open and keeps this. */
  has(account: string): boolean
  /** Makes an empty one; refused where there is one already. */
  create(passphrase: string): Promise<Result<void, string>>
  open(passphrase: string): Promise<Result<void, string>>
}

/** Structured log; `fields` must not contain secrets. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}
