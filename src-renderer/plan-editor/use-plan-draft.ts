import { useEffect, useReducer } from 'react'
import type { Plan, PlanDocument } from '#contract/plan.ts'
import { changeDraftId, forgetDraft, keepDraft, readDraft } from './draft-store.ts'
import { type FixedTasks, NOTHING_FIXED } from './fixed-tasks.ts'
import { advance, type HistoryAction, type PlanHistory, resumeHistory, same, startHistory } from './plan-history.ts'

export type PlanDraft = {
  history: PlanHistory
  document: PlanDocument
  /** Whether it says something else than the stored version. */
  isDirty: boolean
  dispatch: (action: HistoryAction) => void
  /** Keeps the edits no longer for a reload: they are saved, or not wanted. */
  forget: () => void
}

/** The plan as it is being edited; unsaved edits survive a reload. Give the component `key={plan.id}`. */
export function usePlanDraft(
  plan: Plan,
  isEditable: boolean,
  isChange: boolean,
  fixed: FixedTasks = NOTHING_FIXED,
): PlanDraft {
  const draftId = isChange ? changeDraftId(plan.id) : plan.id
  const reduce = (known: PlanHistory, action: HistoryAction) => advance(known, action, fixed)
  const [history, dispatch] = useReducer(reduce, plan, (stored) => {
    const kept = isEditable ? readDraft(draftId) : null
    return kept === null ? startHistory(stored.document) : resumeHistory(stored.document, kept)
  })
  const document = isEditable ? history.present : plan.document
  const { names } = history
  const isDirty = isEditable && !same(document, plan.document)
  useEffect(() => {
    if (isDirty) keepDraft(draftId, { document, names })
    else forgetDraft(draftId)
  }, [draftId, document, names, isDirty])
  return { history, document, isDirty, dispatch, forget: () => forgetDraft(draftId) }
}
