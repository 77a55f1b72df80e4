import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './host.ts'

// What the test takes away goes to a trash of its own.
process.env['XDG_DATA_HOME'] = mkdtempSync(join(tmpdir(), 'baton-e2e-home-'))
const DONE = { timeout: 120_000 }

test('E10 U2 the workspace goes back to after a task once its effect was seen; a file of the user’s stays', async ({
  host: { page, data_dir },
}) => {
  await page.getByRole('link', { name: 'New project' }).first().click()
  await page.getByLabel('What do you want?').fill('Write a short report about gulls')
  await page.getByLabel('Model', { exact: true }).selectOption('demo')
  await page.getByRole('button', { name: 'Create and plan' }).click()
  await page.getByRole('button', { name: /^Approve/ }).click(DONE)
  await expect(page.getByText('Everything in the plan was done.')).toBeVisible(DONE)
  const workspace = join(data_dir, 'workspaces', 'prj_1')
  writeFileSync(join(workspace, 'mine.txt'), 'My own.\n')

  await page.getByRole('radio', { name: 'Board' }).click()
  await page
    .getByRole('button', { name: /^Outline/ })
    .first()
    .click()
  const drawer = page.getByRole('complementary')
  await drawer.getByRole('tab', { name: 'Files' }).click()
  await drawer.getByRole('button', { name: 'Restore to here' }).click()
  const dialog = page.getByRole('dialog', { name: 'Restore the workspace to after this task' })
  const files = dialog.getByRole('region', { name: 'Files that change' })

  await test.step('a file that somebody changed keeps all from it', async () => {
    await expect(files.getByRole('listitem').filter({ hasText: 'index.md' })).toContainText('goes to the trash')
    await expect(dialog.getByRole('region', { name: /cancelled/ })).toBeVisible()
    await dialog.getByRole('button', { name: 'Leave them' }).click()
    const index = join(workspace, 'index.md')
    writeFileSync(index, 'Changed by hand.\n')
    await drawer.getByRole('button', { name: 'Restore to here' }).click()
    await expect(dialog.getByRole('alert')).toContainText(/index\.md: It was changed since/)
    await expect(dialog.getByRole('button', { name: 'Put the files back' })).toBeHidden()
    await dialog.getByRole('button', { name: 'Leave them' }).click()
    expect(readdirSync(workspace)).toContain('index.md')
  })

  await test.step('moved out of the way, the rest goes back', async () => {
    const { rmSync } = await import('node:fs')
    rmSync(join(workspace, 'index.md'))
    await drawer.getByRole('button', { name: 'Restore to here' }).click()
    await dialog.getByRole('button', { name: 'Put the files back' }).click()
    await expect(dialog).toBeHidden()
    await expect(page.getByText(/The files are as they were after/)).toBeVisible()
    expect(
      readdirSync(workspace)
        .toSorted()
        .filter((name) => name.endsWith('.md') || name.endsWith('.txt')),
    ).toEqual(['mine.txt', 'outline.md'])
    await expect(page.getByRole('button', { name: /: Cancelled/ }).first()).toBeVisible()
  })
})
