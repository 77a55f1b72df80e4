import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { z } from 'zod'
import { test } from './host.ts'

const withId = z.object({ id: z.string() })

test('U5 a project is asked for while its code comes, once and behind the status, and what changes in between is shown', async ({
  host: { page, data_dir },
}) => {
  const { origin } = new URL(page.url())
  const headers = { authorization: `Bearer ${readFileSync(join(data_dir, 'token'), 'utf8').trim()}` }
  const data = { requirements: 'One bird.', name: 'One bird' }
  const { id } = withId.parse(await (await page.request.post(`${origin}/api/projects`, { headers, data })).json())

  const asked: string[] = []
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url())
    if (request.method() === 'GET' && pathname.startsWith('/api/')) asked.push(`${pathname}${search}`)
  })
  const tasks = `/api/projects/${id}/tasks?limit=250`
  const first = ['/api/status', `/api/projects/${id}`, tasks]
  let letCome: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    letCome = resolve
  })
  await page.route('**/assets/window-*.js', async (route) => {
    await held
    await route.continue()
  })
  const answered = page.waitForResponse((response) => response.url().endsWith(tasks))
  // Another document, not another place in this one.
  await page.goto('about:blank')
  await page.goto(`${origin}/#/projects/${id}`, { waitUntil: 'commit' })
  await answered
  expect(asked).toEqual(first)
  await expect(page.getByRole('heading', { level: 1 })).toBeHidden()

  const changed = await page.request.patch(`${origin}/api/projects/${id}`, { headers, data: { name: 'Two birds' } })
  expect(changed.status()).toBe(200)
  letCome()
  await expect(page.getByRole('heading', { level: 1, name: 'Two birds' })).toBeVisible()
  expect(asked.filter((path) => path === tasks)).toHaveLength(1)
  // The name was read again because of the event, and nothing before it was asked for twice.
  expect(asked.slice(0, 3)).toEqual(first)

  await page.unroute('**/assets/window-*.js')
  asked.length = 0
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Two birds' })).toBeVisible()
  for (const path of first) expect(asked.filter((each) => each === path)).toHaveLength(1)
})
