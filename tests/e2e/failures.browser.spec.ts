import { expect } from '@playwright/test'
import { z } from 'zod'
import type { Behaviour } from '../doubles/behaviour.ts'
import { type DoubleProcess, startDoubleProcess } from '../support/double-process.ts'
import { test as base } from './host.ts'
import { ownerCalls } from './owner-calls.ts'

/** `test` with a Baton whose paid model says "Done." without writing anything. */
const test = base.extend<{ paid: DoubleProcess }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needs of a fixture from this pattern
  paid: async ({}, use) => {
    const double = await startDoubleProcess('anthropic', { default: { kind: 'answer', text: 'Done.' } })
    await use(double)
    await double.close()
  },
  environment: async ({ paid }, use) => {
    await use({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: paid.url })
  },
})

/** The same with a local model that never answers. */
const endlessly = test.extend({
  environment: async ({ environment }, use) => {
    const double = await startDoubleProcess('ollama', { default: { kind: 'hang' } })
    await use({ ...environment, OLLAMA_HOST: double.url })
    await double.close()
  },
})

const writes: Behaviour = {
  kind: 'answer',
  text: '',
  tool_calls: [{ name: 'write_file', arguments: { path: 'note.md', content: 'Seven owls.\n' } }],
}
const statusOf = z.object({ day: z.object({ reserved_micros: z.number() }) })
const kind = { type: 'writing', complexity: 'medium', tier: 'strong', acceptance: [] }
const note = { ...kind, key: 'note', title: 'Write a note', artifacts: ['note.md'] }
const index = { ...kind, key: 'index', title: 'Write the index', depends_on: ['note'] }

test('U2 E4 work whose checks failed is decided in the inbox: retried, it is done', async ({ host, paid }) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  const project = await make('/projects', { requirements: 'A note', name: 'Notes' })
  const plan = await make(`/projects/${project.id}/plans`, { document: { title: 'A note', tasks: [note, index] } })
  await ask('POST', `/plans/${plan.id}/approve`, { authorise_micros: 9_000_000 })
  await page.goto(`${origin}/#/inbox`)
  const card = page.getByRole('article', { name: 'Work failed: Notes' })
  await expect(card).toContainText('note.md', { timeout: 120_000 })
  await expect(card).toContainText('Finished steps stay')

  await paid.script(writes)
  await card.getByRole('button', { name: 'Retry what failed' }).click()
  await expect(card).toBeHidden()
  await expect(page.getByRole('region', { name: 'Finished lately' }).getByText('Notes')).toBeVisible({
    timeout: 120_000,
  })
  await expect(page.getByText('Nothing needs you')).toBeVisible()
})

endlessly('U2 E4 what failed is told while the rest goes on, and left out by a letter', async ({ host }) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  const project = await make('/projects', { requirements: 'A note', name: 'Notes' })
  const endless = { ...kind, key: 'endless', title: 'Think for long', tier: 'local' }
  const plan = await make(`/projects/${project.id}/plans`, {
    document: { title: 'A note', tasks: [note, index, endless] },
  })
  await ask('POST', `/plans/${plan.id}/approve`, { authorise_micros: 9_000_000 })
  await page.goto(`${origin}/#/inbox`)
  const card = page.getByRole('article', { name: 'A part of the work failed: Notes' })
  await expect(card).toContainText('1 task failed, and 1 task cannot begin without. The rest goes on.', {
    timeout: 120_000,
  })
  await card.press('s')
  await expect(card).toBeHidden()
  const under = page.getByRole('region', { name: 'Under way' })
  await expect(under.getByText('Notes')).toBeVisible()
  // Else the end of Baton waits for the model.
  await ask('POST', `/projects/${project.id}/cancel`, {})
})

