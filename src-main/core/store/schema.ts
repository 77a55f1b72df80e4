import { customType, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { z } from 'zod'
import { approval as approvalSchema, approvalScope, toolPolicy } from '#contract/approval.ts'
import { sourceKind, sourceState } from '#contract/knowledge-words.ts'
import { mcpSetup, toolDefinition } from '#contract/mcp.ts'
import { planDocument, planRepair } from '#contract/plan.ts'
import { projectResult } from '#contract/project-result.ts'
import { role, scope } from '#contract/role.ts'
import { runContext } from '#contract/run-context.ts'
import {
  batchRequestState,
  batchState,
  checkpointKind,
  complexity,
  jobState,
  phase,
  planState,
  projectState,
  reservationState,
  runKind,
  runState,
  stepKind,
  stepState,
  taskState,
  taskType,
  tier,
  waitingOn,
} from '#contract/states.ts'
import { packText, unpackText } from './packed-text.ts'
import { storedEstimate } from './stored-estimate.ts'
import { listText, parseList } from './text-list.ts'

/*
 * The tables as TypeScript sees them. The truth is resources/migrations/*.sql; a test holds the two against each other.
 * JSON and words are parsed on the way in, so that a row read is a row checked.
 */

function parsed<Schema extends z.ZodType>(schema: Schema) {
  return customType<{ data: z.output<Schema>; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => schema.parse(JSON.parse(value)),
  })
}

/** As `parsed`, for values that are long and full of repetition. */
function packed<Schema extends z.ZodType>(schema: Schema) {
  return customType<{ data: z.output<Schema>; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => packText(JSON.stringify(value)),
    fromDriver: (value) => schema.parse(JSON.parse(unpackText(value))),
  })
}

function word<Schema extends z.ZodType<string>>(schema: Schema) {
  return customType<{ data: z.output<Schema>; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => value,
    fromDriver: (value) => schema.parse(value),
  })
}

const strings = parsed(z.array(z.string()))
/** As `strings`, but nothing where it is empty. */
const sparseStrings = customType<{ data: string[]; driverData: string }>({
  dataType: () => 'text',
  toDriver: listText,
  fromDriver: parseList,
})
const json = parsed(z.unknown())
const flag = (name: string) => integer(name, { mode: 'boolean' })

export const meta = sqliteTable('meta', { key: text('key').primaryKey(), value: text('value').notNull() })

export const setting = sqliteTable('setting', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
  updated_at: integer('updated_at').notNull(),
})

export const project = sqliteTable('project', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  name: text('name').notNull(),
  requirements: text('requirements').notNull(),
  owner: text('owner').notNull(),
  state: word(projectState)('state').notNull(),
  reason: text('reason').notNull().default(''),
  workspace: text('workspace').notNull().default(''),
  workspace_owned: flag('workspace_owned').notNull().default(true),
  budget_micros: integer('budget_micros'),
  authorised_micros: integer('authorised_micros'),
  local_only: flag('local_only').notNull().default(false),
  /** Its tasks' calls may wait for a batch, which costs less (R5). */
  can_wait: flag('can_wait').notNull().default(false),
  profile: text('profile'),
  priority: integer('priority').notNull().default(1),
  allowed_hosts: strings('allowed_hosts').notNull().default([]),
  tool_policy: parsed(toolPolicy)('tool_policy').notNull().default({}),
  plan_id: integer('plan_id'),
  result: parsed(projectResult)('result'),
  created_at: integer('created_at').notNull(),
  updated_at: integer('updated_at').notNull(),
  started_at: integer('started_at'),
  ended_at: integer('ended_at'),
  /** How long it has been executing up to `working_since`, without pauses, waits and the time in which no Baton lived. */
  worked_ms: integer('worked_ms').notNull().default(0),
  /** Since when it executes; null where it does not. */
  working_since: integer('working_since'),
  /** What set it going last (M6). */
  correlation_id: text('correlation_id'),
  /** Its public id where it was exported; null where it was made here. */
  source_id: text('source_id'),
  /** What the first plan waits for, while the run that writes it is waiting; what tasks wait for is in their rows. */
  plan_waits_on: word(waitingOn)('plan_waits_on'),
  /** Folder in `imports/` from which its files came. */
  import_key: text('import_key'),
  /** Of a free prompt (G6): what was handed along for the model. Null where requirements are planned and approved. */
  constraints: parsed(z.record(z.string(), z.unknown()))('constraints'),
})
export type ProjectRow = typeof project.$inferSelect

