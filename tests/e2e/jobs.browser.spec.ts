import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './host.ts'

test('A2 U2 jobs that programs hand over show their state and why, can be cancelled, and tell their result', async ({
  host: { page, data_dir },
}) => {
  await page.keyboard.press('g')
  await page.keyboard.press('j')
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()
  await expect(page.getByText('No job was dispatched yet')).toBeVisible()

  const authorization = `Bearer ${readFileSync(join(data_dir, 'token'), 'utf8').trim()}`
  const url = new URL(page.url()).origin
  const send = (path: string, data: object, method = 'POST') =>
    page.request.fetch(`${url}${path}`, { method, data, headers: { authorization } })
  await send('/dispatch', { coreId: 'builder', prompt: 'Build the <b>owl</b> house' })
  const table = page.getByRole('table', { name: 'Jobs' })
  await expect(
    table.getByRole('row', { name: /job_1.*builder.*Queued.*Waits for a worker of "builder"/ }),
  ).toBeVisible()

  await send('/jobs/claim', { coreId: 'builder', worker: 'ada' })
  await send('/jobs/job_1/status', { status: 'running', message: '3 of 9 walls' }, 'PUT')
  await expect(table.getByRole('row', { name: /Running.*3 of 9 walls.*ada/ })).toBeVisible()
  await send('/jobs/job_1/status', { status: 'success', result: 'A house of nine walls' }, 'PUT')
  await expect(table.getByRole('row', { name: /job_1.*Done/ })).toBeVisible()
  await table.getByRole('button', { name: 'job_1: what came of it' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'job_1' })
  await expect(dialog.getByRole('region', { name: 'Result' })).toContainText('A house of nine walls')
  await expect(dialog.getByText('Build the <b>owl</b> house')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()

  await send('/dispatch', { coreId: 'builder' })
  await table.getByRole('button', { name: 'Cancel job_2' }).click()
  await expect(table.getByRole('row', { name: /job_2.*Cancelled.*Somebody cancelled it/ })).toBeVisible()

  await send('/dispatch', { coreId: 'baton', prompt: 'Write about owls', metadata: { profile: 'demo' } })
  await expect(table.getByRole('row', { name: /job_3.*baton.*Done/ })).toBeVisible()
  await table.getByRole('button', { name: 'job_3: what came of it' }).click()
  await page.getByRole('dialog', { name: 'job_3' }).getByRole('link', { name: 'Open the work' }).click()
  await expect(page).toHaveURL(/#\/projects\/prj_/)
})
