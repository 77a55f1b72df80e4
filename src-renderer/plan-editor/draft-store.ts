import { type PlanDocument, planDocument } from '#contract/plan.ts'

/** Edits that are not saved yet are kept for this tab, so that a reload loses nothing. One entry per plan. */
const PREFIX = 'baton.plan-draft.'

export function keepDraft(planId: string, document: PlanDocument): void {
  try {
    sessionStorage.setItem(PREFIX + planId, JSON.stringify(document))
  } catch (fault) {
    // The tab's storage is full or switched off: editing goes on, only a reload would lose it.
    console.warn('Unsaved edits of the plan could not be kept for a reload:', fault)
  }
}

export function forgetDraft(planId: string): void {
  sessionStorage.removeItem(PREFIX + planId)
}

/** The edits kept for a plan; null where there are none that can be read. */
export function readDraft(planId: string): PlanDocument | null {
  const kept = sessionStorage.getItem(PREFIX + planId)
  if (kept === null) return null
  try {
    const parsed = planDocument.safeParse(JSON.parse(kept))
    return parsed.success ? parsed.data : null
  } catch (fault) {
    console.warn('Kept edits of the plan could not be read:', fault)
    return null
  }
}