export const attachment = sqliteTable('attachment', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  project_id: integer('project_id').notNull(),
  name: text('name').notNull(),
  /** Where the copy lies in the workspace. */
  path: text('path').notNull(),
  bytes: integer('bytes').notNull(),
  sha256: text('sha256').notNull(),
})

export const plan = sqliteTable('plan', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  project_id: integer('project_id').notNull(),
  version: integer('version').notNull(),
  state: word(planState)('state').notNull(),
  source: word(z.enum(['model', 'user', 'file']))('source').notNull(),
  document: packed(planDocument)('document').notNull(),
  repairs: parsed(z.array(planRepair))('repairs').notNull(),
  note: text('note').notNull().default(''),
  /** What the user was shown when approving; null before. */
  estimate: packed(storedEstimate)('estimate'),
  created_at: integer('created_at').notNull(),
  decided_at: integer('decided_at'),
})
export type PlanRow = typeof plan.$inferSelect

/** What people wrote about tasks of a version of a plan. */
export const planComment = sqliteTable('plan_comment', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  project_id: integer('project_id').notNull(),
  plan_id: integer('plan_id').notNull(),
  task_key: text('task_key').notNull(),
  author: text('author').notNull(),
  text: text('text').notNull(),
  created_at: integer('created_at').notNull(),
})
export type PlanCommentRow = typeof planComment.$inferSelect

export const task = sqliteTable('task', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  project_id: integer('project_id').notNull(),
  plan_id: integer('plan_id').notNull(),
  key: text('key').notNull(),
  position: integer('position').notNull(),
  title: text('title').notNull(),
  description: text('description').notNull(),
  type: word(taskType)('type').notNull(),
  complexity: word(complexity)('complexity').notNull(),
  tier: word(tier)('tier'),
  tools: sparseStrings('tools').notNull(),
  acceptance: sparseStrings('acceptance').notNull(),
  verify_command: text('verify_command'),
  write_scope: sparseStrings('write_scope').notNull(),
  hosts: sparseStrings('hosts').notNull().default([]),
  artifacts: sparseStrings('artifacts').notNull(),
  priority: integer('priority').notNull(),
  state: word(taskState)('state').notNull(),
  waiting_on: word(waitingOn)('waiting_on'),
  reason: text('reason').notNull().default(''),
  held: flag('held').notNull().default(false),
  resumes_at: integer('resumes_at'),
  unmet_dependencies: integer('unmet_dependencies').notNull(),
  attempts: integer('attempts').notNull().default(0),
  run_id: integer('run_id'),
  /** The next run takes the finished steps of this one over (retry from the failed step). */
  carry_run_id: integer('carry_run_id'),
  output: text('output').notNull().default(''),
  /** Since when it could run; orders the queue. */
  ready_at: integer('ready_at'),
  created_at: integer('created_at').notNull(),
  started_at: integer('started_at'),
  ended_at: integer('ended_at'),
  source_id: text('source_id'),
  /** The tier at which it goes on after lower ones failed it, or at which a learned choice began it; null: routing decides. */
  rung: word(tier)('rung'),
  /** Why it is worked on there. */
  rung_reason: text('rung_reason').notNull().default(''),
  /** A person took it out of batches: its calls are made at once. */
  at_once: flag('at_once').notNull().default(false),
})
export type TaskRow = typeof task.$inferSelect

