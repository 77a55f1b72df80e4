import { expect } from '@playwright/test'
import { furnish } from './furnished.ts'
import { test } from './host.ts'

test('U5 a reload of the page loses neither draft nor place', async ({ host }) => {
  const { page } = host
  const baton = await furnish(host)
  const wanted = 'Something that took long to write.'
  await page.goto(`${baton.origin}/#/projects/new`)
  await page.getByLabel('What do you want?').fill(wanted)
  await page.goto(`${baton.origin}/#/projects/${baton.done}`)
  await page.getByRole('radio', { name: 'Board' }).click()
  await page.getByRole('button', { name: /^Write the index with links/ }).click()
  await page.getByRole('tab', { name: 'Steps' }).click()

  await page.reload()

  const drawer = page.getByRole('complementary', { name: 'Write the index with links' })
  await expect(drawer.getByRole('tab', { name: 'Steps' })).toHaveAttribute('aria-selected', 'true')
  await expect(page.getByRole('radio', { name: 'Board' })).toBeChecked()
  await page.keyboard.press('Escape')
  await expect(drawer).toBeHidden()
  await page.keyboard.press('n')
  await expect(page.getByLabel('What do you want?')).toHaveValue(wanted)
})
