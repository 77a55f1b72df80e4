import { expect } from '@playwright/test'
import { callsOnManyDays } from '../support/calls-on-many-days.ts'
import { test } from './host.ts'
import { ownerCalls } from './owner-calls.ts'

test('B5 U2 the sums say that the newest 500 days only are listed, and where all of them are counted', async ({
  host,
}) => {
  const { page, data_dir } = host
  const { origin } = ownerCalls(host)
  callsOnManyDays(data_dir, 1_203)
  await page.goto(`${origin}/#/usage`)
  await expect(page.getByText('The newest 500 of 1,203 days are listed; "All time" counts them all.')).toBeVisible()
  await expect(page.getByText('1,203 calls')).toBeVisible()
  await expect(page.getByRole('table', { name: 'Day' }).locator('tbody tr')).toHaveCount(500)
  // All days cost the same here, and the highest column does not stand over what it is measured by.
  const chart = page.getByRole('figure').getByRole('img')
  const [columns, most] = [await chart.boundingBox(), await chart.getByText('$0.0010').boundingBox()]
  expect((most?.y ?? 0) + (most?.height ?? 0)).toBeLessThanOrEqual((columns?.y ?? 0) + 1)
  await page.screenshot({ path: 'test-results/usage-many-days.png' })
  await page.getByRole('radio', { name: 'Month' }).click()
  await expect(page.getByRole('table', { name: 'Month' })).toBeVisible()
  await expect(page.getByText('are listed')).toBeHidden()
})
