import { expect, type Locator, type Page } from '@playwright/test'
import { test } from './host.ts'
import { openPlan, taskIn } from './plan-bench.ts'

const rowOf = (table: Locator, page: Page, key: string) =>
  table.getByRole('row').filter({ has: page.getByRole('checkbox', { name: `Choose ${key}:` }) })

const cellOf = (row: Locator, column: string) => row.locator(`[data-column="${column}"]`)

const keysShown = async (table: Locator): Promise<string[]> => table.locator('[data-column="key"]').allInnerTexts()

const chosen = (page: Page, count: number) => page.getByRole('region', { name: `${count} tasks chosen` })

test('P5 tasks are chosen by mouse as in any list, and changed together in one step of undo', async ({ host }) => {
  const { page } = host
  const { table, versions } = await openPlan(host, 12)
  const row = (key: string) => rowOf(table, page, key)

  await row('t2').click()
  await row('t4').click({ modifiers: ['Shift'] })
  await row('t6').click({ modifiers: ['ControlOrMeta'] })
  await row('t3').getByRole('checkbox').click()
  const form = chosen(page, 3)
  await expect(form).toContainText('t2 t4 t6')
  await form.getByLabel('Tier').selectOption('strong')
  await form.getByLabel('All wait for').fill('t1')
  await form.getByLabel('All wait for').press('Enter')
  await form.getByLabel('Done when (added to all)').fill('Every name is spelled right')
  await form.getByLabel('Done when (added to all)').press('Enter')
  await form.getByRole('button', { name: 'Take write_file from all' }).click()
  for (const key of ['t2', 't4', 't6']) await expect(row(key)).toContainText('strong')
  await expect(row('t3')).not.toContainText('strong')
  await form.getByRole('button', { name: 'Duplicate', exact: true }).click()
  await expect(table).toHaveAttribute('aria-rowcount', '16')
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(table).toHaveAttribute('aria-rowcount', '13')
  await table.getByRole('checkbox', { name: 'Choose all tasks' }).click()
  await expect(chosen(page, 12)).toBeVisible()

  await page.getByRole('button', { name: 'Save as version 2' }).click()
  await expect(page.getByText('Saved as version 2.')).toBeVisible()
  const [, second] = await versions()
  if (second === undefined) throw new Error('There is no second version')
  for (const key of ['t2', 't4', 't6'])
    expect(taskIn(second, key), key).toMatchObject({
      ...{ tier: 'strong', tools: [], acceptance: ['Every name is spelled right'], depends_on: ['t1'] },
    })
})

test('P5 what is typed goes to the tasks that were chosen while it was typed, whatever is clicked next', async ({
  host,
}) => {
  const { page } = host
  const { table, versions } = await openPlan(host, 12)
  const row = (key: string) => rowOf(table, page, key)
  const command = page.getByLabel('Check by command')

  await row('t1').click()
  await page.getByLabel('Description', { exact: true }).fill('By a click')
  await row('t2').click()
  await page.getByLabel('Description', { exact: true }).fill('By a checkbox')
  await row('t3').getByRole('checkbox').click()
  await expect(page.getByLabel('Description', { exact: true })).toHaveValue('')
  await page.getByLabel('Description', { exact: true }).fill('By all')
  await table.getByRole('checkbox', { name: 'Choose all tasks' }).click()
  await expect(chosen(page, 12)).toBeVisible()

  await row('t4').click()
  await row('t5').click({ modifiers: ['ControlOrMeta'] })
  await command.fill('ls')
  await row('t6').click({ modifiers: ['ControlOrMeta'] })
  await expect(chosen(page, 3)).toBeVisible()

  await cellOf(row('t7'), 'title').click()
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Task of t7' }).fill('Another outline')
  await row('t9').click()
  await expect(cellOf(row('t7'), 'title')).toHaveText('Another outline')
  await page.keyboard.press('Delete')
  await expect(row('t9')).toHaveCount(0)

  await page.keyboard.press('Control+s')
  await expect(page.getByText('Saved as version 2.')).toBeVisible()
  const saved = (await versions())[1]
  if (saved === undefined) throw new Error('There is no second version')
  expect(['t1', 't2', 't3'].map((key) => taskIn(saved, key).description)).toEqual([
    'By a click',
    'By a checkbox',
    'By all',
  ])
  expect(['t4', 't5', 't6'].map((key) => taskIn(saved, key).verify_command)).toEqual(['ls', 'ls', null])
  expect(saved.document.tasks).toHaveLength(11)
})

