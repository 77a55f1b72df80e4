import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { startReceiver } from '../doubles/webhook-receiver.ts'
import { test } from './host.ts'

/** What WCAG AA has against a part of the page, in light and dark. */
async function violations(page: Page, part: string): Promise<string[]> {
  const found: string[] = []
  for (const theme of ['light', 'dark']) {
    await page.evaluate((name) => {
      document.documentElement.dataset['theme'] = name
    }, theme)
    const axe = new AxeBuilder({ page }).include(part)
    const { violations } = await axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()
    found.push(...violations.map(({ id, nodes }) => `${theme}: ${id}: ${nodes.map(({ html }) => html).join(' | ')}`))
  }
  return found
}

test('A5 U7 a webhook is added, reached where somebody means it, tested, told of a job, and its log is seen', async ({
  host: { page, data_dir },
}) => {
  const receiver = await startReceiver()
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const origin = new URL(page.url()).origin
  await page.goto(`${origin}/#/settings/webhooks`)
  const hooks = page.getByRole('region', { name: 'Webhooks', exact: true })
  await expect(hooks.getByText('Nobody is told yet.')).toBeVisible()
  await hooks.getByLabel('URL').fill('example')
  await hooks.getByRole('button', { name: 'Add a webhook' }).click()
  await expect(hooks.getByText('Give a whole URL')).toBeVisible()
  await hooks.getByLabel('URL').fill(receiver.url)
  await hooks.getByRole('checkbox', { name: 'Task goes on' }).check()
  await hooks.getByRole('button', { name: 'Add a webhook' }).click()
  const item = hooks.getByRole('listitem').filter({ hasText: receiver.url })
  await expect(item).toContainText('Task done')
  const secret = (await hooks.getByText(/^whsec_/).textContent()) ?? ''

  // Of this machine: nothing is sent before somebody says that it is meant.
  await item.getByRole('button', { name: `Test ${receiver.url}` }).click()
  await expect(item.getByRole('status')).toContainText('Nothing was sent')
  expect(receiver.received).toEqual([])
  await item.getByRole('button', { name: `Reach ${receiver.host}` }).click()
  await expect(item.getByRole('status')).toContainText('It arrived and was answered 200')
  const [first] = receiver.received
  const header = String(first?.headers['x-signature'])
  const t = /t=(\d+)/.exec(header)?.[1]
  expect(header).toContain(createHmac('sha256', secret).update(`${t}.${first?.text}`).digest('hex'))

  const authorization = `Bearer ${readFileSync(join(data_dir, 'token'), 'utf8').trim()}`
  await page.request.post(`${origin}/dispatch`, { data: { coreId: 'builder' }, headers: { authorization } })
  await item.getByRole('button', { name: `Deliveries to ${receiver.url}` }).click()
  const log = page.getByRole('dialog').getByRole('table', { name: 'Deliveries' })
  const told = log.getByRole('row', { name: /task\.progress.*Delivered 1 200/ })
  await expect(told).toBeVisible()
  await expect(log.getByRole('row', { name: /webhook\.test.*Delivered/ }).first()).toBeVisible()
  await told.getByRole('button', { name: 'Send again' }).click()
  await expect(log.getByRole('row', { name: /task\.progress.*Delivered 2 200/ })).toBeVisible()
  expect(await violations(page, 'dialog[open]')).toEqual([])
  await page.keyboard.press('Escape')
  expect(await violations(page, 'main')).toEqual([])

  // Another place of the same host, where the next one arrives.
  const elsewhere = new URL('/elsewhere', receiver.url).href
  await item.getByRole('button', { name: `Change the URL ${receiver.url}` }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('URL').fill('example')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form.getByText('Give a whole URL')).toBeVisible()
  await form.getByLabel('URL').fill(elsewhere)
  expect(await violations(page, 'dialog[open]')).toEqual([])
  await form.getByLabel('URL').press('Enter')
  const moved = hooks.getByRole('listitem').filter({ hasText: elsewhere })
  await moved.getByRole('button', { name: `Test ${elsewhere}` }).click()
  await expect(moved.getByRole('status')).toContainText('It arrived and was answered 200')
  await moved.getByRole('button', { name: `Change the URL ${elsewhere}` }).click()
  await form.getByLabel('URL').fill(receiver.url)
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form).toHaveCount(0)

  await item.getByRole('button', { name: `New secret for ${receiver.url}` }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'New secret' }).click()
  await expect(item.getByText(/^whsec_/)).toBeVisible()
  await expect(item).toContainText('The former secret signs as well until')
  await item.getByRole('checkbox', { name: `Tell ${receiver.url}` }).click()
  await expect(item).toContainText('Off')
  await item.getByRole('button', { name: `Remove ${receiver.url}` }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(hooks.getByText('Nobody is told yet.')).toBeVisible()
  await receiver.close()
})

test('A5 U7 a secret for incoming webhooks is made, taken, and removed; a browser is not led to the desktop', async ({
  host: { page },
}) => {
  const origin = new URL(page.url()).origin
  await page.goto(`${origin}/#/settings/webhooks`)
  const incoming = page.getByRole('region', { name: 'Incoming webhooks' })
  await expect(incoming).toContainText(`POST to ${origin}/webhook, signed as X-Signature`)
  await incoming.getByLabel('Name').fill('Builder')
  await incoming.getByRole('button', { name: 'Add a secret' }).click()
  const secret = (await incoming.getByText(/^whsec_/).textContent()) ?? ''
  const data = JSON.stringify({
    ...{ event: 'task.progress', task_id: 'job_404', core_id: null, status: 'running' },
    ...{ timestamp: new Date().toISOString(), data: {} },
  })
  const send = async () => {
    const t = Math.floor(Date.now() / 1_000)
    const v1 = createHmac('sha256', secret).update(`${t}.${data}`).digest('hex')
    const headers = { 'content-type': 'application/json', 'x-signature': `t=${t},v1=${v1}` }
    return (await page.request.post(`${origin}/webhook`, { data, headers })).status()
  }
  // The signature is good; there is no such job.
  expect(await send()).toBe(404)
  await incoming.getByRole('button', { name: 'Remove Builder' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(incoming.getByText('There is no secret')).toBeVisible()
  // Baton says to the sender that nobody can report here.
  expect(await send()).toBe(503)

  await page.keyboard.press('Control+k')
  await expect(page.getByRole('option', { name: 'Settings: Webhooks' })).toBeVisible()
  await expect(page.getByRole('option', { name: 'Settings: Desktop' })).toHaveCount(0)
})
