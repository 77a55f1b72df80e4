import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test } from './host.ts'

test('D3 U2 backups are made, checked and explained; a damaged one says so and cannot be chosen', async ({
  host: { page, data_dir },
}) => {
  await page.getByRole('link', { name: 'Settings', exact: true }).click()
  await page.getByRole('link', { name: 'Backups' }).click()
  await expect(page.getByText('No backup yet')).toBeVisible()
  await page.getByRole('button', { name: 'Back up now' }).click()
  const table = page.getByRole('table', { name: 'Backups' })
  await expect(table.getByRole('row')).toHaveCount(2)
  const row = table.getByRole('row').nth(1)
  await expect(row).toContainText('whole, when it was made')
  await row.getByRole('button', { name: /^Verify/ }).click()
  await expect(row).toContainText(/whole, .*\d/)
  await expect(row).not.toContainText('when it was made')

  await row.getByRole('button', { name: /^Restore/ }).click()
  const dialog = page.getByRole('dialog', { name: /^Restore this backup/ })
  await expect(dialog).toContainText('End Baton first')
  const [id = ''] = readdirSync(join(data_dir, 'backups'))
  await expect(dialog).toContainText(`baton restore ${id} --data ${data_dir}`)
  await dialog.getByRole('button', { name: 'Close' }).first().click()

  const database = join(data_dir, 'backups', id, 'baton.db')
  const content = readFileSync(database)
  content[content.byteLength - 1] = (content.at(-1) ?? 0) ^ 1
  writeFileSync(database, content)
  await row.getByRole('button', { name: /^Verify/ }).click()
  await expect(table.getByRole('alert')).toContainText(/cannot be restored.*baton\.db is not what was written/s)
  await expect(row.getByRole('button', { name: /^Restore/ })).toBeDisabled()
})