test('P5 half a comment is there again after a look elsewhere, a reload and a new version; comments follow a new key', async ({
  host,
}) => {
  const { page } = host
  const { table, versions } = await openPlan(host, 6)
  const row = (key: string) => rowOf(table, page, key)
  const comment = (key: string) => page.getByRole('textbox', { name: `Comment on ${key}` })

  await row('t3').click()
  await comment('t3').fill('Say where')
  await page.getByRole('button', { name: 'Comment', exact: true }).click()
  await expect(row('t3').getByRole('img', { name: '1 comment' })).toBeVisible()
  await comment('t3').fill('And wh')
  await row('t4').click()
  await expect(comment('t4')).toHaveValue('')
  await row('t5').click({ modifiers: ['ControlOrMeta'] })
  await row('t3').click()
  await expect(comment('t3')).toHaveValue('And wh')

  await cellOf(row('t3'), 'key').click()
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Key of t3' }).fill('owl')
  await page.keyboard.press('Enter')
  await expect(row('owl').getByRole('img', { name: '1 comment' })).toBeVisible()
  await page.reload()
  await row('owl').click()
  await expect(comment('owl')).toHaveValue('And wh')

  await page.keyboard.press('Control+s')
  await expect(page.getByText('Saved as version 2.')).toBeVisible()
  await expect(row('owl').getByRole('img', { name: '1 comment' })).toBeVisible()
  expect((await versions())[1]?.comments).toMatchObject([{ task: 'owl', text: 'Say where' }])
  await row('owl').click()
  await expect(comment('owl')).toHaveValue('And wh')
})

test('P5 a row that is scrolled out of sight while it is dragged is let go like any other', async ({ host }) => {
  const { page } = host
  const { table } = await openPlan(host, 120)
  const grip = page.locator('[data-grip="t1"]')
  await rowOf(table, page, 't1').hover()
  const from = await grip.boundingBox()
  if (from === null) throw new Error('The grip is out of sight')
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(from.x + 60, from.y + 80, { steps: 5 })
  await table.evaluate((grid) => grid.scrollTo({ top: grid.scrollHeight }))
  await expect(rowOf(table, page, 't120')).toBeVisible()
  await expect(grip).toBeAttached()
  // Outside the table, where nothing takes it.
  await page.mouse.move(from.x, 8, { steps: 5 })
  await page.mouse.up()
  await expect(grip).not.toBeAttached()
})

test('P5 rows are dragged to another place, and onto a task that is to wait for them; a circle is refused', async ({
  host,
}) => {
  const { page } = host
  const { table } = await openPlan(host, 12)
  const grip = (key: string) => page.locator(`[data-grip="${key}"]`)
  const row = (key: string) => rowOf(table, page, key)

  await row('t5').getByRole('checkbox').click()
  await row('t1').getByRole('checkbox').click()
  await expect(chosen(page, 2)).toContainText('t1 t5')
  await row('t5').hover()
  await grip('t5').dragTo(cellOf(row('t3'), 'title'), { targetPosition: { x: 40, y: 4 } })
  await expect.poll(() => keysShown(table)).toEqual(['t2', 't1', 't5', 't3', 't4', ...rest(6, 12)])

  await row('t4').hover()
  await grip('t4').dragTo(cellOf(row('t3'), 'depends_on'))
  await expect(cellOf(row('t3'), 'depends_on')).toHaveText('t1, t4')

  await row('t3').hover()
  await grip('t3').dragTo(cellOf(row('t1'), 'depends_on'))
  await expect(page.getByText(/t1 cannot depend on t3: that closes a circle \(t1 → t3 → t1\)/)).toBeVisible()
  await expect(cellOf(row('t1'), 'depends_on')).toHaveText('')
})

function rest(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `t${from + index}`)
}

