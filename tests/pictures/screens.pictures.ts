import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { type Furnished, furnish } from '../e2e/furnished.ts'
import { test } from '../e2e/host.ts'
import { openScreen, SCREENS } from '../e2e/screens.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'screenshots')
const SIZES = [
  { width: 1_280, height: 800 },
  { width: 1_920, height: 1_080 },
]
const LOOKS = ['light', 'dark'] as const
/** Addresses that show something without anything being there. */
const NOTHING: Furnished = {
  origin: '',
  done: 'prj_1',
  doneTask: 'tsk_1',
  proposed: 'prj_1',
  held: 'prj_1',
  heldTask: 'tsk_1',
  stuck: 'prj_1',
}
const PLACES = SCREENS.filter(({ act }) => act === undefined)

async function take(page: Page, state: string, name: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size)
    for (const colorScheme of LOOKS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      // What is placed by measuring comes a moment later.
      await page.waitForTimeout(150)
      const file = `${name.replaceAll(/\W+/g, '-')}-${size.width}-${colorScheme}.png`
      await page.screenshot({ path: join(FOLDER, state, file) })
    }
  }
}

test('pictures of every screen with something on it', async ({ host }) => {
  const baton = await furnish(host)
  for (const screen of SCREENS) {
    await openScreen(host.page, baton, screen)
    await take(host.page, 'busy', screen.name)
  }
})

test('pictures of every place with nothing in it', async ({ host: { page } }) => {
  for (const screen of PLACES) {
    await openScreen(page, NOTHING, screen)
    await take(page, 'empty', screen.name)
  }
})

test('pictures of every place when Baton answers no question', async ({ host: { page } }) => {
  await page.route(/\/api\/(?!auth|system|events)/, (route) =>
    route.fulfill({
      status: 500,
      json: { error: { code: 'INTERNAL', message: 'The disk could not be read.', correlation_id: 'ref1' } },
    }),
  )
  await page.reload()
  for (const screen of PLACES) {
    await page.evaluate((path) => {
      location.hash = path
    }, screen.path(NOTHING))
    // It is tried twice more before it is said.
    await page.waitForTimeout(3_500)
    await take(page, 'failing', screen.name)
  }
})

test('pictures for the README', async ({ host }) => {
  const { page } = host
  const [size] = SIZES
  if (size !== undefined) await page.setViewportSize(size)
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  const baton = await furnish(host)
  for (const name of ['inbox', 'plan as table', 'project, graph', 'task, overview']) {
    const screen = SCREENS.find((each) => each.name === name)
    if (screen === undefined) throw new Error(`There is no screen ${name}`)
    await openScreen(page, baton, screen)
    await page.waitForTimeout(300)
    const file = `${name.replaceAll(/\W+/g, '-')}.png`
    await page.screenshot({ path: join(import.meta.dirname, '..', '..', 'docs', 'screenshots', file) })
  }
})
