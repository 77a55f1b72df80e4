import { type PlanDocument, planDocument } from '#contract/plan.ts'

/** Edits that are not saved yet are kept for this tab, so that a reload loses nothing. One entry per plan. */
const PREFIX = 'baton.plan-draft.'

const TEXT_PREFIX = 'baton.plan-text.'

/** Keeps a text of the plan that cannot be read yet; null forgets it. */
export function keepText(planId: string, text: string | null): void {
  if (text === null) sessionStorage.removeItem(TEXT_PREFIX + planId)
  else keep(TEXT_PREFIX + planId, text)
}

export function readText(planId: string): string | null {
  return sessionStorage.getItem(TEXT_PREFIX + planId)
}

export function keepDraft(planId: string, document: PlanDocument): void {
  keep(PREFIX + planId, JSON.stringify(document))
}

function keep(key: string, value: string): void {
  try {
    sessionStorage.setItem(key, value)
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
