import { expect, type Page } from '@playwright/test'
import { type DesktopApp, launchDesktop } from './desktop-app.ts'
import { test } from './desktop-test.ts'

const HOSTILE = [
  'baton://project/prj_1/approve',
  'baton://inbox#/settings',
  'baton://settings/../inbox',
  'baton:javascript:alert(1)',
  'baton://inbox?approve=apr_1',
  `baton://${'inbox/'.repeat(1_000)}`,
]

const placeOf = (window: Page): string => new URL(window.url()).hash

/** As macOS hands a link over. */
function openUrl(desktop: DesktopApp, link: string): Promise<boolean> {
  return desktop.evaluate(({ app }, url) => {
    let isTaken = false
    app.emit('open-url', { preventDefault: () => (isTaken = true) }, url)
    return isTaken
  }, link)
}

test('U4 a link in the arguments of the first start opens its place', async ({ dataDir }) => {
  const desktop = await launchDesktop(dataDir, {}, ['baton://inbox'])
  try {
    const window = await desktop.window()
    await expect(window.getByRole('heading', { name: 'Inbox' })).toBeVisible()
    expect(placeOf(window)).toBe('#/inbox')
  } finally {
    await desktop.interrupt()
  }
})

test('D1 U4 a second start hands its link to the first, which opens the place in its window', async ({
  desktop,
  window,
  dataDir,
}) => {
  await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide(), null)
  const second = await launchDesktop(dataDir, {}, ['baton://settings'])
  expect(await second.exited).toBe(0)
  await expect(window.getByRole('heading', { name: 'Settings' })).toBeVisible()
  const seen = await desktop.evaluate(({ BrowserWindow }) => {
    const windows = BrowserWindow.getAllWindows()
    return { windows: windows.length, isVisible: windows[0]?.isVisible(), isFocused: windows[0]?.isFocused() }
  }, null)
  expect(seen).toEqual({ windows: 1, isVisible: true, isFocused: true })
})

test("U4 S9 a link by macOS's event opens its place without a reload; a hostile one shows the same page as before", async ({
  desktop,
  window,
}) => {
  await window.evaluate(() => Object.assign(globalThis, { isSame: true }))
  expect(await openUrl(desktop, 'baton://usage')).toBe(true)
  await expect.poll(() => placeOf(window)).toBe('#/usage')
  for (const link of HOSTILE) expect(await openUrl(desktop, link)).toBe(true)
  // What is handed over after them is read after them.
  await openUrl(desktop, 'baton://services')
  await expect.poll(() => placeOf(window)).toBe('#/services')
  expect(await window.evaluate(() => 'isSame' in globalThis)).toBe(true)
  const visited = await window.evaluate(() => history.length)
  expect(visited).toBeLessThanOrEqual(4)
})

test('U4 S9 a start with a hostile link is a start without one', async ({ dataDir }) => {
  const desktop = await launchDesktop(dataDir, {}, ['baton://project/prj_1/approve'])
  try {
    const window = await desktop.window()
    await expect(window.getByRole('heading', { name: 'First run' })).toBeVisible()
    expect(placeOf(window)).toBe('#/first-run')
  } finally {
    await desktop.interrupt()
  }
})
