import { expect } from '@playwright/test'
import { furnish } from './furnished.ts'
import { test } from './host.ts'
import { Presser } from './press-all.ts'
import { PressWatch } from './press-watch.ts'
import { SCREENS, type Screen } from './screens.ts'

/**
 * Not opened again for each press. The one button of the account ends the session and has a test of its own; the dialog that
 * cancels a project is pressed as what a button of 'project at rest' opens, and is not to be had of a cancelled one.
 */
const APART = /^(settings, account|cancel dialog)$/

/** These take as long as a quarter of all specs: `npm run test:buttons` runs them, `npm test` leaves them out. */
const LONG = /^(a plan|a finished project|a project without|a task|settings)/

/** Each group has a Baton of its own, because what is done on one screen changes the next. */
const GROUPS: Readonly<Record<string, RegExp>> = {
  'the first run': /^first run/,
  'inbox and lists': /^(inbox|projects|new project|prompts|jobs)$/,
  'knowledge, usage and services': /^(knowledge|usage|services|nowhere|a project that is not there|palette|shortcuts)$/,
  'a plan': /^plan /,
  'a project at rest': /^project at rest/,
  'a project without a model': /^project without/,
  'a finished project': /^(project, |access|export|versions)/,
  'a task': /^(task, |open task)/,
  'settings of the work': /^settings, (limits|models|routes|work)/,
  'settings of the rest': /^settings, (backups|look|people|webhooks)/,
}

/** What stands around every page is pressed once, and so is what stands beside the drawer. */
function partOf({ name }: Screen): string {
  if (name === SCREENS[0]?.name) return 'body'
  return /^task, (?!overview)/.test(name) ? 'main aside' : 'main'
}

for (const [group, names] of Object.entries(GROUPS)) {
  const tag = LONG.test(group) ? ['@long'] : []
  test(`U1 U6 whatever is pressed does something that is seen: ${group}`, { tag }, async ({ host }) => {
    test.setTimeout(900_000)
    const { page } = host
    await page.emulateMedia({ reducedMotion: 'reduce' })
    const presser = new Presser(page, await furnish(host))
    for (const screen of SCREENS.filter(({ name }) => names.test(name)))
      await test.step(screen.name, async () => {
        await presser.pressAll(screen, partOf(screen))
      })
    expect(presser.wrong).toEqual([])
    expect(presser.presses).toBeGreaterThan(10)
  })
}

test('U1 U6 U7 signing out leads to the login, where each way to sign in asks for something else', async ({
  host: { page },
}) => {
  const watch = new PressWatch(page)
  await page.evaluate(() => {
    location.hash = '/settings/account'
  })
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in to Baton' })).toBeVisible()
  const ways = page.getByRole('radio')
  await expect(ways).toHaveCount(3)
  for (const index of [0, 1, 2]) {
    const way = ways.nth(index)
    if ((await way.getAttribute('aria-checked')) !== 'true')
      expect(await watch.comesOf(() => way.click()), `way ${index + 1}`).toBe(true)
    // Nothing is written yet that could be sent.
    await expect(page.locator('button[type=submit]')).toBeDisabled()
  }
  expect(watch.faults).toEqual([])
})

test('U1 U6 a button that does nothing is told from one that does, be it for a moment only', async ({ page }) => {
  await page.setContent(`
    <button>Dead</button>
    <button onclick="this.blur()">Mute</button>
    <button onclick="setTimeout(() => document.body.append('Said'), 300)">Late</button>
    <button onclick="this.disabled = true; setTimeout(() => { this.disabled = false }, 100)">Busy</button>
    <button onclick="location.hash = 'there'">Away</button>
    <button onclick="document.querySelector('input').focus()">Into a field</button>
    <input>`)
  const watch = new PressWatch(page)
  const does: Record<string, boolean> = {}
  for (const name of ['Dead', 'Mute', 'Late', 'Busy', 'Away', 'Into a field'])
    does[name] = await watch.comesOf(() => page.getByRole('button', { name }).click())
  expect(does).toEqual({ Dead: false, Mute: false, Late: true, Busy: true, Away: true, 'Into a field': true })
})

test('U1 U6 every screen is in one of these groups', () => {
  const groupsOf = (name: string) => Object.values(GROUPS).filter((names) => names.test(name)).length
  expect(SCREENS.filter(({ name }) => groupsOf(name) !== (APART.test(name) ? 0 : 1))).toEqual([])
})
