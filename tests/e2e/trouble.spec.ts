import { expect, type Page } from '@playwright/test'
import { type DoubleProcess, startDoubleProcess } from '../support/double-process.ts'
import { test as base } from './host.ts'

/** `test` with a Baton whose only model is the double of Anthropic. */
const test = base.extend<{ double: DoubleProcess }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needs of a fixture from this pattern
  double: async ({}, use) => {
    const double = await startDoubleProcess('anthropic')
    await use(double)
    await double.close()
  },
  environment: async ({ double }, use) => {
    await use({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: double.url })
  },
})

const DONE = { timeout: 120_000 }

/** Writes a plan of so many tasks as text over the planner's one, and approves it while all is paused. */
async function approvePlan(page: Page, count: number): Promise<void> {
  await page.getByRole('link', { name: 'New project' }).first().click()
  await page.getByLabel('What do you want?').fill('Notes about birds')
  await page.getByRole('button', { name: 'Create and plan' }).click()
  await expect(page.getByRole('grid', { name: 'Tasks of the plan' })).toBeVisible(DONE)
  await page.getByRole('radio', { name: 'JSON' }).click()
  const tasks = Array.from({ length: count }, (_, index) => ({
    key: `note-${index}`,
    title: `Note ${index}`,
    description: '',
    type: 'writing',
    complexity: 'medium',
    tier: 'fast',
    tools: [],
    depends_on: [],
    acceptance: [],
    verify_command: null,
    write_scope: [],
    artifacts: [`note-${index}.md`],
  }))
  const text = page.getByRole('textbox', { name: 'Plan as JSON' })
  await text.fill(JSON.stringify({ title: 'Notes', summary: '', tasks }))
  await expect(page.getByText('Reads well.')).toBeVisible()
  await page.getByRole('button', { name: 'Pause all' }).click()
  await expect(page.getByRole('button', { name: 'Resume all' })).toBeVisible()
  await page.getByRole('button', { name: /Approve/ }).click()
  await expect(page.getByRole('radiogroup', { name: 'View of the project' })).toBeVisible()
}

/** What the strip says was spent today, in dollars. */
async function spentToday(page: Page): Promise<number> {
  const strip = await page.getByRole('region', { name: 'Status' }).textContent()
  return Number(/Today\s*\$([\d.]+)/.exec(strip ?? '')?.[1])
}

async function openInbox(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Inbox' }).first().click()
}

test('B1 B4 the budget stops five calls side by side: what, why and how much is said; raised, the work is done', async ({
  host: { page },
}) => {
  await test.step('nothing starts before the limit is set', async () => {
    await approvePlan(page, 5)
    const limit = ((await spentToday(page)) + 0.02).toFixed(4)
    await page.getByRole('link', { name: 'Settings', exact: true }).click()
    await page.getByLabel('Per day, $').fill(limit)
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByRole('region', { name: 'Status' })).toContainText(`/ $${limit}`)
    await page.getByRole('button', { name: 'Resume all' }).click()
  })
  await test.step('the inbox says what stopped', async () => {
    await openInbox(page)
    const card = page.getByRole('article', { name: /^Stopped by the budget/ })
    await expect(card).toContainText(
      /Today.s limit of \$0\.\d+ is reached.*is spent and the next call may cost up to \$/,
      DONE,
    )
    // No moment is shown as machines write it.
    await expect(card).not.toContainText(/T\d\d:\d\d:\d\d/)
    await card.getByRole('button', { name: /^Open/ }).click()
  })
  await test.step('the project page raises the limit', async () => {
    await expect(page.getByRole('region', { name: 'Stopped by the budget' })).toBeVisible()
    const amount = page.getByRole('textbox', { name: 'to $' })
    await amount.fill('0.0001')
    await expect(page.getByRole('alert')).toContainText('write more than that')
    await expect(page.getByRole('button', { name: 'Raise and go on' })).toBeDisabled()
    await amount.fill('4.00')
    await page.getByRole('button', { name: 'Raise and go on' }).click()
    await expect(page.getByText('Everything in the plan was done.')).toBeVisible(DONE)
    await expect(page.getByRole('region', { name: 'Status' })).toContainText('/ $4.00')
  })
})

test('B4 R1 a provider without credit stops the work with what to do; with credit it goes on', async ({
  host: { page },
  double,
}) => {
  await approvePlan(page, 2)
  await double.setDefault({ kind: 'no_credit' })
  await page.getByRole('button', { name: 'Resume all' }).click()
  await openInbox(page)
  const card = page.getByRole('article', { name: /^A model or service cannot be used/ })
  await expect(card).toContainText(/credit balance is too low.*Add credit/, DONE)
  await double.setDefault({ kind: 'answer' })
  await card.getByRole('button', { name: /^Go on/ }).click()
  await expect(page.getByRole('heading', { name: 'Finished lately' })).toBeVisible(DONE)
})

test('B2 B5 a lost reply of a paid call is counted in full, shown as unconfirmed, and corrected', async ({
  host: { page },
  double,
}) => {
  await approvePlan(page, 1)
  await double.script({ kind: 'stream_cut' })
  await page.getByRole('button', { name: 'Resume all' }).click()
  await expect(page.getByText('Everything in the plan was done.')).toBeVisible(DONE)
  const before = await spentToday(page)

  await page.getByRole('link', { name: 'Usage', exact: true }).click()
  await page.getByRole('button', { name: 'Show these calls' }).click()
  await page.getByRole('button', { name: 'unconfirmed: correct' }).click()
  const dialog = page.getByRole('dialog', { name: 'What did this call cost?' })
  await dialog.getByLabel('Billed, $').fill('1000')
  await expect(dialog.getByText(/cannot have cost more than/)).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled()
  await dialog.getByLabel('Billed, $').fill('0.0001')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Every call is confirmed.')).toBeVisible()
  await page.getByRole('radio', { name: 'Task', exact: true }).click()
  await expect(page.getByRole('table', { name: 'Task' }).getByText('planning and summaries')).toBeVisible()
  await expect.poll(() => spentToday(page)).toBeLessThan(before)
  await openInbox(page)
  await expect(page.getByText('Nothing needs you')).toBeVisible()
})
