import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { desktopKind } from './desktop-app.ts'
import { test } from './host.ts'

const DONE = { timeout: 120_000 }

/** A finished project of the demo model. */
async function finishProject(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'New project' }).first().click()
  await page.getByLabel('What do you want?').fill('Write a short report about gulls')
  await page.getByLabel('Model', { exact: true }).selectOption('demo')
  await page.getByRole('button', { name: 'Create and plan' }).click()
  await page.getByRole('button', { name: /^Approve/ }).click(DONE)
  await expect(page.getByText('Everything in the plan was done.')).toBeVisible(DONE)
}

test('D3 U2 a project is exported from its page and imported from the list, and a damaged file is refused in words', async ({
  host: { page },
}, info) => {
  // Electron asks for the place by a dialog of the system, which no test can answer.
  test.skip(info.project.name === 'electron' && desktopKind() === 'Electron itself')
  const folder = mkdtempSync(join(tmpdir(), 'baton-e2e-archive-'))
  await finishProject(page)
  const name = (await page.getByRole('heading', { level: 1 }).textContent()) ?? ''
  const archive = join(folder, 'project.gz')

  await test.step('the dialog says what is in the file and what is not, and hands it over', async () => {
    await page.getByRole('button', { name: 'Export' }).click()
    const dialog = page.getByRole('dialog', { name: 'Export this project' })
    await expect(dialog).toContainText('Not in it: keys, settings')
    const saved = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Export' }).click()
    const download = await saved
    expect(download.suggestedFilename()).toMatch(/\.baton\.tar\.gz$/)
    await download.saveAs(archive)
    await expect(dialog).toBeHidden()
    await expect(page.getByText(/is exported, /)).toBeVisible()
  })

  await page.getByRole('link', { name: 'Projects' }).first().click()
  await page.getByRole('button', { name: 'Import' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import a project' })
  const start = dialog.getByRole('button', { name: 'Import' })

  await test.step('a damaged file changes nothing', async () => {
    await expect(start).toBeDisabled()
    const damaged = join(folder, 'damaged.gz')
    writeFileSync(damaged, readFileSync(archive).subarray(0, 5_000))
    await dialog.getByLabel('Choose the file').setInputFiles(damaged)
    await start.click()
    await expect(dialog.getByRole('alert')).toContainText(
      /Nothing was imported\. .*damaged or cut short.*Export the project again/,
    )
  })

  await test.step('the whole file becomes a project of its own', async () => {
    await dialog.getByLabel('Choose the file').setInputFiles(archive)
    await expect(dialog.getByRole('alert')).toBeHidden()
    await start.click()
    await expect(dialog).toBeHidden()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name)
    await expect(page.getByText('Everything in the plan was done.')).toBeVisible()
    expect(page.url()).toContain('#/projects/prj_2')
    await page.getByRole('link', { name: 'Projects' }).first().click()
    await expect(page.getByRole('link', { name })).toHaveCount(2)
  })
  rmSync(folder, { recursive: true, force: true })
})
