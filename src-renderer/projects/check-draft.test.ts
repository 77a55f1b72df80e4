import { expect, test } from 'vitest'
import { newProject } from '#contract/project.ts'
import { MAX_REQUIREMENTS } from '#contract/requirements.ts'
import { checkDraft, toNewProject } from './check-draft.ts'
import type { NewProjectDraft } from './new-project-draft.ts'
import { decodeText } from './read-attachment.ts'

const draft: NewProjectDraft = {
  requirements: 'Twelve birds.',
  name: '',
  workspace: '',
  budget: '',
  local_only: false,
  can_wait: false,
  profile: '',
  attachments: [],
}

test('P1 takes requirements up to the limit and says by how much they are too long', () => {
  expect(checkDraft({ ...draft, requirements: 'x'.repeat(MAX_REQUIREMENTS) })).toEqual({})
  expect(checkDraft({ ...draft, requirements: 'x'.repeat(MAX_REQUIREMENTS + 12) }).requirements).toContain('12 ')
})

test('P1 refuses a budget that is no amount and a folder without its whole path', () => {
  expect(checkDraft({ ...draft, budget: 'two', workspace: 'work' })).toMatchObject({
    budget: expect.stringContaining('0.50'),
    workspace: expect.stringContaining('/home'),
  })
  expect(checkDraft({ ...draft, budget: '$2.50', workspace: 'C:\\work' })).toEqual({})
})

test('P1 hands over what the contract takes, leaving out what was left empty', () => {
  const project = newProject.parse(toNewProject({ ...draft, budget: '0.50', name: ' Birds ' }))
  expect(project).toMatchObject({ budget_micros: 500_000, name: 'Birds', requirements: 'Twelve birds.' })
  expect(project).not.toHaveProperty('profile')
  expect(project).not.toHaveProperty('workspace')
})

test('P1 reads text in any script and refuses what is no text', () => {
  expect(decodeText(new TextEncoder().encode('鳥 und Vögel'))).toBe('鳥 und Vögel')
  expect(decodeText(Uint8Array.of(0x89, 0x50, 0x4e, 0x47))).toBeNull()
  expect(decodeText(Uint8Array.of(0x61, 0, 0x62))).toBeNull()
})
