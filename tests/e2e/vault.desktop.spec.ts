import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { launchDesktop } from './desktop-app.ts'
import { test } from './desktop-test.ts'

const PASSPHRASE = 'a long walk by the sea'
/** No bus: no Secret Service can answer. */
const ENVIRONMENT = {
  DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent',
  // Nobody is asked whether the key is a good one.
  ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
}

test.use({ environment: ENVIRONMENT })
test.skip(process.platform !== 'linux', 'Elsewhere the keychain is a part of the system.')

test('S8 a vault is made in the window, keeps a key, and asks for its passphrase once at the next start', async ({
  desktop,
  window,
  dataDir,
}) => {
  await window.evaluate(() => {
    location.hash = '#/settings/models'
  })
  const form = window.getByRole('form', { name: 'Vault' })
  await form.getByLabel('Passphrase of the vault').fill(PASSPHRASE)
  await form.getByLabel('The same again').fill('something else')
  await expect(form.getByRole('button', { name: 'Make the vault' })).toBeDisabled()
  await form.getByLabel('The same again').fill(PASSPHRASE)
  await form.getByRole('button', { name: 'Make the vault' }).click()
  await expect(window.getByText('The vault is open until Baton ends.')).toBeVisible()
  const field = window.getByLabel('Key for Anthropic', { exact: true })
  await field.fill('sk-ant-secret-of-a-test')
  await field.press('Enter')
  await expect(window.getByText('Kept in the vault.')).toBeVisible()
  await expect(field).toHaveValue('')
  await desktop.interrupt()
  expect(readFileSync(join(dataDir, 'vault.json'), 'utf8')).not.toContain('secret-of-a-test')

  const next = await launchDesktop(dataDir, ENVIRONMENT)
  try {
    const again = await next.window()
    await again.evaluate(() => {
      location.hash = '#/settings/models'
    })
    const locked = again.getByRole('form', { name: 'Vault' })
    await locked.getByLabel('Passphrase of the vault').fill('another passphrase')
    await locked.getByRole('button', { name: 'Open the vault' }).click()
    await expect(locked.getByText('That is not the passphrase of the vault.')).toBeVisible()
    await expect(locked.getByLabel('Passphrase of the vault')).toHaveValue('')
    await locked.getByLabel('Passphrase of the vault').fill(PASSPHRASE)
    await locked.getByRole('button', { name: 'Open the vault' }).click()
    await expect(again.getByText('Kept in the vault.')).toBeVisible()
    expect(await again.content()).not.toContain(PASSPHRASE)
  } finally {
    await next.interrupt()
  }
})
