import type { Page } from '@playwright/test'

/** What a person does at a large project. Each name is one kind of move; answers with how many interactions it were. */
export interface Move {
  readonly name: string
  /** Scrolling is what has to be smooth: of frames that are long after a click, only the answer to it is noticed. */
  readonly isScrolling: boolean
  run(page: Page): Promise<number>
}

/** Long enough for what a click set off to be over, short enough for an impatient person. */
const BREATH_MS = 120
const SEARCH = 'chapter 7'

async function click(page: Page, role: 'radio' | 'tab' | 'link' | 'button', name: string | RegExp): Promise<void> {
  const exact = typeof name === 'string'
  await page.getByRole(role, { name, exact }).first().click()
  await page.waitForTimeout(BREATH_MS)
}

async function wheel(page: Page, selector: string, times: number): Promise<void> {
  const box = await page.locator(selector).first().boundingBox()
  if (box === null) throw new Error(`${selector} has no place on the page`)
  await page.mouse.move(box.x + box.width / 2, box.y + Math.min(box.height, 300) / 2)
  for (let turn = 0; turn < times; turn += 1) {
    await page.mouse.wheel(0, turn % 8 === 7 ? -2_000 : 600)
    await page.waitForTimeout(30)
  }
}

async function typeAndClear(page: Page): Promise<number> {
  const field = page.getByRole('searchbox')
  await field.click()
  await field.pressSequentially(SEARCH, { delay: 80 })
  await page.waitForTimeout(BREATH_MS)
  for (const _ of SEARCH) await page.keyboard.press('Backspace', { delay: 40 })
  return 1 + 2 * SEARCH.length
}

export const MOVES: readonly Move[] = [
  {
    name: 'views',
    isScrolling: false,
    async run(page) {
      for (const view of ['Board', 'Timeline', 'Graph', 'Board', 'Files', 'Graph']) await click(page, 'radio', view)
      return 6
    },
  },
  {
    name: 'search the graph',
    isScrolling: false,
    run: typeAndClear,
  },
  {
    name: 'scroll the graph',
    isScrolling: true,
    async run(page) {
      await wheel(page, '.react-flow__pane', 24)
      return 0
    },
  },
  {
    name: 'search the board',
    isScrolling: false,
    async run(page) {
      await click(page, 'radio', 'Board')
      return 1 + (await typeAndClear(page))
    },
  },
  {
    name: 'scroll the board',
    isScrolling: true,
    async run(page) {
      await wheel(page, 'section[aria-label^="Done"] > div', 40)
      return 0
    },
  },
  {
    name: 'scroll the timeline',
    isScrolling: true,
    async run(page) {
      await click(page, 'radio', 'Timeline')
      await wheel(page, 'main [data-timeline], main .overflow-auto', 40)
      return 1
    },
  },
  {
    name: 'drawer',
    isScrolling: false,
    async run(page) {
      await click(page, 'radio', 'Board')
      await page.locator('section[aria-label^="Done"] li button').nth(2).click()
      await page.waitForTimeout(BREATH_MS)
      for (const tab of ['Context', 'Steps', 'Output', 'Files', 'Attempts', 'Overview']) await click(page, 'tab', tab)
      await page.locator('section[aria-label^="Done"] li button').nth(4).click()
      await page.waitForTimeout(BREATH_MS)
      await page.keyboard.press('Escape')
      await page.waitForTimeout(BREATH_MS)
      return 9
    },
  },
  {
    name: 'pages',
    isScrolling: false,
    async run(page) {
      for (const name of ['Usage', 'Services', 'Inbox', 'Projects']) await click(page, 'link', name)
      await click(page, 'link', /Ten thousand tasks/)
      await page.getByRole('radio', { name: 'Graph' }).waitFor()
      await click(page, 'radio', 'Graph')
      return 6
    },
  },
]
