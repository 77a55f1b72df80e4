import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { furnish } from './furnished.ts'
import { test } from './host.ts'
import { openScreen, SCREENS } from './screens.ts'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** What a screen does not do for everybody, one line for each rule. */
async function violations(page: Page, part: string, onlyColours: boolean): Promise<string[]> {
  const axe = new AxeBuilder({ page }).include(part)
  // Held here against what a card is called by, its first line: not against each figure on it.
  axe.disableRules(['label-content-name-mismatch'])
  const { violations } = await (onlyColours ? axe.withRules(['color-contrast']) : axe.withTags(RULES)).analyze()
  const misnamed = await page
    .locator(part)
    .last()
    .evaluate((root) =>
      [...root.querySelectorAll<HTMLElement>('button[aria-label], a[aria-label]')]
        .filter((element) => {
          // biome-ignore lint/performance/useDomNodeTextContent: what is seen, line by line
          const [first = ''] = element.innerText.trim().split('\n')
          return (
            element.checkVisibility() &&
            element.getAttribute('aria-label')?.toLowerCase().includes(first.toLowerCase()) !== true
          )
        })
        .map((element) => `the name does not begin as what is seen: ${element.outerHTML.slice(0, 200)}`),
    )
  return [
    ...misnamed,
    ...violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}: ${nodes
          .slice(0, 4)
          .map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ''}`)
          .join(' | ')}`,
    ),
  ]
}

/** In both looks; what is not about colours is the same in both. `part`: what is looked at. */
async function inBothLooks(page: Page, part: string): Promise<string[]> {
  const found: string[] = []
  for (const theme of ['light', 'dark']) {
    await page.evaluate(async (name) => {
      document.documentElement.dataset['theme'] = name
      // Colours change in a transition even where it is made as short as can be: until its end, the old ones are seen.
      for (let moving = document.getAnimations(); moving.length > 0; moving = document.getAnimations())
        await Promise.allSettled(moving.map(({ finished }) => finished))
    }, theme)
    found.push(...(await violations(page, part, theme === 'dark')).map((line) => `${theme}: ${line}`))
  }
  return found
}

test('U5 every screen, in light and dark, keeps the rules of WCAG AA', async ({ host }) => {
  const { page } = host
  test.setTimeout(600_000)
  // What moves in and out is half transparent meanwhile.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const baton = await furnish(host)
  for (const screen of SCREENS) {
    await test.step(screen.name, async () => {
      await openScreen(page, baton, screen)
      const [first] = SCREENS
      const isDialog = (await page.locator('dialog[open]').count()) > 0
      // What stands around every page is looked at once.
      const part = isDialog ? 'dialog[open]' : screen === first ? 'body' : 'main'
      expect.soft(await inBothLooks(page, part), screen.name).toEqual([])
    })
  }
})

test('U7 U5 the login keeps the rules of WCAG AA', async ({ host: { page } }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.evaluate(() => sessionStorage.clear())
  await page.reload()
  for (const way of await page.getByRole('radio').all()) {
    await way.click()
    expect.soft(await inBothLooks(page, 'body')).toEqual([])
  }
})
