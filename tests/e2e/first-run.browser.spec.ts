import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { z } from 'zod'
import { startDoubleProcess } from '../support/double-process.ts'
import { freePort } from '../support/free-port.ts'
import { tabTo } from './by-keys.ts'
import { test as base } from './host.ts'

/** `test` on the page that comes by itself, with an address at which Ollama is expected and nobody is yet. */
const test = base.extend<{ port: number }>({
  firstRun: 'stay',
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needs of a fixture from this pattern
  port: async ({}, use) => {
    await use(await freePort())
  },
  environment: async ({ port }, use) => {
    await use({ OLLAMA_HOST: `127.0.0.1:${port}`, COMFYUI_URL: 'http://127.0.0.1:1' })
  },
})

test('U3 H1 an Ollama that is started while the page is looked at is found without a click', async ({
  host: { page },
  port,
}) => {
  const ollama = page.getByRole('listitem').filter({ hasText: 'Ollama' })
  await expect(ollama).toContainText('Not found')
  const double = await startDoubleProcess('ollama', { port, models: ['qwen3:8b'] })
  await expect(ollama).toContainText('Ready')
  await expect(ollama).toContainText('qwen3:8b')
  await double.close()
})

test('U3 U6 where the machine cannot be looked at, the page says why and tries again', async ({ host: { page } }) => {
  await page.route(/\/api\/setup/, (route) =>
    route.fulfill({
      status: 500,
      json: { error: { code: 'INTERNAL', message: 'The disk could not be read.', correlation_id: 'ref1' } },
    }),
  )
  await page.reload()
  await expect(page.getByText('The disk could not be read.')).toBeVisible()
  // The rest of the page does not wait for it.
  await expect(page.getByRole('button', { name: 'Run the sample project' })).toBeVisible()
  await page.unroute(/\/api\/setup/)
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'Graphics card' })).toBeVisible()
})

test('U3 U5 from the first page to finished files without a mouse', async ({ host: { page } }) => {
  await expect(page.getByRole('listitem').filter({ hasText: 'Ollama' })).toContainText('Not found')
  await tabTo(page, page.getByRole('button', { name: 'Connect: Ollama' }))
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByRole('button', { name: 'Copy ollama serve' }))
  const run = page.getByRole('button', { name: 'Run the sample project' })
  await tabTo(page, run)
  await page.keyboard.press('Enter')
  // The table has the focus, and Tab would change the plan: Esc leaves it.
  await expect(page.getByRole('grid', { name: 'Tasks of the plan' })).toBeFocused()
  await page.keyboard.press('Escape')
  await tabTo(page, page.getByRole('button', { name: 'Approve, at no cost' }))
  await page.keyboard.press('Enter')
  await expect(page.getByText('Everything in the plan was done.')).toBeVisible({ timeout: 120_000 })
})

test('U3 B1 the monthly cap follows what others set, and stores only what its user has set, also on leaving', async ({
  host: { page, data_dir },
}) => {
  const origin = new URL(page.url()).origin
  const headers = { authorization: `Bearer ${readFileSync(join(data_dir, 'token'), 'utf8').trim()}` }
  const stored = async (): Promise<unknown> => {
    const answer = await page.request.get(`${origin}/api/budget`, { headers })
    return z.object({ limits: z.object({ monthly_micros: z.number().nullable() }) }).parse(await answer.json()).limits
      .monthly_micros
  }
  const sent: unknown[] = []
  page.on('request', (request) => {
    if (request.method() !== 'GET' && new URL(request.url()).pathname === '/api/budget')
      sent.push(request.postDataJSON())
  })
  const field = page.getByLabel('Per month, $')
  await expect(field).toHaveValue(/./)
  const answer = await page.request.put(`${origin}/api/budget`, { headers, data: { monthly_micros: 33_000_000 } })
  expect(answer.ok(), await answer.text()).toBe(true)
  await expect(field).toHaveValue('33.00')
  // Emptied for the moment, as before another amount is written.
  await field.fill('')
  await field.fill('44')
  expect(sent).toEqual([])
  await page.evaluate(() => {
    location.hash = '#/projects'
  })
  await expect.poll(stored).toBe(44_000_000)
  expect(sent).toEqual([{ monthly_micros: 44_000_000 }])
})

test('U3 E5 a sample whose plan could not be stored is taken up by the next click, not made twice', async ({
  host: { page, data_dir },
}) => {
  const headers = { authorization: `Bearer ${readFileSync(join(data_dir, 'token'), 'utf8').trim()}` }
  const plans = /\/api\/projects\/[^/]+\/plans$/
  await page.route(plans, (route) =>
    route.fulfill({
      status: 500,
      json: { error: { code: 'INTERNAL', message: 'The disk is full.', correlation_id: 'ref1' } },
    }),
  )
  const run = page.getByRole('button', { name: 'Run the sample project' })
  await run.click()
  await expect(page.getByText('The disk is full.')).toBeVisible()
  await page.unroute(plans)
  await run.click()
  await expect(page.getByRole('grid', { name: 'Tasks of the plan' })).toBeVisible()
  const answer = await page.request.get(`${new URL(page.url()).origin}/api/projects`, { headers })
  expect(z.object({ items: z.array(z.unknown()) }).parse(await answer.json()).items).toHaveLength(1)
})

test('U3 S1 who may not change the machine sees it without buttons, and a viewer no sample to run', async ({
  host: { page, data_dir },
}) => {
  const origin = new URL(page.url()).origin
  const token = readFileSync(join(data_dir, 'token'), 'utf8').trim()
  const post = async (path: string, data: object, bearer: string | null): Promise<unknown> => {
    const headers = bearer === null ? {} : { authorization: `Bearer ${bearer}` }
    const answer = await page.request.post(`${origin}/api${path}`, { headers, data })
    expect(answer.ok(), await answer.text()).toBe(true)
    return answer.json()
  }
  const password = 'a long enough password'
  await post('/auth/register', { email: 'ada@example.org', password, display_name: 'Ada', invite: token }, null)
  for (const role of ['viewer', 'operator'] as const) {
    const { code } = z.object({ code: z.string() }).parse(await post('/invites', { role }, token))
    const email = `${role}@example.org`
    await post('/auth/register', { email, password, display_name: role, invite: code }, null)
    await page.evaluate(() => sessionStorage.clear())
    await page.goto(`${origin}/`)
    await page.reload()
    await page.getByRole('radio', { name: 'E-mail' }).click()
    await page.getByLabel('E-mail', { exact: true }).last().fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByLabel('Password').press('Enter')
    // It does not come by itself to those who could not do what it asks for.
    await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible()
    await page.goto(`${origin}/#/first-run`)
    const machine = page.getByRole('region', { name: 'This machine' })
    await expect(machine.getByRole('listitem').filter({ hasText: 'Ollama' })).toBeVisible()
    await expect(machine.getByRole('button')).toHaveCount(0)
    await expect(page.getByRole('slider')).toHaveCount(0)
    await expect(page.getByRole('region', { name: 'Sample project' })).toContainText('Three birds')
    await expect(page.getByRole('button', { name: 'Run the sample project' })).toHaveCount(role === 'viewer' ? 0 : 1)
    // Sign out, so that the next one can sign in.
    await page.goto(`${origin}/#/settings/account`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('heading', { name: 'Sign in to Baton' })).toBeVisible()
  }
})
