import { expect, type Locator, type Page } from '@playwright/test'
import { tabTo } from './by-keys.ts'
import { test } from './host.ts'

async function chooseInPalette(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.keyboard.type(name)
  await expect(page.getByRole('option', { name }).first()).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Enter')
}

async function propose(page: Page): Promise<Locator> {
  await page.keyboard.press('n')
  await expect(page.getByLabel('What do you want?')).toBeFocused()
  await page.keyboard.type('A field guide to garden birds: one file per bird for three birds, and an index.')
  await tabTo(page, page.getByLabel('Model', { exact: true }))
  await page.keyboard.type('demo')
  await page.keyboard.press('Control+Enter')
  const table = page.getByRole('grid', { name: 'Tasks of the plan' })
  await expect(table).toBeVisible()
  return table
}

test('U5 U2 the main job is done without a mouse, and one sees all the time where the keyboard is', async ({
  host: { page },
}) => {
  test.setTimeout(400_000)
  const table = await propose(page)

  await test.step('a cell is changed and the plan approved', async () => {
    await tabTo(page, table)
    await page.keyboard.press('Enter')
    await expect(table.getByRole('textbox')).toBeFocused()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('Outline by keys')
    await page.keyboard.press('Enter')
    await expect(table.getByText('Outline by keys')).toBeVisible()
    // In the table, Tab makes a task wait for the one above.
    await page.keyboard.press('Escape')
    await tabTo(page, page.getByRole('button', { name: /^Approve/ }))
    await page.keyboard.press('Enter')
    await expect(page.getByText('Everything in the plan was done.')).toBeVisible({ timeout: 120_000 })
  })

  await test.step('the drawer takes the focus and gives it back', async () => {
    await chooseInPalette(page, 'Board')
    const card = page.getByRole('button', { name: /^Outline by keys: Done/ })
    await tabTo(page, card)
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('complementary', { name: 'Outline by keys' })
    await expect(drawer).toBeFocused()
    await tabTo(page, drawer.getByRole('tab', { name: 'Overview' }))
    await page.keyboard.press('ArrowRight')
    await expect(drawer.getByRole('region', { name: 'Prompt' })).toContainText('Outline by keys')
    await page.keyboard.press('Escape')
    await expect(drawer).toBeHidden()
    await expect(card).toBeFocused()
  })

  await test.step('a file is read', async () => {
    await chooseInPalette(page, 'Files')
    await tabTo(page, page.getByRole('button', { name: /^index\.md/ }))
    await page.keyboard.press('Enter')
    const index = page.getByRole('region', { name: 'index.md' })
    await expect(index.getByRole('heading', { level: 4 })).toBeVisible()
    const link = index.getByRole('listitem').first().getByRole('button')
    const other = (await link.getAttribute('title')) ?? ''
    await tabTo(page, link)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('region', { name: other })).toBeVisible()
    // The link is gone; the keyboard is on what it led to.
    await expect(page.getByRole('region', { name: other }).locator(':focus')).toHaveCount(1)
  })

  await test.step('a dialog gives the focus back', async () => {
    const access = page.getByRole('button', { name: 'Access' })
    await tabTo(page, access)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(access).toBeFocused()
  })

  await test.step('a plan is decided in the inbox by its letter', async () => {
    await chooseInPalette(page, 'Projects')
    await propose(page)
    await chooseInPalette(page, 'Inbox')
    const card = page.getByRole('article').first()
    await tabTo(page, card)
    await page.keyboard.press('a')
    await expect(page.getByText('Nothing needs you')).toBeVisible()
  })
})

test('U5 every key of the list does what it says, and every place is in the palette', async ({ host: { page } }) => {
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog')
  const rows = await dialog.locator('section', { hasText: 'Go to' }).locator('dl > div').all()
  const told: [string, string][] = []
  for (const row of rows) {
    const key = (await row.locator('kbd span').last().textContent()) ?? ''
    told.push([key.toLowerCase(), (await row.locator('dt').textContent()) ?? ''])
  }
  expect(told.length).toBeGreaterThan(5)
  await page.keyboard.press('Escape')
  for (const [key, place] of told) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await expect(page.getByRole('heading', { level: 1, name: place })).toBeVisible()
  }
  await page.keyboard.press('Control+k')
  for (const link of await page
    .getByRole('navigation', { name: 'Places' })
    .getByRole('link', { includeHidden: true })
    .all()) {
    const name = (await link.locator('span').nth(1).textContent()) ?? ''
    await expect(page.getByRole('option', { name }).first()).toBeAttached()
  }
})
