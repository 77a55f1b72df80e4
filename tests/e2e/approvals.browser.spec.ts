import { expect } from '@playwright/test'
import { whyNoSandboxHere } from '../../src-main/core/sandbox/sandbox-bench.ts'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { test as base } from './host.ts'
import { ownerCalls } from './owner-calls.ts'

const COMMAND = 'echo one > note.md; echo two >> note.md'
const absent = await whyNoSandboxHere()

function runs(command: string): Behaviour {
  return { kind: 'answer', text: '', tool_calls: [{ name: 'run_command', arguments: { command } }] }
}

const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
  environment: async ({}, use) => {
    const double = await startAnthropicDouble({
      queue: [runs(COMMAND), runs('rm note.md; echo gone')],
      default: { kind: 'answer', text: 'Done.' },
    })
    await use({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: double.url })
    await double.close()
  },
})

test('T5 U2 a person reads in the inbox exactly what a model wants to run, allows the one and denies the other', async ({
  host,
}) => {
  test.skip(absent !== null, absent ?? '')
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  const project = await make('/projects', { requirements: 'A note', name: 'Notes' })
  const task = { key: 'note', title: 'Write a note', type: 'writing', complexity: 'medium', tools: ['run_command'] }
  const plan = await make(`/projects/${project.id}/plans`, {
    document: { title: 'A note', tasks: [{ ...task, artifacts: ['note.md'] }] },
  })
  await ask('POST', `/plans/${plan.id}/approve`, { authorise_micros: 5_000_000 })

  await page.goto(`${origin}/#/inbox`)
  const card = page.getByRole('article', { name: /A model asks to call run_command/ })
  await expect(card.getByRole('region', { name: 'What would be done' })).toContainText(COMMAND)
  await card.press('a')
  await expect(card.getByRole('region', { name: 'What would be done' })).toContainText('rm note.md; echo gone')
  await card.getByRole('button', { name: 'Deny' }).click()
  await expect(card).toBeHidden()
  await expect(page.getByText('Nothing needs you')).toBeVisible()
  await page.goto(`${origin}/#/settings/work`)
  await expect(
    page.getByRole('form', { name: 'Commands' }).getByLabel('Commands that are not on the list'),
  ).toHaveValue('ask')
})