export const taskDependency = sqliteTable(
  'task_dependency',
  { task_id: integer('task_id').notNull(), depends_on_id: integer('depends_on_id').notNull() },
  (table) => [primaryKey({ columns: [table.task_id, table.depends_on_id] })],
)

export const run = sqliteTable('run', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  kind: word(runKind)('kind').notNull(),
  project_id: integer('project_id').notNull(),
  task_id: integer('task_id'),
  attempt: integer('attempt').notNull(),
  state: word(runState)('state').notNull(),
  reason: text('reason').notNull().default(''),
  phase: word(phase)('phase'),
  tier: word(tier)('tier'),
  profile: text('profile'),
  route_reason: text('route_reason').notNull().default(''),
  /** What the run was asked for besides its task: the user's note to a revision. */
  note: text('note').notNull().default(''),
  repairs: integer('repairs').notNull().default(0),
  violations: strings('violations').notNull().default([]),
  next_sequence: integer('next_sequence').notNull().default(0),
  last_event_us: integer('last_event_us').notNull().default(0),
  resumes_at: integer('resumes_at'),
  created_at: integer('created_at').notNull(),
  started_at: integer('started_at'),
  ended_at: integer('ended_at'),
  /** What set its project going (M6). */
  correlation_id: text('correlation_id'),
})
export type RunRow = typeof run.$inferSelect

export const runContextTable = sqliteTable('run_context', {
  run_id: integer('run_id').primaryKey(),
  context: parsed(runContext)('context').notNull(),
})

export const step = sqliteTable('step', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  run_id: integer('run_id').notNull(),
  /** Place in the run: phase, round and turn. A finished step is found again by it. */
  key: text('key').notNull(),
  attempt: integer('attempt').notNull(),
  phase: word(phase)('phase').notNull(),
  kind: word(stepKind)('kind').notNull(),
  name: text('name').notNull(),
  state: word(stepState)('state').notNull(),
  input: json('input').notNull(),
  output: json('output'),
  note: json('note'),
  error: text('error'),
  files_changed: strings('files_changed').notNull().default([]),
  reservation_id: integer('reservation_id'),
  reused: flag('reused').notNull().default(false),
  started_at: integer('started_at').notNull(),
  ended_at: integer('ended_at'),
})
export type StepRow = typeof step.$inferSelect

export const reservation = sqliteTable('reservation', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  state: word(reservationState)('state').notNull(),
  provider: text('provider').notNull(),
  model: text('model').notNull(),
  project_id: integer('project_id'),
  task_id: integer('task_id'),
  run_id: integer('run_id'),
  day_key: text('day_key').notNull(),
  month_key: text('month_key').notNull(),
  amount_micros: integer('amount_micros').notNull(),
  settled_micros: integer('settled_micros').notNull().default(0),
  created_at: integer('created_at').notNull(),
  sent_at: integer('sent_at'),
  settled_at: integer('settled_at'),
})
export type ReservationRow = typeof reservation.$inferSelect

export const budgetAccount = sqliteTable('budget_account', {
  scope: text('scope').primaryKey(),
  reserved_micros: integer('reserved_micros').notNull().default(0),
  settled_micros: integer('settled_micros').notNull().default(0),
  unconfirmed_micros: integer('unconfirmed_micros').notNull().default(0),
})

export const usageLog = sqliteTable('usage_log', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  ts: integer('ts').notNull(),
  day_key: text('day_key').notNull(),
  provider: text('provider').notNull(),
  model: text('model').notNull(),
  profile: text('profile').notNull(),
  project_id: integer('project_id'),
  task_id: integer('task_id'),
  run_id: integer('run_id'),
  step_id: integer('step_id'),
  reservation_id: integer('reservation_id'),
  tier: word(tier)('tier'),
  attempt: integer('attempt').notNull(),
  input_tokens: integer('input_tokens').notNull(),
  output_tokens: integer('output_tokens').notNull(),
  cache_write_tokens: integer('cache_write_tokens').notNull(),
  cache_read_tokens: integer('cache_read_tokens').notNull(),
  cost_micros: integer('cost_micros').notNull(),
  saved_micros: integer('saved_micros').notNull(),
  latency_ms: integer('latency_ms').notNull(),
  outcome: text('outcome').notNull(),
  unconfirmed: flag('unconfirmed').notNull().default(false),
  cache_saved_micros: integer('cache_saved_micros'),
  /** Null: it was asked directly. */
  batch_saved_micros: integer('batch_saved_micros'),
})

