import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { createBatchDesk } from '../doubles/anthropic-batches.ts'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import { test as base } from './host.ts'

const desk = createBatchDesk({ held: true })

const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needs of a fixture from this pattern
  environment: async ({}, use) => {
    const double = await startAnthropicDouble({ desk })
    await use({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: double.url })
    await double.close()
  },
})

test('R5 work that can wait says what it waits for, is taken back with one button, and shows what was saved', async ({
  host: { page, data_dir },
}) => {
  const token = readFileSync(join(data_dir, 'token'), 'utf8').trim()
  const origin = new URL(page.url()).origin
  // No minutes in which others could join.
  const changed = await page.request.patch(`${origin}/api/settings`, {
    headers: { authorization: `Bearer ${token}` },
    data: { batch_window_ms: 200, batch_poll_ms: 200, batch_poll_cap_ms: 500 },
  })
  expect(changed.ok(), await changed.text()).toBe(true)

  await page.getByRole('link', { name: 'New project' }).first().click()
  await page.getByLabel('What do you want?').fill('Write a short report about gulls')
  await page.getByRole('switch', { name: 'Can wait up to a day: half price' }).click()
  await pictures(page, 'new')
  await page.getByRole('button', { name: 'Create and plan' }).click()
  await page.getByRole('button', { name: /^Approve/ }).click()

  await expect(page.getByText(/^In a batch of 1 request at Anthropic since /).first()).toBeVisible()
  await page.getByRole('radio', { name: 'Board' }).click()
  await page
    .getByText(/^Collect notes/)
    .first()
    .click()
  const drawer = page.getByRole('complementary').filter({ hasText: 'may take up to a day' })
  await expect(drawer.getByRole('button', { name: 'Do it now' })).toBeVisible()
  await pictures(page, 'waits')

  await drawer.getByRole('button', { name: 'Do it now' }).click()
  // The first task is done directly; those after it wait again.
  await expect.poll(() => desk.batches.length, { timeout: 60_000 }).toBeGreaterThan(1)
  desk.held = false
  await expect(page.getByText('3 of 3 done')).toBeVisible({ timeout: 120_000 })

  await page.getByRole('link', { name: 'Usage', exact: true }).first().click()
  await expect(page.getByRole('img', { name: /^The last 30 days: \$0\.\d+ paid/ })).toBeVisible()
  await expect(page.getByText(/\$0\.\d+ saved by batches/)).toBeVisible()
  await page.getByRole('radio', { name: 'Calls' }).click()
  await expect(page.getByText('batch', { exact: true }).first()).toBeVisible()
  await pictures(page, 'usage')
})

/** The screen in light and in dark, to be looked at. */
async function pictures(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: `test-results/batches-${name}-${colorScheme}.png` })
  }
}
