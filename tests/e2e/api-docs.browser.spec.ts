import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect } from '@playwright/test'
import { test } from './host.ts'

test('A1 S9 the page about the port asks who comes, lists every route, and loads nothing from elsewhere', async ({
  host: { page, data_dir },
}, info) => {
  const { origin } = new URL(page.url())
  const elsewhere: string[] = []
  const refused: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) elsewhere.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error') refused.push(message.text())
  })
  await page.evaluate(() => sessionStorage.clear())
  await page.goto(`${origin}/api/docs`)
  await expect(page.getByLabel('Access token')).toBeVisible()
  await page.getByLabel('Access token').fill(readFileSync(join(data_dir, 'token'), 'utf8').trim())
  await page.getByRole('button', { name: 'Open Baton' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'The port' })).toBeVisible()
  expect(await page.locator('details').count()).toBeGreaterThan(130)

  await page.getByLabel('Find a route').fill('POST /api/projects ')
  const route = page.locator('details').filter({ hasText: 'POST' }).first()
  await route.locator('summary').click()
  await expect(route.getByText('requirements: string (1…200000)')).toBeVisible()
  await expect(route.getByText('Answer 201')).toBeVisible()
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await page.screenshot({ path: info.outputPath(`api-docs-${scheme}.png`) })
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  }
  await page.getByLabel('Find a route').fill('no such thing')
  await expect(page.getByText('No route is about that.')).toBeVisible()
  expect([elsewhere, refused]).toEqual([[], []])
})