/** Calls that were made before a project was imported. */
export const importedUsage = sqliteTable('imported_usage', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  ts: integer('ts').notNull(),
  day_key: text('day_key').notNull(),
  provider: text('provider').notNull(),
  model: text('model').notNull(),
  profile: text('profile').notNull(),
  project_id: integer('project_id').notNull(),
  task_id: integer('task_id'),
  run_id: integer('run_id'),
  step_id: integer('step_id'),
  tier: word(tier)('tier'),
  attempt: integer('attempt').notNull(),
  input_tokens: integer('input_tokens').notNull(),
  output_tokens: integer('output_tokens').notNull(),
  cache_write_tokens: integer('cache_write_tokens').notNull(),
  cache_read_tokens: integer('cache_read_tokens').notNull(),
  cost_micros: integer('cost_micros').notNull(),
  saved_micros: integer('saved_micros').notNull(),
  latency_ms: integer('latency_ms').notNull(),
  outcome: text('outcome').notNull(),
  unconfirmed: flag('unconfirmed').notNull().default(false),
})

/** What one task used, for estimates (P4). */
export const pastTask = sqliteTable('past_task', {
  task_id: integer('task_id').primaryKey(),
  stand_in: flag('stand_in').notNull(),
  tier: word(tier)('tier').notNull(),
  complexity: word(complexity)('complexity').notNull(),
  type: word(taskType)('type').notNull(),
  profile: text('profile'),
  input_tokens: integer('input_tokens').notNull(),
  cache_write_tokens: integer('cache_write_tokens').notNull(),
  cache_read_tokens: integer('cache_read_tokens').notNull(),
  output_tokens: integer('output_tokens').notNull(),
  call_tokens: integer('call_tokens').notNull(),
  cost_micros: integer('cost_micros').notNull(),
  ms: integer('ms').notNull(),
  ended_at: integer('ended_at').notNull(),
})

/** What was estimated at an approval in one measure, and what it came to. */
export const estimateOutcome = sqliteTable(
  'estimate_outcome',
  {
    plan_id: integer('plan_id').notNull(),
    measure: word(z.enum(['cost', 'time', 'tokens']))('measure').notNull(),
    stand_in: flag('stand_in').notNull(),
    low: integer('low').notNull(),
    likely: integer('likely').notNull(),
    high: integer('high').notNull(),
    centre: real('centre').notNull(),
    spread: real('spread').notNull(),
    actual: integer('actual'),
    /** What the project had used when this version was approved, which the estimate does not cover. */
    used_before: integer('used_before').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.plan_id, table.measure] })],
)

export const event = sqliteTable('event', {
  seq: integer('seq').primaryKey({ autoIncrement: true }),
  ts: integer('ts').notNull(),
  type: text('type').notNull(),
  project_id: integer('project_id'),
  task_id: integer('task_id'),
  run_id: integer('run_id'),
  data: text('data').notNull(),
})

/** A commit in the private history of a project's workspace (E10). */
export const checkpoint = sqliteTable('checkpoint', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  project_id: integer('project_id').notNull(),
  task_id: integer('task_id'),
  run_id: integer('run_id'),
  kind: word(checkpointKind)('kind').notNull(),
  title: text('title').notNull(),
  /** How the run ended whose work it holds; null where no run did. */
  outcome: word(runState)('outcome'),
  files: integer('files').notNull(),
  commit_oid: text('commit_oid').notNull(),
  created_at: integer('created_at').notNull(),
})
export type CheckpointRow = typeof checkpoint.$inferSelect

