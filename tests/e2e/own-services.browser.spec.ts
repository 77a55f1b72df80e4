import { join } from 'node:path'
import { expect } from '@playwright/test'
import { startDoubleProcess } from '../support/double-process.ts'
import { freePort } from '../support/free-port.ts'
import { test as base } from './host.ts'

const DOUBLE = join(import.meta.dirname, '..', 'doubles', 'ollama-double.ts')

/** `test` with an address at which Ollama is expected and nobody is yet. */
const test = base.extend<{ port: number }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needs of a fixture from this pattern
  port: async ({}, use) => {
    await use(await freePort())
  },
  environment: async ({ port }, use) => {
    await use({ OLLAMA_HOST: `127.0.0.1:${port}` })
  },
})

test('H4 a server gets its start command, is started, read and restarted on the page of services', async ({
  host: { page },
  port,
}) => {
  await page.getByRole('link', { name: 'Services', exact: true }).first().click()
  const row = page.getByRole('listitem').filter({ hasText: 'Ollama' }).first()
  await row.getByRole('button', { name: 'Start command of Ollama' }).click()
  const script = `const { startOllamaDouble } = await import(${JSON.stringify(DOUBLE)}); console.log((await startOllamaDouble({ port: ${port} })).url)`
  await page
    .getByLabel('Program and arguments')
    .fill([process.execPath, '--input-type=module', '-e', script].join('\n'))
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await row.getByRole('button', { name: 'Start', exact: true }).click()
  await expect(row.getByText('Started by Baton, and ends with it.')).toBeVisible()
  await expect(row.getByText(/^Works/)).toBeVisible()
  await row.getByRole('button', { name: 'Log of Ollama' }).click()
  await expect(page.getByRole('dialog').getByText(`http://127.0.0.1:${port}`)).toBeVisible()
  await page.keyboard.press('Escape')
  await row.getByRole('button', { name: 'Restart', exact: true }).click()
  await expect(page.getByText('Ollama was restarted.')).toBeVisible()
  await row.getByRole('button', { name: 'Stop', exact: true }).click()
  await expect(row.getByText('Stopped by Baton.')).toBeVisible()
})

test('H4 a server of somebody else is only told to unload, after a yes', async ({ host: { page }, port }) => {
  const ollama = await startDoubleProcess('ollama', { port })
  await page.getByRole('link', { name: 'Services', exact: true }).first().click()
  const row = page.getByRole('listitem').filter({ hasText: 'Ollama' }).first()
  await row.getByRole('button', { name: 'Check now: Ollama' }).click()
  await row.getByRole('button', { name: 'Restart', exact: true }).click()
  const question = page.getByRole('dialog', { name: 'Baton did not start Ollama' })
  await expect(question.getByText(/With your consent it has it unload its models/)).toBeVisible()
  await question.getByRole('button', { name: 'Unload its models' }).click()
  await expect(page.getByText(/cannot restart it\. It held no model/)).toBeVisible()
  await ollama.close()
})

test('H3 the cards of both servers, and whether they take turns, are set in the settings', async ({
  host: { page },
}) => {
  const open = async () => {
    await page.getByRole('link', { name: 'Settings', exact: true }).click()
    await page.getByRole('link', { name: 'Work', exact: true }).click()
  }
  await open()
  const form = page.getByRole('form', { name: 'Several graphics cards' })
  await form.getByLabel('Cards of ComfyUI').fill('one')
  await expect(form.getByText('Numbers from 0 to 31, with commas between.')).toBeVisible()
  await form.getByLabel('Cards of Ollama').fill('0, 2')
  await form.getByLabel('Cards of ComfyUI').fill('1')
  await form.getByLabel('Ollama and ComfyUI', { exact: true }).selectOption('always')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form.getByRole('button', { name: 'Save' })).toBeDisabled()
  await page.reload()
  await open()
  await expect(form.getByLabel('Cards of Ollama')).toHaveValue('0, 2')
  await expect(form.getByLabel('Cards of ComfyUI')).toHaveValue('1')
  await expect(form.getByLabel('Ollama and ComfyUI', { exact: true })).toHaveValue('always')
  await page.getByRole('link', { name: 'Services', exact: true }).first().click()
  await expect(page.getByText('Ollama works on cards 0, 2 and ComfyUI on card 1')).toBeVisible()
})
