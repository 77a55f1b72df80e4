import { expect, type Locator, type Page } from '@playwright/test'
import { test } from './host.ts'

const REQUIREMENTS =
  'A field guide to garden birds: one markdown file per bird for three birds, an index with links, and a glossary.'

/** Writes the requirement by hand and opens the plan that the demo model proposes. */
async function proposePlan(page: Page): Promise<Locator> {
  await page.getByRole('link', { name: 'New project' }).first().click()
  await page.getByLabel('What do you want?').fill(REQUIREMENTS)
  await page.getByLabel('Model', { exact: true }).selectOption('demo')
  await page.getByRole('button', { name: 'Create and plan' }).click()
  const table = page.getByRole('grid', { name: 'Tasks of the plan' })
  await expect(table).toBeVisible()
  return table
}

/** The cell of a row (counted from 0) under a column's heading. */
async function cell(table: Locator, row: number, column: string): Promise<Locator> {
  const headings = await table.getByRole('columnheader').allTextContents()
  return table
    .getByRole('row', { includeHidden: false })
    .nth(row + 1)
    .getByRole('gridcell')
    .nth(headings.indexOf(column))
}

async function rewrite(table: Locator, row: number, column: string, text: string): Promise<void> {
  const target = await cell(table, row, column)
  await target.dblclick()
  await target.getByRole('textbox').fill(text)
  await target.getByRole('textbox').press('Enter')
}

test('U2 P5 E4 E7 E9 a requirement becomes a plan, is changed, approved, watched, paused, resumed and leaves files', async ({
  host: { page },
}) => {
  const table = await proposePlan(page)

  await test.step('P5 two tasks and a dependency are changed', async () => {
    await rewrite(table, 0, 'Task', 'Outline by hand')
    await expect(await cell(table, 0, 'Task')).toHaveText('Outline by hand')
    const tier = await cell(table, 1, 'Tier')
    await tier.dblclick()
    await tier.getByRole('combobox').selectOption('local')
    await expect(tier).toHaveText('local')
    const last = (await table.getByRole('row').count()) - 2
    const freed = await cell(table, last, 'After')
    await rewrite(table, last, 'After', '')
    await expect(freed).toHaveText('')
    await dragDependency(page, table, last)
  })

  await test.step('P5 U5 a reload loses no edit', async () => {
    await page.reload()
    await expect(page.getByRole('button', { name: 'Save as version 2' })).toBeVisible()
    await expect(await cell(table, 0, 'Task')).toHaveText('Outline by hand')
  })

  await test.step('P4 approval names what it authorises; nothing starts while all is paused', async () => {
    await page.getByRole('button', { name: 'Pause all' }).click()
    await expect(page.getByRole('button', { name: 'Resume all' })).toBeVisible()
    await page.getByRole('button', { name: 'Approve, at no cost' }).click()
    await expect(page.getByRole('radiogroup', { name: 'View of the project' })).toBeVisible()
    await expect(page.getByRole('progressbar', { name: /^0 of \d+ done/ })).toBeVisible()
  })

  await test.step('E4 the project is paused and stays so while everything else goes on', async () => {
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await expect(page.getByRole('button', { name: 'Resume', exact: true })).toBeVisible()
    await page.getByRole('button', { name: 'Resume all' }).click()
    await expect(page.getByRole('button', { name: 'Pause all' })).toBeVisible()
    await expect(page.getByRole('progressbar', { name: /^0 of \d+ done/ })).toBeVisible()
  })

  await test.step('E4 E9 the project is resumed and ends with a result', async () => {
    await page.getByRole('button', { name: 'Resume', exact: true }).click()
    await expect(page.getByText('Everything in the plan was done.')).toBeVisible({ timeout: 120_000 })
  })

  await test.step('U2 S10 a file in Markdown is read as what it says, and leads to files of the project alone', async () => {
    await page.getByRole('button', { name: /^index\.md/ }).click()
    const file = page.getByRole('region', { name: 'index.md' })
    await expect(file.getByRole('heading', { level: 4 })).toBeVisible()
    await expect(file.getByText('](')).toHaveCount(0)
    await expect(file.getByRole('link')).toHaveCount(0)
    await file.getByRole('listitem').first().getByRole('button').click()
    await expect(page.getByRole('region', { name: 'outline.md' })).toBeVisible()
  })

  await test.step('U2 it is read as it is written where one wants that, also the next file', async () => {
    const source = page.getByRole('button', { name: 'Show it as it is written' })
    await source.click()
    await expect(source).toHaveAttribute('aria-pressed', 'true')
    await page.getByRole('button', { name: /^index\.md/ }).click()
    const file = page.getByRole('region', { name: 'index.md' })
    await expect(file.getByText('](', { exact: false })).toBeVisible()
    await source.click()
    await expect(file.getByText('](')).toHaveCount(0)
  })

  await test.step('U2 E7 the drawer tells the story, the context that was sent and every call', async () => {
    await page.getByRole('radio', { name: 'Board' }).click()
    await page.getByRole('button', { name: /^Outline by hand: Done/ }).click()
    const drawer = page.getByRole('complementary', { name: 'Outline by hand' })
    await expect(drawer.getByText(/Tried on demo.*Verified\./)).toBeVisible()
    await drawer.getByRole('tab', { name: 'Context' }).click()
    await expect(drawer.getByRole('region', { name: 'Prompt' })).toContainText('Outline by hand')
    await drawer.getByRole('tab', { name: 'Steps' }).click()
    await drawer
      .getByRole('button', { name: /write_file/ })
      .first()
      .click()
    await expect(drawer.getByRole('region', { name: 'Input' })).toContainText('outline.md')
    await page.keyboard.press('Escape')
    await expect(drawer).toBeHidden()
  })
})