/** One write of one file by a task, or by a person who took one back (`task_id` null). */
export const fileChange = sqliteTable('file_change', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  project_id: integer('project_id').notNull(),
  task_id: integer('task_id'),
  run_id: integer('run_id'),
  path: text('path').notNull(),
  /** Content before and after, by its name in the private history; null where there is no such file. */
  before: text('before'),
  after: text('after'),
  /** `sent` before the write, `done` after it. */
  state: word(z.enum(['sent', 'done']))('state').notNull(),
  checkpoint_id: integer('checkpoint_id'),
  /** The checkpoint by which a person took this change back. */
  undone_by: integer('undone_by'),
  created_at: integer('created_at').notNull(),
})
export type FileChangeRow = typeof fileChange.$inferSelect

/** A question to a person before a tool call is made, with the answer (T5). */
export const approval = sqliteTable('approval', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  project_id: integer('project_id').notNull(),
  task_id: integer('task_id'),
  run_id: integer('run_id').notNull(),
  /** Place of the step in its run. */
  step_key: text('step_key').notNull(),
  kind: word(approvalSchema.shape.kind)('kind').notNull(),
  tool: text('tool').notNull(),
  risk: word(approvalSchema.shape.risk)('risk').notNull(),
  /** The call's arguments as JSON. */
  subject: text('subject').notNull(),
  reason: text('reason').notNull(),
  state: word(approvalSchema.shape.state)('state').notNull(),
  remembered: word(approvalScope)('remembered'),
  note: text('note').notNull().default(''),
  created_at: integer('created_at').notNull(),
  decided_at: integer('decided_at'),
})
export type ApprovalRow = typeof approval.$inferSelect

/** A server of tools that a project's work may use (T7). */
export const mcpServer = sqliteTable(
  'mcp_server',
  {
    project_id: integer('project_id').notNull(),
    name: text('name').notNull(),
    setup: parsed(mcpSetup)('setup').notNull(),
    /** Hash of the setup that a person trusted. */
    approved_hash: text('approved_hash'),
    /** The tools as they were trusted; `seen_tools`: as they were seen later, where they are others. */
    tools: parsed(z.array(toolDefinition))('tools').notNull().default([]),
    seen_tools: parsed(z.array(toolDefinition))('seen_tools'),
    updated_at: integer('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.name] })],
)
export type McpServerRow = typeof mcpServer.$inferSelect

/** Calls that were sent to a provider together. */
export const modelBatch = sqliteTable('model_batch', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  provider: text('provider').notNull(),
  state: word(batchState)('state').notNull(),
  /** How the names of its requests begin, by which it is found at the provider where its id was lost. */
  mark: text('mark').notNull(),
  /** The provider's own name for it; null until it is known. */
  provider_id: text('provider_id'),
  requests: integer('requests').notNull(),
  /** How often it was asked how far it is, and when (ms) it is asked again. */
  looks: integer('looks').notNull().default(0),
  look_at: integer('look_at').notNull(),
  sent_at: integer('sent_at').notNull(),
  ended_at: integer('ended_at'),
})
export type ModelBatchRow = typeof modelBatch.$inferSelect

/** A model call that is, or was, in a batch. It outlives its project, because money may be owed for it. */
export const batchRequest = sqliteTable('batch_request', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  batch_id: integer('batch_id'),
  state: word(batchRequestState)('state').notNull(),
  provider: text('provider').notNull(),
  model: text('model').notNull(),
  profile: text('profile').notNull(),
  tier: word(tier)('tier'),
  project_id: integer('project_id').notNull(),
  task_id: integer('task_id').notNull(),
  run_id: integer('run_id').notNull(),
  step_id: integer('step_id').notNull(),
  reservation_id: integer('reservation_id').notNull(),
  attempt: integer('attempt').notNull(),
  /** Length of its body. */
  bytes: integer('bytes').notNull(),
  /** Its run goes on without it. */
  dropped: flag('dropped').notNull().default(false),
  /** Why there is no answer, until its run comes by. */
  fault: json('fault'),
  created_at: integer('created_at').notNull(),
  ended_at: integer('ended_at'),
})
export type BatchRequestRow = typeof batchRequest.$inferSelect

