import { z } from 'zod'
import { create } from 'zustand'
import { newAttachment } from '#contract/project.ts'

const draft = z.object({
  requirements: z.string().default(''),
  name: z.string().default(''),
  workspace: z.string().default(''),
  budget: z.string().default(''),
  local_only: z.boolean().default(false),
  can_wait: z.boolean().default(false),
  profile: z.string().default(''),
  attachments: z.array(newAttachment).default([]),
})

/** What is being written on the page for a new project. */
export type NewProjectDraft = z.infer<typeof draft>

const STORAGE_KEY = 'baton.new-project'
/** A tab's storage has room for about five million characters. */
const MAX_KEPT = 4_000_000

/** Kept for this tab, so that neither a reload nor a look at another page loses a word (U5). */
export const useNewProjectDraft = create<NewProjectDraft>(() => readDraft())

let saving: ReturnType<typeof setTimeout> | null = null
useNewProjectDraft.subscribe(() => {
  saving ??= setTimeout(save, 300)
})
window.addEventListener('pagehide', save)

/** Forgets the draft, once it has become a project. */
export function clearDraft(): void {
  useNewProjectDraft.setState(draft.parse({}))
  save()
}

function save(): void {
  if (saving !== null) clearTimeout(saving)
  saving = null
  const state = useNewProjectDraft.getState()
  const text = JSON.stringify(state)
  // Without the files where those are too large to keep: the words are what cannot be chosen again.
  sessionStorage.setItem(STORAGE_KEY, text.length <= MAX_KEPT ? text : JSON.stringify({ ...state, attachments: [] }))
}

function readDraft(): NewProjectDraft {
  const kept = sessionStorage.getItem(STORAGE_KEY)
  if (kept === null) return draft.parse({})
  try {
    return draft.parse(JSON.parse(kept))
  } catch {
    // Written by an older page; a fresh form is better than none.
    return draft.parse({})
  }
}
