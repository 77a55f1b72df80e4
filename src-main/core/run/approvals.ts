import { and, desc, eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Approval, type Policy, toolPolicy } from '#contract/approval.ts'
import { decodeId, encodeId } from '#contract/ids.ts'
import { ok } from '#contract/result.ts'
import { toTimestamp, toTimestampOrNull } from '#contract/time.ts'
import type { Core } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import { portOf } from '../network/checked-url.ts'
import { isListedHost } from '../network/host-list.ts'
import { refuse } from '../refusal.ts'
import { type ApprovalRow, approval, project as projectTable, type RunRow, run as runTable } from '../store/schema.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import type { Store } from '../store/store.ts'
import type { OpenToolCall } from '../tool/registry.ts'
import { isListed } from './command-list.ts'
import type { StepPlace } from './journal.ts'

/** What a call may do: go on; not be made, for a reason that the model is told; or wait for a person. */
export type Permission =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'denied'; readonly reason: string }
  | { readonly kind: 'asked'; readonly reason: string }

/** Asks a person before a tool call is made (T5). What is asked is a row, so it survives a restart. */
export interface ApprovalGate {
  /** `kind`: `repeat` where the call was broken off and would be made again. `hosts`: those that nobody has to be asked about. */
  ask(
    run: RunRow,
    place: StepPlace,
    kind: 'call' | 'repeat',
    toolCall: OpenToolCall,
    hosts: readonly string[],
  ): Promise<Permission>
  /** The user's answer to the question that the call asks, or that it was asked (T2). */
  answer(run: RunRow, place: StepPlace, toolCall: OpenToolCall): Promise<Answer>
}

/** What became of a question to the user. */
export type Answer =
  | { readonly kind: 'answered'; readonly text: string }
  | { readonly kind: 'declined'; readonly reason: string }
  | { readonly kind: 'asked'; readonly reason: string }

/** How many answers are shown back. */
const SHOWN = 200
const withUrl = z.object({ url: z.url().transform((text) => new URL(text)) })
const withCommand = z.object({ command: z.string() })
const argumentsOf = z.record(z.string(), z.unknown())