/** A child process of a core, on record before it does anything (E5). */
export const childProcess = sqliteTable('child_process', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  /** In the environment of the child and of all that it starts. */
  token: text('token').notNull(),
  /** Also the number of its process group. */
  pid: integer('pid').notNull(),
  started: text('started'),
  owner_pid: integer('owner_pid').notNull(),
  owner_started: text('owner_started'),
  what: text('what').notNull(),
  project_id: integer('project_id'),
  run_id: integer('run_id'),
  step_id: integer('step_id'),
  created_at: integer('created_at').notNull(),
})
export type ChildProcessRow = typeof childProcess.$inferSelect

/** What one commit did to the rows of a chained table (D5); written by `chain-writer.ts` alone. */
export const chainLink = sqliteTable(
  'chain_link',
  {
    chain: text('chain').notNull(),
    seq: integer('seq').notNull(),
    lines: text('lines').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.chain, table.seq] })],
)

/** What is searched in (K1); what was read of it lies in `knowledge.db`. */
export const knowledgeSource = sqliteTable('knowledge_source', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  /** Null: everybody's. */
  project_id: integer('project_id'),
  kind: word(sourceKind)('kind').notNull(),
  name: text('name').notNull(),
  /** Of a file or a folder: absolute. Of an upload: its hash in `blobs/`. */
  path: text('path').notNull(),
  watched: flag('watched').notNull(),
  state: word(sourceState)('state').notNull(),
  reason: text('reason').notNull().default(''),
  created_at: integer('created_at').notNull(),
  indexed_at: integer('indexed_at'),
})
export type KnowledgeSourceRow = typeof knowledgeSource.$inferSelect
export const user = sqliteTable('user', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  /** In lower case. */
  email: text('email').notNull(),
  display_name: text('display_name').notNull(),
  password_hash: text('password_hash').notNull(),
  role: word(role)('role').notNull(),
  is_active: flag('is_active').notNull().default(true),
  created_at: integer('created_at').notNull(),
  last_login_at: integer('last_login_at'),
})
export type UserRow = typeof user.$inferSelect

/** A login that lives until it is ended or expires. */
export const session = sqliteTable('session', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  user_id: integer('user_id').notNull(),
  created_at: integer('created_at').notNull(),
  expires_at: integer('expires_at').notNull(),
  ended_at: integer('ended_at'),
})

export const refreshToken = sqliteTable('refresh_token', {
  hash: text('hash').primaryKey(),
  session_id: integer('session_id').notNull(),
  used_at: integer('used_at'),
})

export const invite = sqliteTable('invite', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  code_hash: text('code_hash').notNull(),
  role: word(role)('role').notNull(),
  created_by: text('created_by').notNull(),
  created_at: integer('created_at').notNull(),
  expires_at: integer('expires_at').notNull(),
  used_by: integer('used_by'),
})
export type InviteRow = typeof invite.$inferSelect

export const apiToken = sqliteTable('api_token', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  name: text('name').notNull(),
  owner: text('owner').notNull(),
  token_hash: text('token_hash').notNull(),
  scopes: parsed(z.array(scope))('scopes').notNull(),
  per_minute: integer('per_minute'),
  created_at: integer('created_at').notNull(),
  expires_at: integer('expires_at'),
  last_used_at: integer('last_used_at'),
  revoked_at: integer('revoked_at'),
})
export type ApiTokenRow = typeof apiToken.$inferSelect