test('U2 E4 a task that is paused at work finishes its step, and its project goes on from the inbox', async ({
  host,
  paid,
}) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  await paid.script(writes)
  paid.freeze()
  const project = await make('/projects', { requirements: 'A note', name: 'Notes' })
  const plan = await make(`/projects/${project.id}/plans`, {
    document: { title: 'A note', tasks: [{ ...note, artifacts: [] }] },
  })
  await ask('POST', `/plans/${plan.id}/approve`, { authorise_micros: 9_000_000 })
  await page.goto(`${origin}/#/projects/${project.id}`)
  await page.getByRole('button', { name: /^Write a note: Running/ }).click()
  const drawer = page.getByRole('complementary', { name: 'Write a note' })
  // Its step is under way: the double is frozen and cannot tell, so the money that is set aside does.
  const reserved = async () => statusOf.parse(await ask('GET', '/status')).day.reserved_micros
  await expect.poll(reserved, { timeout: 60_000 }).toBeGreaterThan(0)
  await drawer.getByRole('button', { name: 'Pause', exact: true }).click()
  await expect(drawer).toContainText('Pauses when its step is done')
  await expect(drawer.getByRole('img', { name: 'Paused' })).toBeHidden()
  paid.thaw()
  await expect(drawer).toContainText('Paused by you.')
  expect((await paid.report()).calls.map(({ behaviour, outcome }) => `${behaviour} ${outcome}`)).toContain(
    'answer answered',
  )

  await page.goto(`${origin}/#/inbox`)
  const card = page.getByRole('article', { name: 'Work waits: Notes' })
  await expect(card).toContainText('One task is paused by you.')
  await card.getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByRole('region', { name: 'Finished lately' }).getByText('Notes')).toBeVisible()
})

test('U2 E4 work that failed by a wrong check is given another check and retried', async ({ host }) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  const project = await make('/projects', { requirements: 'A note', name: 'Notes' })
  const checked = { ...note, artifacts: [], verify_command: 'echo seven owls are missing; exit 1' }
  const plan = await make(`/projects/${project.id}/plans`, { document: { title: 'A note', tasks: [checked] } })
  await ask('POST', `/plans/${plan.id}/approve`, { authorise_micros: 9_000_000 })
  // The only task of this Baton.
  await page.goto(`${origin}/#/projects/${project.id}/tasks/tsk_1`)
  const drawer = page.getByRole('complementary', { name: 'Write a note' })
  await drawer.getByRole('button', { name: 'Edit and retry' }).click({ timeout: 120_000 })
  const dialog = page.getByRole('dialog', { name: 'Write a note' })
  await expect(dialog.getByLabel('Check by command')).toHaveValue(checked.verify_command)
  await dialog.getByLabel('Check by command').fill('true')
  await dialog.getByRole('button', { name: 'Save and retry' }).click()
  await expect(dialog).toBeHidden()
  await expect(drawer).toContainText('Verified.', { timeout: 120_000 })
})

test('E3 U6 a project that only a provider can let go on offers no button that does nothing', async ({
  host,
  paid,
}) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  await paid.setDefault({ kind: 'rate_limit', retry_after_s: 3_600 })
  const project = await make('/projects', { requirements: 'A note', name: 'Notes' })
  const plan = await make(`/projects/${project.id}/plans`, { document: { title: 'A note', tasks: [note] } })
  await ask('POST', `/plans/${plan.id}/approve`, { authorise_micros: 9_000_000 })
  await page.goto(`${origin}/#/projects/${project.id}`)
  await expect(page.getByRole('heading', { level: 1, name: 'Notes' })).toBeVisible()
  await expect(page.getByText('Goes on at').first()).toBeVisible({ timeout: 120_000 })
  await expect(page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Go on' })).toBeHidden()
  await page.goto(`${origin}/#/inbox`)
  const row = page.getByRole('region', { name: 'Under way' }).getByRole('link', { name: 'Notes' })
  await expect(row).toContainText('A provider asks for a pause')
  await expect(row).toContainText('Goes on at')
  await expect(page.getByText('Nothing needs you')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Inbox', exact: true })).toBeVisible()
  expect(await ask('GET', '/status')).toMatchObject({ needs_you: 0 })
  await page.screenshot({ path: 'test-results/inbox-passing.png' })
})

test('B4 U2 a first plan that the budget stops is paid for from the inbox', async ({ host, paid }) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  await paid.setDefault({ kind: 'answer' })
  const project = await make('/projects', { requirements: 'A note', name: 'Notes', budget_micros: 1 })
  await ask('POST', `/projects/${project.id}/plan`)
  await page.goto(`${origin}/#/inbox`)
  const card = page.getByRole('article', { name: 'Stopped by the budget: Notes' })
  await card.getByRole('textbox', { name: 'to $' }).fill('2')
  await page.screenshot({ path: 'test-results/inbox-plan-budget.png' })
  await card.getByRole('button', { name: 'Raise and go on' }).click()
  await expect(page.getByRole('article', { name: 'A plan is ready: Notes' })).toBeVisible({ timeout: 120_000 })
})

