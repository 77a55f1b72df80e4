import type { PlanDocument } from '#contract/plan.ts'
import { type FixedTasks, NOTHING_FIXED, touched } from './fixed-tasks.ts'
import { type BulkEdit, editMany } from './plan-bulk.ts'
import { editPlan, type PlanEdit } from './plan-edit.ts'
import { namesAfter, namesOf, type TaskNames } from './task-names.ts'
import { planTexts } from './texts.ts'

const MAX_UNDO = 200

/** One state of the plan that is edited. */
export type PlanStep = { document: PlanDocument; names: TaskNames }

/** A plan being edited: what it says now, what undo and redo lead to, and what the last edit had to say. */
export type PlanHistory = {
  past: readonly PlanStep[]
  present: PlanDocument
  future: readonly PlanStep[]
  /** What the tasks of the present one are in the stored version. */
  names: TaskNames
  stored: PlanDocument
  /** What the user should know of the last edit, or why it was refused; empty where there is nothing. */
  notice: string
  refused: boolean
  /** Keys of the tasks that the last edit was about, a new list for each edit; empty where none is to be chosen. */
  select: readonly string[]
}

/** An edit of one task, or of several at once. Either is one step of undo. */
export type AnyEdit = PlanEdit | BulkEdit

export type HistoryAction = { kind: 'edit'; edit: AnyEdit } | { kind: 'undo' } | { kind: 'redo' } | { kind: 'dismiss' }

export function startHistory(document: PlanDocument): PlanHistory {
  return {
    ...{ past: [], present: document, future: [], names: namesOf(document), stored: document },
    ...{ notice: '', refused: false, select: [] },
  }
}

/** A history that goes on with edits that were kept. */
export function resumeHistory(stored: PlanDocument, kept: PlanStep): PlanHistory {
  const resumed = advance(startHistory(stored), { kind: 'edit', edit: { kind: 'replace', document: kept.document } })
  return { ...resumed, names: kept.names }
}

/** The history after `action`. A refused edit changes nothing but the notice; `fixed` tasks have finished. */
export function advance(history: PlanHistory, action: HistoryAction, fixed: FixedTasks = NOTHING_FIXED): PlanHistory {
  switch (action.kind) {
    case 'edit':
      return edit(history, action.edit, fixed)
    case 'undo':
      return undo(history)
    case 'redo':
      return redo(history)
    case 'dismiss':
      return { ...history, notice: '', refused: false }
  }
}

function edit(history: PlanHistory, wanted: AnyEdit, fixed: FixedTasks): PlanHistory {
  const used = new Set(history.names.keys())
  const edited = 'keys' in wanted ? editMany(history.present, wanted, used) : editPlan(history.present, wanted, used)
  if (!edited.ok) return { ...history, notice: edited.error, refused: true }
  const { document, notice, select } = edited.value
  // What was touched already, before it finished, is told elsewhere and keeps nobody from other edits.
  const before = new Set(touched(history.present, fixed).map(({ key }) => key))
  const first = touched(document, fixed).find(({ key }) => !before.has(key))
  if (first !== undefined) return { ...history, notice: planTexts.change.fixed(first.title), refused: true }
  const next = { notice, refused: false, select: selectionOf(select) }
  if (same(document, history.present)) return { ...history, ...next }
  // Whoever discards all edits begins anew with the names, too.
  const names = same(document, history.stored) ? namesOf(document) : namesAfter(history.names, wanted, document)
  const past = [...history.past, stepOf(history)].slice(-MAX_UNDO)
  return { ...history, ...next, past, present: document, names, future: [] }
}

function stepOf({ present, names }: PlanHistory): PlanStep {
  return { document: present, names }
}

function undo(history: PlanHistory): PlanHistory {
  const before = history.past.at(-1)
  if (before === undefined) return { ...history, notice: 'Nothing to undo.', refused: false }
  return {
    ...history,
    past: history.past.slice(0, -1),
    present: before.document,
    names: before.names,
    future: [stepOf(history), ...history.future],
    notice: '',
    refused: false,
  }
}

function redo(history: PlanHistory): PlanHistory {
  const [after, ...future] = history.future
  if (after === undefined) return { ...history, notice: 'Nothing to redo.', refused: false }
  return {
    ...history,
    past: [...history.past, stepOf(history)],
    present: after.document,
    names: after.names,
    future,
    notice: '',
    refused: false,
  }
}

function selectionOf(select: string | readonly string[] | null): readonly string[] {
  if (select === null) return []
  return typeof select === 'string' ? [select] : select
}

/** True where both say the same, word for word. */
export function same(left: PlanDocument, right: PlanDocument): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right)
}
