import { expect } from '@playwright/test'
import { test } from './host.ts'

test('U1 U2 a limit that is changed in the settings shows in the strip of every page', async ({ host: { page } }) => {
  await page.getByRole('link', { name: 'Settings', exact: true }).click()
  await page.getByLabel('Per day, $').fill('soon')
  await expect(page.getByText('Write an amount such as')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled()
  await page.getByLabel('Per day, $').fill('7.25')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('region', { name: 'Status' })).toContainText('$7.25')
  const localOnly = page.getByRole('switch', { name: 'Local models only, everywhere' })
  await localOnly.click()
  await expect(localOnly).toBeChecked()
  await expect(page.getByRole('region', { name: 'Status' })).toContainText('Local only')
})

test('U1 E4 everything is paused and resumed from the strip', async ({ host: { page } }) => {
  await page.getByRole('button', { name: 'Pause all' }).click()
  await expect(page.getByRole('button', { name: 'Resume all' })).toBeVisible()
  await page.reload()
  await page.getByRole('button', { name: 'Resume all' }).click()
  await expect(page.getByRole('button', { name: 'Pause all' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Pause all' })).toBeVisible()
})

test('U5 every place is reached by keys, and the palette finds what it is asked for', async ({ host: { page } }) => {
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible()
  await page.keyboard.press('g')
  await page.keyboard.press('u')
  await expect(page.getByRole('heading', { level: 1, name: 'Usage' })).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('routing')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 2, name: 'Routing', exact: true })).toBeVisible()
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('P1 U5 what is written and attached for a new project survives a reload, pictures too', async ({
  host: { page },
}) => {
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible()
  await page.keyboard.press('n')
  await page.getByLabel('What do you want?').fill('Twelve birds of Lake Constance.')
  await page
    .getByLabel('Choose files')
    .last()
    .setInputFiles([
      { name: 'notes.md', mimeType: 'text/markdown', buffer: Buffer.from('# 鳥') },
      { name: 'bird.png', mimeType: 'image/png', buffer: Buffer.from([0x89, 0x50, 0, 1]) },
    ])
  await expect(page.getByText('bird.png')).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('What do you want?')).toHaveValue('Twelve birds of Lake Constance.')
  await expect(page.getByText('notes.md')).toBeVisible()
  await expect(page.getByText('bird.png')).toBeVisible()
})

test('U6 R2 where no model is ready, the page says what to do and offers the demo model', async ({
  host: { page },
}) => {
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible()
  await page.keyboard.press('n')
  await expect(page.getByText('No model is ready to work')).toBeVisible()
  await page.getByLabel('What do you want?').fill('Three owls, each with a file, and an index.')
  await page.getByRole('button', { name: 'Use the demo model' }).click()
  await page.getByLabel('What do you want?').press('Control+Enter')
  // The page goes to the new project by itself, which must not come after the next click.
  await expect(page.getByRole('button', { name: /^Approve/ })).toBeVisible()
  // Its name says by now how many decisions wait there.
  await page
    .getByRole('navigation')
    .getByRole('link', { name: /^Inbox/ })
    .click()
  await page.getByRole('article').first().focus()
  await expect(page.getByRole('button', { name: /^Approve/ })).toBeVisible()
  await page.keyboard.press('a')
  await expect(page.getByRole('heading', { name: 'Finished lately' })).toBeVisible({ timeout: 120_000 })

  await page.getByRole('link', { name: 'Usage', exact: true }).click()
  await page.getByRole('radio', { name: 'Calls' }).click()
  await expect(page.getByRole('table', { name: 'Calls' })).toContainText('demo: no AI')
})
