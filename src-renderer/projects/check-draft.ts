import { parseUsd } from '#contract/money.ts'
import type { NewProject } from '#contract/project.ts'
import { MAX_REQUIREMENTS } from '#contract/requirements.ts'
import { newProjectTexts } from '../texts/projects.ts'
import type { NewProjectDraft } from './new-project-draft.ts'

/** Why a field cannot stay as it is. */
export type DraftErrors = Partial<Record<'requirements' | 'workspace' | 'budget', string>>

/** What is wrong with a draft, field by field; empty where nothing is. Empty requirements are not wrong yet. */
export function checkDraft(draft: NewProjectDraft): DraftErrors {
  const errors: DraftErrors = {}
  const over = draft.requirements.length - MAX_REQUIREMENTS
  if (over > 0) errors.requirements = newProjectTexts.tooLong(over)
  const workspace = draft.workspace.trim()
  if (workspace !== '' && !/^(\/|[A-Za-z]:[\\/]|\\\\)/.test(workspace)) {
    errors.workspace = newProjectTexts.workspaceRelative
  }
  if (draft.budget.trim() !== '' && parseUsd(draft.budget) === null) errors.budget = newProjectTexts.budgetWrong
  return errors
}

/** The draft as the call that creates a project takes it. Only for a draft without errors. */
export function toNewProject(draft: NewProjectDraft): NewProject {
  const budget = parseUsd(draft.budget)
  return {
    requirements: draft.requirements,
    attachments: draft.attachments,
    local_only: draft.local_only,
    can_wait: draft.can_wait,
    ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
    ...(draft.workspace.trim() === '' ? {} : { workspace: draft.workspace.trim() }),
    ...(budget === null ? {} : { budget_micros: budget }),
    ...(draft.profile === '' ? {} : { profile: draft.profile }),
  }
}
