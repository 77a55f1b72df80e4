import { expect } from '@playwright/test'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import { test as base } from './host.ts'
import { ownerCalls } from './owner-calls.ts'

const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
  environment: async ({}, use) => {
    const double = await startAnthropicDouble({
      queue: [
        { kind: 'refusal' },
        { kind: 'answer', tool_calls: [{ name: 'ask_user', arguments: { question: 'Which month?' } }] },
      ],
    })
    await use({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: double.url })
    await double.close()
  },
})

test('U2 the timeline shows every attempt, what it waited for, and the money as it went', async ({ host }) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  const project = await make('/projects', { requirements: 'A note', name: 'Notes' })
  const task = { key: 'note', title: 'Write a note', type: 'writing', complexity: 'medium', tools: ['ask_user'] }
  const plan = await make(`/projects/${project.id}/plans`, {
    document: { title: 'A note', tasks: [{ ...task, artifacts: [] }] },
  })
  await ask('POST', `/plans/${plan.id}/approve`, { authorise_micros: 5_000_000 })
  await page.goto(`${origin}/#/projects/${project.id}`)
  await page.getByRole('button', { name: 'Retry what failed' }).click()

  await page.getByRole('radio', { name: 'Timeline' }).click()
  const second = page.getByRole('button', { name: /Write a note.*attempt 2.*Waited .*: / })
  await expect(second).toBeVisible()
  await expect(page.getByRole('button', { name: /^Write a note: Failed, / })).toBeVisible()
  await expect(
    page.getByRole('img', { name: /^What was spent on tasks, added up over time: \$0\.\d+ in all$/ }),
  ).toBeVisible()

  await page.getByRole('link', { name: /^Inbox/ }).click()
  await page
    .getByRole('article', { name: /A model asks you/ })
    .getByLabel('Your answer')
    .fill('May')
  await page.getByRole('button', { name: 'Answer', exact: true }).click()
  await page.goto(`${origin}/#/projects/${project.id}`)
  await expect(page.getByRole('progressbar', { name: '1 of 1 done' })).toBeVisible()
  await second.click()
  await expect(page.getByRole('tab', { name: 'Overview' })).toBeVisible()
})
