import { expect } from '@playwright/test'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import { test as base } from './host.ts'

const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
  environment: async ({}, use) => {
    const double = await startAnthropicDouble({ queue: [{ kind: 'hang' }] })
    await use({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: double.url })
    await double.close()
  },
})

test('P2 U2 a person stops the planner, and the project is there to be planned anew', async ({ host: { page } }) => {
  await page.getByRole('link', { name: 'New project' }).first().click()
  await page.getByLabel('What do you want?').fill('A note about owls')
  await page.getByRole('button', { name: 'Create and plan' }).click()
  await expect(page.getByRole('heading', { name: 'The plan is being written' })).toBeVisible()
  await page.getByRole('button', { name: 'Stop planning' }).click()
  await expect(page.getByText('Planning was stopped by you.').first()).toBeVisible()
  await page.getByRole('button', { name: 'Plan it' }).click()
  await expect(page.getByRole('button', { name: /^Approve/ })).toBeVisible({ timeout: 60_000 })
})
