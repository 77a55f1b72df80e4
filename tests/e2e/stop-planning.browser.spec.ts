import { expect } from '@playwright/test'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import type { Double } from '../doubles/double-server.ts'
import { test as base } from './host.ts'

/** `test` with a Baton whose paid model never answers the first call. */
const test = base.extend<{ paid: Double }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
  paid: async ({}, use) => {
    const double = await startAnthropicDouble({ queue: [{ kind: 'hang' }] })
    await use(double)
    await double.close()
  },
  environment: async ({ paid }, use) => {
    await use({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: paid.url })
  },
})

test('P2 U2 a person stops the planner, and the project is there to be planned anew', async ({
  host: { page },
  paid,
}) => {
  await page.getByRole('link', { name: 'New project' }).first().click()
  await page.getByLabel('What do you want?').fill('A note about owls')
  await page.getByRole('button', { name: 'Create and plan' }).click()
  await expect(page.getByRole('heading', { name: 'The plan is being written' })).toBeVisible()
  // Before that, the call that hangs would be the next planner's.
  await expect
    .poll(() => paid.record.calls.some(({ behaviour }) => behaviour === 'hang'), { timeout: 60_000 })
    .toBe(true)
  await page.getByRole('button', { name: 'Stop planning' }).click()
  await expect(page.getByText('Planning was stopped by you.').first()).toBeVisible()
  await page.getByRole('button', { name: 'Plan it' }).click()
  await expect(page.getByRole('button', { name: /^Approve/ })).toBeVisible({ timeout: 60_000 })
})
