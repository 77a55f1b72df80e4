import { expect } from '@playwright/test'
import { type DoubleProcess, startDoubleProcess } from '../support/double-process.ts'
import { test as base } from './host.ts'

/** `test` with an Ollama that has one model, and a server of one's own that nobody has named yet. */
const test = base.extend<{ ollama: DoubleProcess; server: DoubleProcess }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needs of a fixture from this pattern
  ollama: async ({}, use) => {
    const double = await startDoubleProcess('ollama', { models: ['llama3.2'] })
    await use(double)
    await double.close()
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  server: async ({}, use) => {
    const double = await startDoubleProcess('openai', { flavour: 'local', models: ['qwen3-8b'] })
    await use(double)
    await double.close()
  },
  environment: async ({ ollama }, use) => {
    await use({ OLLAMA_HOST: ollama.url })
  },
})

test('R6 H1 a model is pulled with a bar, and what is loaded is shown', async ({ host: { page }, ollama }) => {
  await page.getByRole('link', { name: 'Services', exact: true }).first().click()
  const models = page.getByRole('region', { name: 'Models of Ollama' })
  await expect(models.getByRole('row', { name: /llama3\.2:latest.*not loaded/ })).toBeVisible()

  await ollama.script({ kind: 'stall' })
  await models.getByLabel('Model to pull').fill('qwen3:8b')
  await models.getByRole('button', { name: 'Pull', exact: true }).click()
  await expect(models.getByRole('progressbar', { name: 'Pulling qwen3:8b' })).toBeVisible()
  // Where the line stands still, so the server has begun this pull and the next one is another.
  await expect(models.getByText(/^pulling [0-9a-f]{12}$/)).toBeVisible()
  await expect(models.getByText('3.5 GB of 4.7 GB')).toBeVisible()
  await models.getByRole('button', { name: 'Cancel pulling qwen3:8b' }).click()
  await expect(models.getByText(/Cancelled\. What has come is kept/)).toBeVisible()

  await models.getByLabel('Model to pull').fill('qwen3:8b')
  await models.getByRole('button', { name: 'Pull', exact: true }).click()
  await expect(models.getByText('qwen3:8b is there.')).toBeVisible()
  await expect(models.getByRole('row', { name: /qwen3:8b.*not loaded/ })).toBeVisible()
})

test('R1 R4 a server of one’s own is entered by its address, tested, and its models are there', async ({
  host: { page },
  server,
}) => {
  await page.getByRole('link', { name: 'Settings', exact: true }).click()
  await page.getByRole('link', { name: 'Models', exact: true }).click()
  const row = page.getByRole('listitem').filter({ hasText: 'LM Studio' })
  await expect(row.getByText(/Not set up/)).toBeVisible()
  await row.getByLabel('Address of LM Studio').fill(`${server.url}/v1`)
  await row.getByRole('button', { name: 'Save address' }).click()
  await expect(row.getByText('Works. 1 model is there.')).toBeVisible()
  await row.getByRole('button', { name: 'Test LM Studio' }).click()
  await expect(row.getByText(/Works/)).toBeVisible()

  await expect(page.getByRole('row', { name: /qwen3-8b.*local.*available/ })).toBeVisible()
})
