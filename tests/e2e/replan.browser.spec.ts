import { expect } from '@playwright/test'
import { z } from 'zod'
import { test } from './host.ts'
import { ownerCalls } from './owner-calls.ts'

const tasksOf = z.object({ items: z.array(z.object({ state: z.string() })) })

test('P7 a person adds a task to a project that has run; what is finished is locked, and the rest goes on', async ({
  host,
}) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  const project = await make('/projects', { requirements: 'Write about gulls', profile: 'demo' })
  const one = {
    key: 'gulls',
    title: 'Write about gulls',
    type: 'writing',
    complexity: 'simple',
    artifacts: ['gulls.md'],
  }
  const plan = await make(`/projects/${project.id}/plans`, {
    document: {
      title: 'Birds',
      tasks: [one, { ...one, key: 'terns', title: 'Write about terns', artifacts: ['terns.md'] }],
    },
  })
  await ask('POST', `/plans/${plan.id}/approve`, {})
  await page.goto(`${origin}/#/projects/${project.id}`)
  await page.getByRole('button', { name: 'Change the plan' }).click()
  await page.getByRole('button', { name: 'Change the plan' }).click()
  await expect(page.getByRole('img', { name: 'Finished: it stays as it is' })).toHaveCount(2)
  const table = page.getByRole('grid', { name: 'Tasks of the plan' })
  await table.focus()
  await page.keyboard.press('Delete')
  await expect(page.getByText('“Write about gulls” has finished, so it stays as it is.')).toBeVisible()
  await table.focus()
  await page.keyboard.press('a')
  await expect(page.getByRole('status', { name: 'What the change does' })).toContainText('adds 1, removes 0')
  await page.reload()
  await expect(page.getByRole('status', { name: 'What the change does' })).toContainText('adds 1, removes 0')
  await page.getByRole('button', { name: 'Save as a proposal' }).click()
  await expect(page.getByText('Saved as version 2.')).toBeVisible()
  if (process.env['BATON_SHOTS'] !== undefined)
    await page.screenshot({ path: `${process.env['BATON_SHOTS']}/replan.png` })
  await page.getByRole('button', { name: /^Approve/ }).click()
  await expect(page.getByText('Approved. The project is running.')).toBeVisible()
  await expect
    .poll(async () => {
      const { items } = tasksOf.parse(await ask('GET', `/projects/${project.id}/tasks`))
      return items.map(({ state }) => state)
    })
    .toEqual(['succeeded', 'succeeded', 'succeeded'])
})
