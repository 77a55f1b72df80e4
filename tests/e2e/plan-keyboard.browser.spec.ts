import { expect, type Page } from '@playwright/test'
import type { Plan } from '../../src-contract/plan.ts'
import { test } from './host.ts'
import { openPlan, taskIn } from './plan-bench.ts'

/** Presses keys and counts them; a key held with another is one more. */
function keyboard(page: Page) {
  let strokes = 0
  return {
    async press(key: string, times = 1): Promise<void> {
      strokes += times * key.split('+').length
      for (let time = 0; time < times; time += 1) await page.keyboard.press(key)
    },
    async type(text: string): Promise<void> {
      strokes += text.length
      await page.keyboard.type(text)
    },
    get strokes() {
      return strokes
    },
  }
}

/** Ctrl-F, two letters that find the place, Enter. */
const FIND = 5
/** Finding a task, marking all of it, copying and pasting it, and giving the copy a key and a title. */
const COPY = FIND + 12 + 4 + 4
/** Finding a task, marking all of it, deleting it. */
const REMOVE = FIND + 12 + 1

/**
 * Fewer strokes than anybody needs who changes one version into the other in a text editor: each field is found and
 * gets the letters that it has more than before, new tasks are pasted. Comments, undo and refused edits count for nothing.
 */
function strokesAsText(before: Plan, after: Plan): number {
  const old = new Map(before.document.tasks.map((task) => [task.key, task]))
  const kept = new Set(after.document.tasks.map(({ key }) => key))
  let strokes = before.document.tasks.filter(({ key }) => !kept.has(key)).length * REMOVE
  for (const task of after.document.tasks) {
    const was = old.get(task.key)
    strokes += was === undefined ? COPY : 0
    for (const field of was === undefined ? [] : (['title', 'tier', 'tools', 'depends_on'] as const)) {
      const [one, other] = [JSON.stringify(was?.[field]), JSON.stringify(task[field])]
      if (one !== other) strokes += FIND + Math.max(1, other.length - one.length)
    }
  }
  return strokes
}

test('P5 U5 a plan of 30 tasks is changed by keyboard only, in fewer strokes than as a text', async ({
  host,
}, info) => {
  const { page } = host
  const { table, versions } = await openPlan(host, 30)
  await expect(table).toBeFocused()
  const keys = keyboard(page)
  const row = (key: string) =>
    table.getByRole('row').filter({ has: page.getByRole('checkbox', { name: `Choose ${key}:` }) })
  const isChosen = (count: number) => expect(page.getByRole('region', { name: `${count} tasks chosen` })).toBeVisible()

  await test.step('a title', async () => {
    await keys.type('4')
    await keys.press('Enter')
    await keys.type('Write on the Magpie')
    await keys.press('Enter')
    await expect(row('t4')).toContainText('Write on the Magpie')
  })
  await test.step('the tier of six, and a tool for them', async () => {
    await keys.type('8')
    await keys.press('Shift+ArrowDown', 5)
    await isChosen(6)
    await keys.press('ArrowRight', 3)
    await keys.press('Enter')
    await keys.type('l')
    await expect(row('t13')).toContainText('local')
    await keys.press('e')
    await keys.press('Tab', 3)
    await expect(page.getByLabel('Give all a tool')).toBeFocused()
    await keys.type('fetch_url')
    await keys.press('Enter')
    await expect(page.getByRole('list', { name: 'Tools they have' })).toContainText('fetch_url')
    await keys.press('Escape')
  })
  await test.step('a removal, which is told', async () => {
    await keys.type('19')
    await keys.press('Delete')
    await expect(page.getByText('t19 removed; t20, t21, t22 and 2 more now depend on', { exact: false })).toBeVisible()
  })
  await test.step('a dependency for four', async () => {
    await keys.type('26')
    await keys.press('Shift+ArrowDown', 3)
    await isChosen(4)
    await keys.press('ArrowRight')
    await keys.press('Enter')
    await keys.press('End')
    await keys.type(' t2')
    await keys.press('Enter')
    await expect(row('t29')).toContainText('t2')
  })
  await test.step('a circle, which is refused with the reason', async () => {
    await keys.type('1')
    await keys.press('Enter')
    await keys.type('t30')
    await keys.press('Enter')
    await expect(page.getByText(/^t1 cannot depend on t30: that closes a circle/)).toBeVisible()
  })
  await test.step('another place for one', async () => {
    await keys.type('30')
    await keys.press('Alt+ArrowUp', 3)
  })
  await test.step('copies of three, and a chain of three', async () => {
    await keys.type('2')
    await keys.press('Shift+ArrowDown', 2)
    await isChosen(3)
    await keys.press('Control+d')
    await expect(table).toHaveAttribute('aria-rowcount', '33')
    await keys.type('14')
    await keys.press('Shift+ArrowDown', 2)
    await isChosen(3)
    await keys.press('Tab')
  })
  await test.step('a new task', async () => {
    await keys.type('12')
    await keys.press('a')
    await keys.type('Check every link')
    await keys.press('Enter')
    await expect(table).toContainText('Check every link')
  })
  await test.step('one step of undo and redo for each', async () => {
    await keys.press('Control+z', 3)
    await expect(table).toHaveAttribute('aria-rowcount', '33')
    await expect(table).not.toContainText('Check every link')
    await keys.press('Control+y', 3)
    await expect(table).toContainText('Check every link')
  })
  await test.step('a comment', async () => {
    await keys.type('3')
    await keys.press('c')
    await keys.type('With a photo')
    await keys.press('Control+Enter')
    await expect(page.getByRole('region', { name: 'Comments on t3' })).toContainText('With a photo')
    await keys.press('Escape')
  })
  await keys.press('Control+s')
  await expect(page.getByText('Saved as version 2.')).toBeVisible()

  const [first, second] = await versions()
  if (first === undefined || second === undefined) throw new Error('There is no second version')
  const order = second.document.tasks.map(({ key }) => key)
  expect(taskIn(second, 't4').title).toBe('Write on the Magpie')
  for (const key of ['t8', 't9', 't10', 't11', 't12', 't13'])
    expect(taskIn(second, key), key).toMatchObject({ tier: 'local', tools: ['write_file', 'fetch_url'] })
  expect(order).not.toContain('t19')
  expect(taskIn(second, 't20').depends_on).toEqual(taskIn(first, 't19').depends_on)
  for (const key of ['t26', 't27', 't28', 't29']) expect(taskIn(second, key).depends_on, key).toEqual(['t25', 't2'])
  expect(taskIn(second, 't1').depends_on).toEqual([])
  expect(order.indexOf('t30')).toBe(order.indexOf('t26') + 1)
  const copies = second.document.tasks.filter(({ title }) => title.endsWith('(copy)'))
  expect(copies.map(({ depends_on }) => depends_on)).toEqual([['t1'], ['t1'], ['t1']])
  expect(taskIn(second, 't14').depends_on).toContain('t13')
  expect(taskIn(second, 't16').depends_on).toContain('t15')
  expect(second.document.tasks[order.indexOf('t12') + 1]?.title).toBe('Check every link')
  expect([first.comments.length, second.comments.length]).toEqual([1, 1])
  const asText = strokesAsText(first, second)
  info.annotations.push({ type: 'strokes', description: `${keys.strokes} here, at least ${asText} as a text` })
  expect(keys.strokes).toBeLessThan(asText)
})
