import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './host.ts'

test('S1 S2 U7 somebody registers by an invitation, stays signed in over a reload, sees what is theirs, and leaves', async ({
  host: { page, data_dir },
}) => {
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible()
  const origin = new URL(page.url()).origin
  await page.goto(`${origin}/#/settings/people`)
  await expect(page.getByText('Nobody has an account.')).toBeVisible()

  const leave = async () => {
    await page.goto(`${origin}/#/settings/account`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('heading', { name: 'Sign in to Baton' })).toBeVisible()
  }
  const register = async (invite: string, name: string, email: string) => {
    await page.getByRole('radio', { name: 'Invitation' }).click()
    await page.getByLabel('Invitation', { exact: true }).last().fill(invite)
    await page.getByLabel('Your name').fill(name)
    await page.getByLabel('E-mail', { exact: true }).last().fill(email)
    await page.getByLabel('New password').fill('a long enough password')
    await page.getByRole('button', { name: 'Register and open Baton' }).click()
  }

  // The first user shows the secret of the token file.
  await leave()
  await register('made up', 'Ada', 'ada@example.org')
  await expect(page.getByText('the first user becomes admin', { exact: false })).toBeVisible()
  await page
    .getByLabel('Invitation', { exact: true })
    .last()
    .fill(readFileSync(join(data_dir, 'token'), 'utf8').trim())
  await page.getByRole('button', { name: 'Register and open Baton' }).click()
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible()
  await page.reload()
  await expect(page.getByText('Ada (ada@example.org), admin')).toBeVisible()
  // The access token is in memory alone.
  const kept = await page.evaluate(() => Object.values(sessionStorage).join() + Object.values(localStorage).join())
  expect(kept).not.toContain('eyJ')

  await page.goto(`${origin}/#/settings/people`)
  await page.getByLabel('Role of the invited').selectOption('operator')
  await page.getByRole('button', { name: 'Make an invitation' }).click()
  const code = await page.getByRole('status').getByText('inv_').textContent()
  await expect(page.getByRole('table', { name: 'Audit trail' }).getByText('invite.created')).toBeVisible()
  await leave()
  await register(code ?? '', 'Olga', 'olga@example.org')
  await expect(page.getByText('Olga (olga@example.org), operator')).toBeVisible()
  await expect(page.getByRole('navigation', { name: 'Settings' }).getByRole('link')).toHaveText(['Look', 'Account'])
  await leave()
  await page.getByRole('radio', { name: 'E-mail' }).click()
  await page.getByLabel('E-mail', { exact: true }).last().fill('olga@example.org')
  await page.getByLabel('Password').fill('a wrong password')
  await page.getByRole('button', { name: 'Open Baton' }).click()
  await expect(page.getByText('The e-mail address or the password is wrong.')).toBeVisible()
  await page.getByLabel('Password').fill('a long enough password')
  await page.getByLabel('Password').press('Enter')
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible()
})
