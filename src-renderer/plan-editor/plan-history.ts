import type { PlanDocument } from '#contract/plan.ts'
import { type FixedTasks, NOTHING_FIXED, touched } from './fixed-tasks.ts'
import { type BulkEdit, editMany } from './plan-bulk.ts'
import { editPlan, type PlanEdit } from './plan-edit.ts'
import { planTexts } from './texts.ts'

const MAX_UNDO = 200

/** A plan being edited: what it says now, what undo and redo lead to, and what the last edit had to say. */
export type PlanHistory = {
  past: readonly PlanDocument[]
  present: PlanDocument
  future: readonly PlanDocument[]
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
  return { past: [], present: document, future: [], notice: '', refused: false, select: [] }
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
  const edited = 'keys' in wanted ? editMany(history.present, wanted) : editPlan(history.present, wanted)
  if (!edited.ok) return { ...history, notice: edited.error, refused: true }
  const { document, notice, select } = edited.value
  // What was touched already, before it finished, is told elsewhere and keeps nobody from other edits.
  const before = new Set(touched(history.present, fixed).map(({ key }) => key))
  const first = touched(document, fixed).find(({ key }) => !before.has(key))
  if (first !== undefined) return { ...history, notice: planTexts.change.fixed(first.title), refused: true }
  const next = { notice, refused: false, select: selectionOf(select) }
  if (same(document, history.present)) return { ...history, ...next }
  return { ...next, past: [...history.past, history.present].slice(-MAX_UNDO), present: document, future: [] }
}

function undo(history: PlanHistory): PlanHistory {
  const before = history.past.at(-1)
  if (before === undefined) return { ...history, notice: 'Nothing to undo.', refused: false }
  return {
    ...history,
    past: history.past.slice(0, -1),
    present: before,
    future: [history.present, ...history.future],
    notice: '',
    refused: false,
  }
}

function redo(history: PlanHistory): PlanHistory {
  const [after, ...future] = history.future
  if (after === undefined) return { ...history, notice: 'Nothing to redo.', refused: false }
  return { ...history, past: [...history.past, history.present], present: after, future, notice: '', refused: false }
}

function selectionOf(select: string | readonly string[] | null): readonly string[] {
  if (select === null) return []
  return typeof select === 'string' ? [select] : select
}

/** True where both say the same, word for word. */
export function same(left: PlanDocument, right: PlanDocument): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right)
}
