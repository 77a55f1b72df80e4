import { expect } from '@playwright/test'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { test as base } from './host.ts'
import { ownerCalls } from './owner-calls.ts'

function calls(name: string, given: Record<string, unknown>): Behaviour {
  return { kind: 'answer', text: '', tool_calls: [{ name, arguments: given }] }
}

const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
  environment: async ({}, use) => {
    const double = await startAnthropicDouble({
      queue: [
        calls('ask_user', { question: 'Which <b>colour</b>?', options: ['brown', 'white'] }),
        calls('ask_user', { question: 'And how many?' }),
        calls('ask_user', { question: 'Sure?' }),
        calls('write_file', { path: 'note.md', content: 'Seven white owls.\n' }),
      ],
      default: { kind: 'answer', text: 'Done.' },
    })
    await use({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: double.url })
    await double.close()
  },
})

test('T2 U2 a person answers a question by an option, in own words, or leaves it to the model', async ({ host }) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  const project = await make('/projects', { requirements: 'A note', name: 'Notes' })
  const task = { key: 'note', title: 'Write a note', type: 'writing', complexity: 'medium', tools: ['ask_user'] }
  const plan = await make(`/projects/${project.id}/plans`, {
    document: { title: 'A note', tasks: [{ ...task, artifacts: ['note.md'] }] },
  })
  await ask('POST', `/plans/${plan.id}/approve`, { authorise_micros: 5_000_000 })

  await page.goto(`${origin}/#/inbox`)
  const card = page.getByRole('article', { name: /A model asks you/ })
  await expect(card).toContainText('Which <b>colour</b>?')
  await card.getByRole('button', { name: 'white' }).click()
  await expect(card).toContainText('And how many?')
  await card.getByLabel('Your answer').fill('seven, dear')
  await card.getByRole('button', { name: 'Answer', exact: true }).click()
  await expect(card).toContainText('Sure?')
  await card.press('d')
  await expect(card).toBeHidden()
  await expect(page.getByText('Nothing needs you')).toBeVisible()
})