/** Draws a dependency of the last task on the first in the graph, with the mouse, and sees it in the table. */
async function dragDependency(page: Page, table: Locator, last: number): Promise<void> {
  const firstKey = (await (await cell(table, 0, 'Key')).textContent()) ?? ''
  const lastKey = (await (await cell(table, last, 'Key')).textContent()) ?? ''
  await page.getByRole('radio', { name: 'Graph' }).click()
  const from = page.locator(`.react-flow__handle.source[data-nodeid="${firstKey}"]`)
  const to = page.locator(`.react-flow__handle.target[data-nodeid="${lastKey}"]`)
  await expect(to).toBeVisible()
  await from.dragTo(to)
  await page.getByRole('radio', { name: 'Table' }).click()
  await expect(await cell(table, last, 'After')).toHaveText(firstKey)
}

test('P5 U5 the plan is edited by keyboard: circles are refused with the reason, and everything can be undone', async ({
  host: { page },
}) => {
  const table = await proposePlan(page)
  const rows = await table.getByRole('row').count()
  const second = (await (await cell(table, 1, 'Key')).textContent()) ?? ''

  await (await cell(table, 0, 'Task')).click()
  await rewrite(table, 0, 'After', second)
  await expect(page.getByText(/that closes a circle/)).toBeVisible()
  await expect(await cell(table, 0, 'After')).toHaveText('')

  await table.focus()
  await page.keyboard.press('Control+d')
  await expect(table.getByRole('row')).toHaveCount(rows + 1)
  await page.keyboard.press('Delete')
  await expect(table.getByRole('row')).toHaveCount(rows)
  await page.keyboard.press('Control+z')
  await page.keyboard.press('Control+z')
  await expect(table.getByRole('row')).toHaveCount(rows)
  await expect(page.getByRole('button', { name: /^Save as version/ })).toBeHidden()
})

test('P5 the plan is edited as JSON: a problem is named with its line, a readable text becomes the plan', async ({
  host: { page },
}) => {
  const table = await proposePlan(page)
  await page.getByRole('radio', { name: 'JSON' }).click()
  const text = page.getByRole('textbox', { name: 'Plan as JSON' })
  const written = await text.inputValue()
  await text.fill(written.replace('"complexity": "simple"', '"complexity": "easy"'))
  await expect(
    page.getByRole('button', { name: /^Line \d+.*complexity.*Use one of simple, medium, complex/ }),
  ).toBeVisible()
  await expect(page.getByRole('button', { name: /^Approve/ })).toBeDisabled()
  await page.reload()
  await expect(text).toHaveValue(/"complexity": "easy"/)
  await text.fill(
    written.replace(/"title": "[^"]*",\n(\s*)"description"/, '"title": "Written as JSON",\n$1"description"'),
  )
  await expect(page.getByText('Reads well.')).toBeVisible()
  await page.getByRole('radio', { name: 'Table' }).click()
  await expect(await cell(table, 0, 'Task')).toHaveText('Written as JSON')
})