/** What was done under an Idempotency-Key (A3). */
export const idempotencyKey = sqliteTable('idempotency_key', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  caller: text('caller').notNull(),
  key: text('key').notNull(),
  fingerprint: text('fingerprint').notNull(),
  state: text('state', { enum: ['begun', 'done'] }).notNull(),
  answer: text('answer'),
  created_at: integer('created_at').notNull(),
})

/** Where events are told to (A5). */
export const webhook = sqliteTable('webhook', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  url: text('url').notNull(),
  events: strings('events').notNull(),
  project_id: integer('project_id'),
  private_host: text('private_host'),
  is_active: flag('is_active').notNull().default(true),
  reason: text('reason').notNull().default(''),
  secret: integer('secret').notNull().default(1),
  former_until: integer('former_until'),
  since_seq: integer('since_seq').notNull(),
  created_at: integer('created_at').notNull(),
})
export type WebhookRow = typeof webhook.$inferSelect

export const webhookDelivery = sqliteTable('webhook_delivery', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  webhook_id: integer('webhook_id').notNull(),
  event_seq: integer('event_seq'),
  event_id: text('event_id').notNull(),
  event: text('event').notNull(),
  state: text('state', { enum: ['waiting', 'delivered', 'failed'] }).notNull(),
  reason: text('reason').notNull().default(''),
  attempts: integer('attempts').notNull().default(0),
  next_at: integer('next_at').notNull(),
  give_up_at: integer('give_up_at').notNull(),
  created_at: integer('created_at').notNull(),
  ended_at: integer('ended_at'),
})
export type WebhookDeliveryRow = typeof webhookDelivery.$inferSelect

export const webhookAttempt = sqliteTable('webhook_attempt', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  delivery_id: integer('delivery_id').notNull(),
  at: integer('at').notNull(),
  ms: integer('ms').notNull(),
  status: integer('status'),
  error: text('error').notNull(),
})

export const webhookSecret = sqliteTable('webhook_secret', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  name: text('name').notNull(),
  created_at: integer('created_at').notNull(),
})

/** Incoming webhooks that were taken (A5). */
export const webhookReceived = sqliteTable('webhook_received', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  digest: text('digest').notNull(),
  event_id: text('event_id'),
  body_hash: text('body_hash').notNull(),
  at: integer('at').notNull(),
})

/** Who did what (S7); the database refuses to change or delete a row. */
export const audit = sqliteTable('audit', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  at: integer('at').notNull(),
  actor: text('actor').notNull(),
  action: text('action').notNull(),
  subject: text('subject').notNull(),
  details: parsed(z.record(z.string(), z.unknown()))('details').notNull(),
  address: text('address'),
  correlation_id: text('correlation_id'),
})

/** A task that was dispatched from outside (S1). */
export const job = sqliteTable('job', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  core_id: text('core_id').notNull(),
  owner: text('owner').notNull(),
  state: word(jobState)('state').notNull(),
  reason: text('reason').notNull().default(''),
  priority: integer('priority').notNull(),
  stay: flag('stay').notNull(),
  timeout_s: integer('timeout_s').notNull(),
  metadata: parsed(z.record(z.string(), z.unknown()))('metadata').notNull(),
  prompt: text('prompt'),
  message: text('message').notNull().default(''),
  result: json('result'),
  /** How often it was begun, and how often it was handed to a worker: the latter is the fencing token of its lease. */
  attempts: integer('attempts').notNull().default(0),
  token: integer('token').notNull().default(0),
  /** The job with which its session began. */
  session: integer('session'),
  worker: text('worker'),
  lease_ms: integer('lease_ms'),
  lease_expires_at: integer('lease_expires_at'),
  /** When it has taken too long. */
  deadline_at: integer('deadline_at'),
  run_id: integer('run_id'),
  /** The queue's order: who has the smallest goes first. */
  order_at: integer('order_at').notNull(),
  created_at: integer('created_at').notNull(),
  started_at: integer('started_at'),
  ended_at: integer('ended_at'),
  correlation_id: text('correlation_id'),
})
export type JobRow = typeof job.$inferSelect
