import { expect } from '@playwright/test'
import { launchDesktop } from './desktop-app.ts'
import { test } from './desktop-test.ts'

test('U3 a first run that was left does not come again after a restart, although there is no project', async ({
  desktop,
  window,
  dataDir,
}) => {
  await expect(window.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible()
  expect(await desktop.interrupt()).toBe(0)
  const next = await launchDesktop(dataDir)
  try {
    const again = await next.window()
    await expect(again.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible()
    await expect(again.getByRole('heading', { name: 'Write down what you want' })).toBeVisible()
  } finally {
    await next.interrupt()
  }
})
