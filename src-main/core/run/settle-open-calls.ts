import { eq, inArray } from 'drizzle-orm'
import { z } from 'zod'
import type { Result } from '#contract/result.ts'
import type { Log } from '../core.ts'
import {
  project as projectTable,
  type RunRow,
  run as runTable,
  type StepRow,
  step as stepTable,
} from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { bareContext } from '../tool/bare-context.ts'
import type { OpenToolCall, ToolRegistry } from '../tool/registry.ts'
import type { ToolContext, ToolRecovery, ToolResult } from '../tool/tool.ts'
import type { FileRefusal, Workspace } from '../workspace/workspace.ts'
import type { Journal, StepEnd } from './journal.ts'

const toolNote = z.record(z.string(), z.unknown())
/** What a model asked a tool for; a call that was open had been read by the tool. */
const toolInput = z.record(z.string(), z.unknown())

export interface SettleParts {
  readonly store: Store
  readonly journal: Journal
  readonly tools: ToolRegistry
  readonly log: Log
  openWorkspace(root: string): Promise<Result<Workspace, FileRefusal>>
}

/**
 * Settles the tool calls that a dead process left open, by what their tools can tell (E5). To be done before anything runs:
 * once another task has written the same file, nobody can tell any more. What nobody can tell now either stays open, and
 * its run says so to the model; where its run has ended, it is unknown from then on.
 */
export async function settleOpenCalls(parts: SettleParts): Promise<void> {
  const { store, journal, tools, log } = parts
  // The state stands in the text so that the index of open steps serves it; a database holds millions of others.
  const ids = store.sqlite
    .prepare<[], number>("SELECT id FROM step WHERE state = 'sent' AND kind = 'tool'")
    .pluck()
    .all()
  if (ids.length === 0) return
  const open = store.orm
    .select({ step: stepTable, run: runTable, root: projectTable.workspace })
    .from(stepTable)
    .innerJoin(runTable, eq(runTable.id, stepTable.run_id))
    .innerJoin(projectTable, eq(projectTable.id, runTable.project_id))
    .where(inArray(stepTable.id, ids))
    .all()
  for (const { step, run, root } of open) {
    if (!(await tell(step, run, root)) && ENDED.has(run.state)) {
      const ended = { id: step.id, kind: 'tool' as const, name: step.name }
      await store.write((tx) => journal.end(tx, run, ended, NEVER_TOLD))
    }
  }

  /** Whether it is settled. */
  async function tell(step: StepRow, run: RunRow, root: string): Promise<boolean> {
    const toolCall = tools.of(run.project_id).open(step.name, toolInput.catch({}).parse(journal.value(step.input)))
    const workspace = await parts.openWorkspace(root)
    if (!workspace.ok)
      log.warn('A workspace cannot be opened to see what was done in it', { fault: workspace.error.message })
    // A service may have to be waited for, and tells at any time; its run asks when it comes by.
    if (!toolCall.ok || !workspace.ok || toolCall.value.tool.service !== undefined) return false
    const context = bareContext(workspace.value, undefined, { project_id: run.project_id, run_id: run.id })
    const { kind } = await settleCall(parts, run, step, toolCall.value, context)
    return kind === 'done' || kind === 'redo'
  }
}

/** Settles one open call and writes down what can be told: its result, or that it is to be made again. */
export async function settleCall(
  { store, journal }: Pick<SettleParts, 'store' | 'journal'>,
  run: RunRow,
  { id, name, note }: Pick<StepRow, 'id' | 'name' | 'note'>,
  toolCall: OpenToolCall,
  context: ToolContext,
): Promise<ToolRecovery> {
  const recovery = await toolCall.recover(toolNote.catch({}).parse(note), context)
  const end = recovery.kind === 'done' ? endOf(recovery.result) : recovery.kind === 'redo' ? MADE_AGAIN : null
  if (end !== null) await store.write((tx) => journal.end(tx, run, { id, kind: 'tool', name }, end))
  return recovery
}

/** Takes an open call for one that did not happen, so that it is made again. */
export async function markMadeAgain(
  { store, journal }: Pick<SettleParts, 'store' | 'journal'>,
  run: RunRow,
  { id, name }: Pick<StepRow, 'id' | 'name'>,
): Promise<void> {
  await store.write((tx) => journal.end(tx, run, { id, kind: 'tool', name }, MADE_AGAIN))
}

/** The journal's entry for what a call gave back. */
export function endOf(result: ToolResult): StepEnd {
  const { is_error, text, files_changed, citations } = result
  return {
    state: 'done',
    output: { is_error, text, files_changed, ...(citations === undefined ? {} : { citations }) },
    error: result.is_error ? result.text.slice(0, 2_000) : null,
    files_changed: result.files_changed,
    summary: result.is_error ? 'refused' : result.files_changed.join(', '),
  }
}

const ENDED: ReadonlySet<RunRow['state']> = new Set(['succeeded', 'failed', 'cancelled'])

const NEVER_TOLD: StepEnd = {
  state: 'unknown',
  error: 'Baton was stopped while this call was under way, and its run has ended. Whether it took effect is not known.',
  summary: 'unknown',
}

const MADE_AGAIN: StepEnd = {
  state: 'failed',
  error: 'Baton was stopped, or the disk was full, before this call took effect; it is made again.',
  summary: 'made again',
}
