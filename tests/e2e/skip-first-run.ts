import { expect, type Page } from '@playwright/test'

/** Leaves the page that comes by itself on a new data folder, for the list of projects. */
export async function skipFirstRun(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Skip for now' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible()
}
