import { z } from 'zod'
import { planDocument } from '#contract/plan.ts'
import type { PlanStep } from './plan-history.ts'

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

const COMMENTS_PREFIX = 'baton.plan-comments.'

const keptDraft = z.object({ document: planDocument, names: z.array(z.tuple([z.string(), z.string().nullable()])) })

const keptComments = z.array(z.tuple([z.string(), z.string()]))

/** Under which edits of a change of an approved plan are kept: beside those of the plan itself, which ended with its approval. */
export const changeDraftId = (planId: string): string => `${planId}.change`

export function keepDraft(planId: string, { document, names }: PlanStep): void {
  keep(PREFIX + planId, JSON.stringify({ document, names: [...names] }))
}

/** Keeps what is written of a comment that is not sent yet; an empty text forgets it. */
export function keepComment(planId: string, task: string, text: string): void {
  const comments = new Map(readComments(planId))
  if (text === '') comments.delete(task)
  else comments.set(task, text)
  keepComments(planId, comments)
}

export function readComment(planId: string, task: string): string {
  return readComments(planId).get(task) ?? ''
}

/** Hands unsent comments on to the next version, where `former` says which tasks have another key (`formerKeys`). */
export function carryComments(from: string, to: string, former: Readonly<Record<string, string | null>>): void {
  const renamed = new Map(Object.entries(former).map(([key, was]) => [was, key]))
  const kept = [...readComments(from)].map(([task, text]): [string, string] => [renamed.get(task) ?? task, text])
  keepComments(to, new Map(kept))
  keepComments(from, new Map())
}

function readComments(planId: string): ReadonlyMap<string, string> {
  return new Map(readJson(COMMENTS_PREFIX + planId, keptComments) ?? [])
}

function keepComments(planId: string, comments: ReadonlyMap<string, string>): void {
  if (comments.size === 0) sessionStorage.removeItem(COMMENTS_PREFIX + planId)
  else keep(COMMENTS_PREFIX + planId, JSON.stringify([...comments]))
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
export function readDraft(planId: string): PlanStep | null {
  const kept = readJson(PREFIX + planId, keptDraft)
  return kept === null ? null : { document: kept.document, names: new Map(kept.names) }
}

function readJson<Value>(key: string, shape: z.ZodType<Value>): Value | null {
  const kept = sessionStorage.getItem(key)
  if (kept === null) return null
  try {
    const parsed = shape.safeParse(JSON.parse(kept))
    return parsed.success ? parsed.data : null
  } catch (fault) {
    console.warn('Kept edits of the plan could not be read:', fault)
    return null
  }
}
