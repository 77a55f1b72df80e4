import { expect } from '@playwright/test'
import { test } from './host.ts'

test('R3 how tasks find their tier is one choice, explained, and stays chosen', async ({ host: { page } }) => {
  await page.getByRole('link', { name: 'Settings', exact: true }).click()
  await page.getByRole('link', { name: 'Routing', exact: true }).click()
  await expect(page.getByRole('radio', { name: 'Careful' })).toBeChecked()
  await expect(page.getByText('The first row that fits a task decides.')).toBeVisible()
  await expect(page.getByLabel('What a failed or wrong task costs you')).toBeDisabled()

  await page.getByRole('radio', { name: 'Learned' }).click()
  await expect(page.getByRole('region', { name: 'What was learned so far' })).toContainText('Nothing yet.')
  await page.getByLabel('What a failed or wrong task costs you').selectOption('$2.00')
  await page.getByLabel('Highest tier that tasks are handed to').selectOption('fast')
  await page.reload()
  await expect(page.getByRole('radio', { name: 'Learned' })).toBeChecked()
  await expect(page.getByLabel('What a failed or wrong task costs you')).toHaveValue('2000000')
  await expect(page.getByLabel('Highest tier that tasks are handed to')).toHaveValue('fast')

  await page.getByRole('radio', { name: 'Balanced' }).click()
  await expect(page.getByRole('radio', { name: 'Balanced' })).toBeChecked()
  await expect(page.getByText('Only for tasks that nothing can check.')).toBeVisible()
})
