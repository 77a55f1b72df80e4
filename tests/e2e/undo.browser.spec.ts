import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './host.ts'
import { ownerCalls } from './owner-calls.ts'

// What the test undoes goes to a trash of its own.
process.env['XDG_DATA_HOME'] = mkdtempSync(join(tmpdir(), 'baton-e2e-home-'))

test('E10 a person reads what a task changed in his own folder, and undoes it', async ({ host }) => {
  const { page } = host
  const mine = mkdtempSync(join(tmpdir(), 'baton-e2e-mine-'))
  mkdirSync(join(mine, 'notes'))
  writeFileSync(join(mine, 'notes', 'gulls.md'), 'My own words.\n')
  const { origin, ask, make } = ownerCalls(host)
  const project = await make('/projects', { requirements: 'Write about gulls', workspace: mine, profile: 'demo' })
  const one = { type: 'writing', complexity: 'simple', description: 'Write about gulls' }
  const plan = await make(`/projects/${project.id}/plans`, {
    document: {
      title: 'Gulls',
      tasks: [{ ...one, key: 'gulls', title: 'Write about gulls', artifacts: ['notes/gulls.md', 'notes/terns.md'] }],
    },
  })
  await ask('POST', `/plans/${plan.id}/approve`, {})

  await page.goto(`${origin}/#/projects/${project.id}/tasks/tsk_1`)
  const drawer = page.getByRole('complementary', { name: 'Write about gulls' })
  await drawer.getByRole('tab', { name: 'Files' }).click()
  const changes = drawer.getByRole('region', { name: 'Changes of this task' })
  await expect(changes.getByText('-My own words.')).toBeVisible()
  await expect(changes.getByRole('listitem')).toHaveText([/notes\/gulls\.md.*changed/, /notes\/terns\.md.*new/])

  await changes.getByRole('button', { name: 'Undo this task' }).click()
  const dialog = page.getByRole('dialog', { name: 'Undo this task?' })
  await expect(dialog).toContainText(
    'One file goes back to how the task found it. One file that it made goes to the trash.',
  )
  await dialog.getByRole('button', { name: 'Undo this task' }).click()
  await expect(changes).toBeHidden()
  await drawer.getByRole('tab', { name: 'Overview' }).click()
  await expect(drawer.getByText('Undone by you.').first()).toBeVisible()
  expect(readFileSync(join(mine, 'notes', 'gulls.md'), 'utf8')).toBe('My own words.\n')
  expect(existsSync(join(mine, 'notes', 'terns.md'))).toBe(false)
  await expect(drawer.getByRole('button', { name: 'Retry from the start' })).toBeVisible()
  rmSync(mine, { recursive: true, force: true })
})
