import { expect } from '@playwright/test'
import { mixedTasks, type SharedCard, startSharedCard } from '../support/gpu-bench.ts'
import { test as base } from './host.ts'
import { ownerCalls } from './owner-calls.ts'

const test = base.extend<{ hold: { on: boolean }; shared: SharedCard }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
  hold: async ({}, use) => use({ on: true }),
  shared: async ({ hold }, use) => {
    const shared = await startSharedCard({ comfyui: { default: { kind: 'answer', isHeld: () => hold.on } } })
    await use(shared)
    await shared.close()
  },
  environment: async ({ shared }, use) => {
    await use({ OLLAMA_HOST: shared.ollama.url, COMFYUI_URL: shared.comfyui.url })
  },
})

test('H5 an image is watched while it is made and looked at when it is there; H3 the card has a name on it', async ({
  host,
  hold,
}) => {
  const { page } = host
  const { origin, ask, make } = ownerCalls(host)
  const project = await make('/projects', { requirements: 'A note and a picture', local_only: true })
  const tasks = mixedTasks(2).map((task) => ({
    title: `Make ${task.key}`,
    type: 'writing',
    complexity: 'simple',
    ...task,
  }))
  const plan = await make(`/projects/${project.id}/plans`, { document: { title: 'Two', tasks } })
  await ask('POST', `/plans/${plan.id}/approve`, {})

  await page.goto(`${origin}/#/projects/${project.id}/tasks/tsk_2`)
  const drawer = page.getByRole('complementary', { name: 'Make t01' })
  const progress = drawer.getByRole('region', { name: 'Progress of generate_image' })
  await expect(progress).toContainText(/step \d of 2/)
  await expect(progress.getByRole('img')).toBeVisible()
  await expect(page.getByRole('meter', { name: /in use\. ComfyUI/ })).toBeVisible()
  hold.on = false

  await page.goto(`${origin}/#/services`)
  const card = page.getByRole('region', { name: 'Graphics card' })
  await expect(card).toContainText(/Turned over (once|2 times) since Baton started/)

  await page.goto(`${origin}/#/projects/${project.id}/tasks/tsk_2`)
  await drawer.getByRole('tab', { name: 'Files' }).click()
  const image = drawer.getByRole('img', { name: 'Image t01.png' })
  await expect(image).toBeVisible()
  expect(await image.evaluate((element) => (element as HTMLImageElement).naturalWidth)).toBe(64)
})