test('P5 in the graph, a dependency ends anywhere on a task; clicks and a box choose several', async ({ host }) => {
  const { page } = host
  const { table } = await openPlan(host, 6)
  await page.getByRole('radio', { name: 'Graph' }).click()
  const node = (key: string) => page.locator(`[data-node="${key}"]`)
  const handle = (key: string) => page.locator(`.react-flow__handle.source[data-nodeid="${key}"]`)

  await handle('t2').dragTo(node('t3'), { targetPosition: { x: 150, y: 30 } })
  // A line that is drawn from close to the edge pans the view for as long as the pointer stays there.
  await page.getByRole('button', { name: 'Fit View' }).click()
  await handle('t3').dragTo(node('t2'), { targetPosition: { x: 150, y: 30 } })
  await expect(page.getByText(/^t2 cannot depend on t3: that closes a circle/)).toBeVisible()

  await node('t4').click()
  await node('t6').click({ modifiers: ['ControlOrMeta'] })
  await expect(chosen(page, 2)).toContainText('t4 t6')
  await expect(node('t6')).toHaveAttribute('aria-pressed', 'true')

  const [first, last] = [await node('t4').boundingBox(), await node('t5').boundingBox()]
  if (first === null || last === null) throw new Error('A task is out of sight')
  await page.keyboard.down('Shift')
  await page.mouse.move(first.x - 12, first.y - 6)
  await page.mouse.down()
  await page.mouse.move(last.x + 40, last.y + 20, { steps: 5 })
  await page.mouse.up()
  await page.keyboard.up('Shift')
  await expect(chosen(page, 2)).toContainText('t4 t5')
  await chosen(page, 2).getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('radio', { name: 'Table' }).click()
  await expect.poll(() => keysShown(table)).toEqual(['t1', 't2', 't3', 't6'])
  await expect(cellOf(rowOf(table, page, 't3'), 'depends_on')).toHaveText('t1, t2')
})

test('P5 a comment stays with its version over a reload; any two versions are compared in words', async ({ host }) => {
  const { page } = host
  const { table } = await openPlan(host, 6)
  const row = (key: string) => rowOf(table, page, key)
  await row('t3').click()
  await page.getByRole('textbox', { name: 'Comment on t3' }).fill('Say where it can be heard')
  await page.getByRole('button', { name: 'Comment', exact: true }).click()
  await expect(row('t3').getByRole('img', { name: '1 comment' })).toBeVisible()
  await page.reload()
  await expect(row('t3').getByRole('img', { name: '1 comment' })).toBeVisible()

  await row('t3').click()
  await page.keyboard.press('Delete')
  await row('t2').click()
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Control+s')
  await expect(page.getByText('Saved as version 2.')).toBeVisible()
  await row('t6').click()
  await page.keyboard.press('Control+d')

  await page.getByRole('button', { name: 'Version 2, edited' }).click()
  const dialog = page.getByRole('dialog', { name: 'Compare versions of the plan' })
  await expect(dialog).toContainText('1 task added, 0 removed, 0 changed, 5 the same. 1 dependency added, 0 removed.')
  await expect(dialog.getByText('Comments on version 1')).toBeHidden()
  await dialog.getByLabel('From', { exact: true }).selectOption({ label: await optionLike(dialog, /^Version 1,/) })
  await dialog.getByLabel('To', { exact: true }).selectOption({ label: await optionLike(dialog, /^Version 2,/) })
  await expect(dialog).toContainText(
    '0 tasks added, 1 removed, 1 changed, 4 the same. 0 dependencies added, 2 removed.',
  )
  await expect(dialog.getByRole('rowheader', { name: 'Removed t3 Write on the Blackbird' })).toBeVisible()
  await expect(dialog.getByRole('row', { name: 'After no longer: t1 nothing' })).toBeVisible()
  await expect(dialog.getByText('Comments on version 1')).toBeVisible()
  await expect(dialog.getByText('Say where it can be heard')).toBeVisible()
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Ask for a revision' }).click()
  await expect(page.getByRole('button', { name: 'Send to the planner' })).toBeDisabled()
})

async function optionLike(dialog: Locator, wanted: RegExp): Promise<string> {
  const labels = await dialog.getByLabel('From', { exact: true }).locator('option').allInnerTexts()
  const found = labels.find((label) => wanted.test(label))
  if (found === undefined) throw new Error(`No version reads ${wanted}: ${labels.join(' | ')}`)
  return found
}