/** `goOn`: lets a task that waited for its answer go on. */
export function createApprovals(
  store: Store,
  events: EventLog,
  settings: SettingsStore,
  goOn: (taskId: number) => void,
): { gate: ApprovalGate; service: Core['approvals']; ofRun(runId: number): Approval[] } {
  const policyOfProject = store.sqlite.prepare<[number], string>('SELECT tool_policy FROM project WHERE id = ?').pluck()

  /**
   * The project's own policy goes before the settings', except that what the settings forbid stays forbidden: others than
   * an admin may change a project.
   */
  function policyFor(run: RunRow, toolCall: OpenToolCall, hosts: readonly string[]): Policy {
    const general = generalPolicy(toolCall, hosts)
    const { risk, asked_each_time } = toolCall.tool
    if (general === 'deny' || risk === 'read') return general
    const own = toolPolicy.parse(JSON.parse(policyOfProject.get(run.project_id) ?? '{}'))[risk]
    return own === 'allow' && asked_each_time === true ? general : (own ?? general)
  }

  function generalPolicy({ tool, parameters }: OpenToolCall, hosts: readonly string[]): Policy {
    if (tool.policy !== undefined) return tool.policy
    const { command_policy, allowed_commands, network_policy } = settings.settings()
    if (tool.risk === 'network') {
      const url = withUrl.safeParse(parameters)
      const isListed = url.success && isListedHost(hosts, url.data.url.hostname, portOf(url.data.url))
      return isListed ? 'allow' : network_policy
    }
    // Files stay in the workspace and can be put back, and money has limits of its own.
    if (tool.risk !== 'execute') return 'allow'
    const asked = withCommand.safeParse(parameters)
    if (command_policy !== 'ask' || !asked.success) return command_policy
    return isListed(asked.data.command, allowed_commands) ? 'allow' : 'ask'
  }

  /** What a person said to the same call in this task or project before. */
  function remembered({ project_id, task_id }: RunRow, tool: string, subject: string): ApprovalRow | undefined {
    return store.orm
      .select()
      .from(approval)
      .where(and(eq(approval.project_id, project_id), eq(approval.tool, tool), eq(approval.subject, subject)))
      .orderBy(desc(approval.decided_at))
      .all()
      .find(
        ({ state, remembered, task_id: of }) =>
          state !== 'open' && (remembered === 'project' || (remembered === 'task' && of === task_id)),
      )
  }

  function askedAt(run: RunRow, { key }: StepPlace, kind: ApprovalRow['kind']): ApprovalRow | undefined {
    const place = and(eq(approval.run_id, run.id), eq(approval.step_key, key), eq(approval.kind, kind))
    return store.orm.select().from(approval).where(place).orderBy(desc(approval.id)).get()
  }

  async function put(
    run: RunRow,
    { key }: StepPlace,
    kind: ApprovalRow['kind'],
    { tool, parameters }: OpenToolCall,
    reason: string,
  ): Promise<void> {
    await store.write((tx) => {
      const { project_id, task_id, id: run_id } = run
      const subject = JSON.stringify(parameters)
      const { id } = tx.orm
        .insert(approval)
        .values({
          ...{ project_id, task_id, run_id, step_key: key, kind, tool: tool.name, risk: tool.risk, subject, reason },
          ...{ state: 'open', created_at: Date.now() },
        })
        .returning({ id: approval.id })
        .get()
      const data = { approval_id: encodeId('approval', id), tool: tool.name, state: 'open' as const }
      events.append(tx, 'approval.state', { project_id, task_id, run_id }, data)
    })
  }

  async function ask(
    run: RunRow,
    place: StepPlace,
    kind: 'call' | 'repeat',
    toolCall: OpenToolCall,
    hosts: readonly string[],
  ): Promise<Permission> {
    const { tool, parameters } = toolCall
    const policy = kind === 'repeat' ? 'ask' : policyFor(run, toolCall, hosts)
    if (policy === 'allow') return { kind: 'allowed' }
    if (policy === 'deny') {
      const where =
        generalPolicy(toolCall, hosts) === 'deny' ? 'switched off in the settings' : 'not allowed in this project'
      return { kind: 'denied', reason: `${tool.name} is ${where}. Use another way.` }
    }
    const asked = askedAt(run, place, kind)
    const answer =
      asked ??
      (kind === 'call' && tool.asked_each_time !== true
        ? remembered(run, tool.name, JSON.stringify(parameters))
        : undefined)
    if (answer !== undefined && answer.state !== 'open') return permissionOf(answer)
    const reason =
      kind === 'call'
        ? `Asks whether it may call ${tool.name}. Answer in the inbox.`
        : `Asks whether ${tool.name}, which was broken off when Baton ended, is to be done again. Answer in the inbox.`
    if (asked === undefined) await put(run, place, kind, toolCall, reason)
    return { kind: 'asked', reason }
  }

  async function answer(run: RunRow, place: StepPlace, toolCall: OpenToolCall): Promise<Answer> {
    const asked = askedAt(run, place, 'question')
    if (asked?.state === 'allowed') return { kind: 'answered', text: asked.note }
    if (asked?.state === 'denied') return { kind: 'declined', reason: declined(asked.note) }
    const reason = 'Asks you a question. Answer in the inbox.'
    if (asked === undefined) await put(run, place, 'question', toolCall, reason)
    return { kind: 'asked', reason }
  }

  return {
    gate: { ask, answer },
    ofRun: (runId) =>
      store.orm.select().from(approval).where(eq(approval.run_id, runId)).orderBy(approval.id).all().map(view),
    service: {
      list(state, owner = null) {
        // What nobody waits for any more, because its run has ended, is no question. Word by word, as the index of open ones has it.
        const isLive = and(sql`${approval.state} = 'open'`, inArray(runTable.state, ['queued', 'running', 'waiting']))
        const rows = store.orm
          .select({ approval })
          .from(approval)
          .innerJoin(runTable, eq(runTable.id, approval.run_id))
          .innerJoin(projectTable, eq(projectTable.id, approval.project_id))
          .where(and(state === 'open' ? isLive : undefined, owner === null ? undefined : eq(projectTable.owner, owner)))
          .orderBy(desc(approval.id))
          .limit(SHOWN)
          .all()
        return rows.map((row) => view(row.approval))
      },
      async decide({ id, decision, remember, note }) {
        const row = eq(approval.id, decodeId('approval', id) ?? -1)
        const state = decision === 'allow' ? ('allowed' as const) : ('denied' as const)
        const before = store.orm.select({ kind: approval.kind }).from(approval).where(row).get()
        if (before?.kind === 'question' && decision === 'allow' && note.trim() === '') {
          return refuse(
            'bad_request',
            `${id} is a question, so the answer is missing. Give it as the note, or deny it.`,
          )
        }
        const decided = await store.tryWrite((tx) => {
          const done = tx.orm
            .update(approval)
            .set({ state, remembered: before?.kind === 'question' ? 'once' : remember, note, decided_at: Date.now() })
            .where(and(row, eq(approval.state, 'open')))
            .returning()
            .get()
          if (done === undefined) return undefined
          const { project_id, task_id, run_id, tool } = done
          events.append(tx, 'approval.state', { project_id, task_id, run_id }, { approval_id: id, tool, state })
          return done
        })
        if (decided !== undefined) {
          if (decided.task_id !== null) goOn(decided.task_id)
          return ok(view(decided))
        }
        const found = store.orm.select().from(approval).where(row).get()
        if (found === undefined) return refuse('not_found', `There is no approval ${id}. Look at those that are open.`)
        return refuse('conflict', `${id} is ${found.state} already, and an answer is not taken back.`)
      },
    },
  }
}

function declined(note: string): string {
  const words = note === '' ? '' : ` They said: ${note}`
  return `The user does not answer this question.${words} Decide by yourself, and say in your report what you decided.`
}

function permissionOf({ state, note }: ApprovalRow): Permission {
  if (state === 'allowed') return { kind: 'allowed' }
  const words = note === '' ? '' : ` They said: ${note}`
  return { kind: 'denied', reason: `The user does not allow this call, so it was not made.${words} Use another way.` }
}

function view(row: ApprovalRow): Approval {
  return {
    id: encodeId('approval', row.id),
    project_id: encodeId('project', row.project_id),
    task_id: row.task_id === null ? null : encodeId('task', row.task_id),
    run_id: encodeId('run', row.run_id),
    ...{ kind: row.kind, tool: row.tool, risk: row.risk, arguments: argumentsOf.parse(JSON.parse(row.subject)) },
    ...{ reason: row.reason, state: row.state, remembered: row.remembered, note: row.note },
    created_at: toTimestamp(row.created_at),
    decided_at: toTimestampOrNull(row.decided_at),
  }
}
