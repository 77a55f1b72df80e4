import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { openCutLine } from '../support/cut-line.ts'
import { type Host, test } from './host.ts'

const PASSWORD = 'a long enough password'
const ADA = { email: 'ada@example.org', password: PASSWORD, display_name: 'Ada' }
const withId = z.object({ id: z.string() })
const events = z.object({ items: z.array(withId), next_cursor: z.string().nullable() })
const settings = z.object({ expiries: z.record(z.string(), z.number()), rate_limits: z.record(z.string(), z.number()) })

/** Asks Baton past the page, as the owner of its folder. */
function asOwner({ page, data_dir }: Host, origin: string) {
  const headers = { authorization: `Bearer ${readFileSync(join(data_dir, 'token'), 'utf8').trim()}` }
  return async (method: 'GET' | 'POST' | 'PATCH', path: string, data?: object): Promise<unknown> => {
    const answer = await page.request.fetch(`${origin}/api${path}`, { method, headers, ...(data && { data }) })
    if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`)
    return answer.json()
  }
}
type AsOwner = ReturnType<typeof asOwner>

/** Access tokens end as soon as may be set. */
async function shortLives(ask: AsOwner): Promise<void> {
  const { expiries, rate_limits } = settings.parse(await ask('GET', '/settings'))
  const limits = Object.fromEntries(Object.keys(rate_limits).map((name) => [name, 10_000]))
  await ask('PATCH', '/settings', { expiries: { ...expiries, access_s: 5 }, rate_limits: limits })
}

async function logIn(page: Page): Promise<void> {
  await page.getByRole('radio', { name: 'E-mail' }).click()
  await page.getByLabel('E-mail', { exact: true }).last().fill(ADA.email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByLabel('Password').press('Enter')
}

/** What the page keeps for the test: events as they came, and whether it ever asked for a login again. */
interface Kept {
  readonly heard: string[]
  readonly openings: string[]
  wasLeft: boolean
}
const kept = (page: Page): Promise<Kept> => page.evaluate(() => (window as unknown as { kept: Kept }).kept)

test('U7 S3 while a draft is written access tokens end and are renewed unseen, and the stream goes on over a cut without a gap', async ({
  host,
}) => {
  const { page } = host
  const origin = new URL(page.url()).origin
  const ask = asOwner(host, origin)
  await page.request.post(`${origin}/api/auth/register`, {
    data: { ...ADA, invite: readFileSync(join(host.data_dir, 'token'), 'utf8').trim() },
  })
  await shortLives(ask)
  const { id } = withId.parse(await ask('POST', '/projects', { requirements: 'One bird.', name: 'Birds' }))

  const line = await openCutLine(Number(new URL(origin).port))
  let renewals = 0
  page.on('response', (answer) => {
    if (answer.url().endsWith('/api/auth/refresh') && answer.status() === 200) renewals += 1
  })
  await page.addInitScript(() => {
    const own: Kept = { heard: [], openings: [], wasLeft: false }
    Object.assign(window, { kept: own })
    window.EventSource = class extends EventSource {
      constructor(url: string | URL) {
        super(url)
        own.openings.push(String(url))
        this.addEventListener('event', ({ lastEventId }) => own.heard.push(lastEventId))
      }
    }
  })
  await page.goto(`http://127.0.0.1:${line.port}/`)
  await logIn(page)
  await expect(page.getByText('Birds')).toBeVisible()
  // From now on a login page would be a break.
  await page.evaluate(() => {
    const { kept } = window as unknown as { kept: Kept }
    new MutationObserver(() => {
      if (document.querySelector('input[type=password]') !== null) kept.wasLeft = true
    }).observe(document.body, { childList: true, subtree: true })
  })
  await expect.poll(async () => (await kept(page)).openings.length).toBe(1)
  await page.goto(`http://127.0.0.1:${line.port}/#/projects/new`)
  const field = page.getByLabel('What do you want')
  await field.click()
  let text = ''
  let named = 0
  const write = async (words: string): Promise<void> => {
    text += words
    await page.keyboard.type(words)
  }
  // What happens makes the page ask, and so find that its token has ended.
  while (renewals < 2) {
    named += 1
    await ask('PATCH', `/projects/${id}`, { name: `Birds ${named}` })
    await write(`word ${named} `)
    await page.waitForTimeout(250)
  }

  const before = renewals
  line.cut()
  for (let missed = 0; missed < 5; missed++) await ask('PATCH', `/projects/${id}`, { name: `Missed ${missed}` })
  await write('written over the cut ')
  line.mend()
  await expect.poll(async () => (await kept(page)).openings.length, { timeout: 60_000 }).toBeGreaterThan(1)
  await ask('PATCH', `/projects/${id}`, { name: 'After the cut' })
  const { openings } = await kept(page)
  const after = new URL(openings[0] ?? '').searchParams.get('after') ?? ''
  const all = events.parse(await ask('GET', `/events?after=${after}&limit=200`)).items.map((event) => event.id)
  expect(all.length).toBeGreaterThan(6)
  await expect.poll(async () => (await kept(page)).heard).toEqual(all)
  while (renewals === before) {
    await ask('PATCH', `/projects/${id}`, { name: `Later ${named++}` })
    await page.waitForTimeout(250)
  }

  // The words went on in the same field, which was never left.
  await write('and on')
  await expect(field).toHaveValue(text)
  expect((await kept(page)).wasLeft).toBe(false)
  await line.close()
})

test('U7 S2 S3 where a session is ended the page asks for a login at once, and the draft is there after it', async ({
  host,
}) => {
  const { page } = host
  const origin = new URL(page.url()).origin
  const ask = asOwner(host, origin)
  const invite = readFileSync(join(host.data_dir, 'token'), 'utf8').trim()
  const made = await page.request.post(`${origin}/api/auth/register`, { data: { ...ADA, invite } })
  const { id } = withId.parse(await made.json())
  await page.evaluate(() => sessionStorage.clear())
  await page.reload()
  await logIn(page)
  await page.goto(`${origin}/#/projects/new`)
  const field = page.getByLabel('What do you want')
  await field.fill('A field guide to the birds of the harbour')

  // Nothing is asked of the page: the end of its stream tells it.
  await ask('PATCH', `/users/${id}`, { is_active: false })
  await expect(page.getByRole('heading', { name: 'Sign in to Baton' })).toBeVisible()
  await expect(page.getByText('You were signed out')).toBeVisible()
  expect(await page.evaluate(() => sessionStorage.getItem('baton.refresh'))).toBe(null)
  await logIn(page)
  await expect(page.getByText('This user was switched off by an admin.')).toBeVisible()
  await ask('PATCH', `/users/${id}`, { is_active: true })
  await page.getByLabel('Password').press('Enter')
  await expect(field).toHaveValue('A field guide to the birds of the harbour')
})