test('E4 U6 a project that asks something leads to the inbox to answer', async ({ host, paid }) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  await paid.script({
    kind: 'answer',
    text: '',
    tool_calls: [{ name: 'ask_user', arguments: { question: 'Owls or terns?' } }],
  })
  const project = await make('/projects', { requirements: 'A note', name: 'Notes' })
  const plan = await make(`/projects/${project.id}/plans`, { document: { title: 'A note', tasks: [note] } })
  await ask('POST', `/plans/${plan.id}/approve`, { authorise_micros: 9_000_000 })
  await page.goto(`${origin}/#/projects/${project.id}`)
  await page.getByRole('button', { name: 'Answer in the inbox', exact: true }).click({ timeout: 120_000 })
  await expect(page.getByText('Owls or terns?')).toBeVisible()
})

test('U6 code of the page that could not be fetched is fetched again when the page is opened again', async ({
  host,
  paid,
}) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  await paid.script(writes)
  const project = await make('/projects', { requirements: 'A note', name: 'Notes' })
  const plan = await make(`/projects/${project.id}/plans`, { document: { title: 'A note', tasks: [note] } })
  await ask('POST', `/plans/${plan.id}/approve`, { authorise_micros: 9_000_000 })
  const state = async () => z.object({ state: z.string() }).parse(await ask('GET', `/projects/${project.id}`)).state
  await expect.poll(state, { timeout: 120_000 }).toBe('succeeded')
  await page.route('**/markdown-*.js', (route) => route.abort())
  await page.goto(`${origin}/#/projects/${project.id}`)
  await expect(page.getByText('This page failed to draw itself.')).toBeVisible()
  await page.unroute('**/markdown-*.js')
  await page.goto(`${origin}/#/projects`)
  await page.getByRole('link', { name: 'Notes' }).click()
  await expect(page.getByRole('region', { name: 'Result' }).getByText('Done.')).toBeVisible()
})

test('U6 a project that is deleted elsewhere is not shown as if it were there', async ({ host }) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  const project = await make('/projects', { requirements: 'A note', name: 'Notes' })
  await page.goto(`${origin}/#/projects/${project.id}`)
  await expect(page.getByRole('heading', { level: 1, name: 'Notes' })).toBeVisible()
  await ask('DELETE', `/projects/${project.id}`)
  await expect(page.getByRole('heading', { name: 'This project is not there' })).toBeVisible()
  await page.goto(`${origin}/#/projects/${project.id}/plan`)
  await expect(page.getByRole('heading', { name: 'This project is not there' })).toBeVisible()
  await page.getByRole('button', { name: 'All projects' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Projects' })).toBeVisible()
})

test('B2 E4 a paid call that a person broke off is told as that, and its cost is theirs to say', async ({
  host,
  paid,
}) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  await paid.setDefault({ kind: 'hang' })
  const project = await make('/projects', { requirements: 'A note', name: 'Notes' })
  const plan = await make(`/projects/${project.id}/plans`, { document: { title: 'A note', tasks: [note] } })
  await ask('POST', `/plans/${plan.id}/approve`, { authorise_micros: 9_000_000 })
  await expect
    .poll(async () => (await paid.report()).calls.filter(({ path }) => path === '/v1/messages').length, {
      timeout: 60_000,
    })
    .toBeGreaterThan(0)
  await ask('POST', `/projects/${project.id}/cancel`)
  await page.goto(`${origin}/#/inbox`)
  const card = page.getByRole('article', { name: /^A paid call was broken off: Notes/ })
  await expect(card).toContainText('Its work was stopped before')
  await card.getByRole('button', { name: /^Keep / }).click()
  await expect(card).toBeHidden()
})
