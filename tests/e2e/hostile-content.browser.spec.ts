import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { expect } from '@playwright/test'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { aimedAt, CONTENT, RENDERED } from '../support/hostile-content.ts'
import { test as base } from './host.ts'

function calls(...list: [name: string, given: Record<string, unknown>][]): Behaviour {
  return { kind: 'answer', text: '', tool_calls: list.map(([name, given]) => ({ name, arguments: given })) }
}

/** Counts whoever connects. */
const visits = { count: 0, port: 0 }
const sink = (): string => `http://127.0.0.1:${visits.port}`

const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
  environment: async ({}, use) => {
    const server = createServer((socket) => {
      visits.count += 1
      socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\n\r\n')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    visits.port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const all = aimedAt(sink())
    const files = Object.entries(RENDERED).map(([name, pieces]): [string, Record<string, unknown>] => [
      'write_file',
      { path: `${name.toLowerCase()}.md`, content: aimedAt(sink(), pieces).join('\n\n') },
    ])
    const more: [string, Record<string, unknown>][] = [
      ['write_file', { path: 'page.html', content: `<!doctype html>${all.join('\n')}` }],
      ['write_file', { path: 'drawing.svg', content: aimedAt(sink(), RENDERED.SVG).join('\n') }],
      ['write_file', { path: 'note.md', content: all.join('\n\n') }],
    ]
    const double = await startAnthropicDouble({
      queue: [
        calls(...files, ...more),
        // Its report is shown as the task's output.
        { kind: 'answer', text: all.slice(0, 60).join('\n') },
        { kind: 'answer', text: all.slice(60, 120).join('\n') },
        calls(['ask_user', { question: all.join('\n').slice(0, 3_900), options: all.slice(30, 38) }]),
      ],
      default: { kind: 'answer', text: all.slice(120).join('\n') },
    })
    await use({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: double.url })
    await double.close()
    server.close()
  },
  // Its policy would stop most of it: what is tried here is whether the page needs it.
  bypassCSP: true,
})

test('S10 no page makes a request, a link or an element of what strangers wrote', async ({ host }) => {
  test.setTimeout(180_000)
  const { page, data_dir } = host
  const origin = new URL(page.url()).origin
  const strangers: string[] = []
  const checked: string[] = []
  page.context().on('request', (request) => {
    const url = new URL(request.url())
    if (url.origin !== origin && url.protocol !== 'data:' && url.protocol !== 'blob:') strangers.push(request.url())
  })
  page.context().on('page', (opened) => strangers.push(`a window: ${opened.url()}`))
  page.on('dialog', (dialog) => strangers.push(`a dialog: ${dialog.message()}`))
  const token = readFileSync(`${data_dir}/token`, 'utf8').trim()
  const post = async (path: string, data: unknown): Promise<{ id: string }> => {
    const answer = await page.request.post(`${origin}/api${path}`, {
      headers: { authorization: `Bearer ${token}` },
      data,
    })
    expect(answer.ok(), await answer.text()).toBe(true)
    return (await answer.json()) as { id: string }
  }
  const pieces = aimedAt(sink())
  const title = (index: number): string => (pieces[index] ?? 'x').replaceAll('\n', ' ').slice(0, 250)
  const requirements = pieces.join('\n\n')

  // One that has work done, and one whose plan of as many tasks waits.
  const done = await post('/projects', { requirements, name: title(0) })
  const written = { key: 'note', title: title(24), description: pieces.join('\n').slice(0, 19_000) }
  const kind = { type: 'writing', complexity: 'medium' }
  const plan = await post(`/projects/${done.id}/plans`, {
    document: {
      title: title(25),
      summary: pieces.join('\n').slice(0, 9_000),
      tasks: [{ ...written, ...kind, artifacts: ['note.md', 'page.html'] }],
    },
  })
  await post(`/plans/${plan.id}/approve`, { authorise_micros: 5_000_000 })
  const waiting = await post('/projects', { requirements, name: title(30) })
  const tasks = pieces.map((piece, index) => ({
    ...{ key: `t${index}`, title: title(index), description: piece, acceptance: [piece] },
    ...kind,
  }))
  await post(`/projects/${waiting.id}/plans`, {
    document: { title: title(31), summary: pieces.join('\n').slice(0, 9_000), tasks },
  })

  async function check(place: string): Promise<void> {
    await page.waitForLoadState('networkidle')
    const made = await page.evaluate((port) => {
      const aimed = [...document.querySelectorAll('*')].filter((element) =>
        [...element.attributes].some(
          ({ name, value }) =>
            /^(src|srcset|href|xlink:href|action|formaction|ping|poster|data|style|background|srcdoc|content)$/.test(
              name,
            ) && value.includes(port),
        ),
      )
      const active = document.querySelectorAll(
        'iframe, embed, object, base, meta[http-equiv=refresh], form[action], template[shadowrootmode]',
      )
      return [...aimed, ...active].map((element) => element.outerHTML.slice(0, 200))
    }, `:${visits.port}/`)
    checked.push(place)
    expect({ place, made, strangers, visits: visits.count }).toEqual({ place, made: [], strangers: [], visits: 0 })
  }

  const goTo = async (place: string): Promise<void> => {
    await page.goto(`${origin}/#${place}`)
    await check(place)
  }
  await goTo('/projects')
  await expect(page.getByText(title(25)).first()).toBeVisible()
  await goTo(`/projects/${waiting.id}/plan`)
  await goTo(`/projects/${waiting.id}`)
  await goTo(`/projects/${done.id}`)
  await expect
    .poll(
      async () => {
        const answer = await page.request.get(`${origin}/api/projects/${done.id}`, {
          headers: { authorization: `Bearer ${token}` },
        })
        return ((await answer.json()) as { state: string }).state
      },
      { timeout: 90_000 },
    )
    .not.toBe('executing')
  await page.reload()
  await check('the finished project')
  for (const view of ['Graph', 'Board', 'Timeline', 'Files', 'Result']) {
    const tab = page
      .getByRole('tab', { name: view })
      .or(page.getByRole('radio', { name: view }))
      .or(page.getByRole('button', { name: view, exact: true }))
    if ((await tab.count()) === 0) continue
    await tab.first().click()
    await check(view)
    if (view !== 'Files') continue
    for (const path of ['note.md', 'page.html', 'drawing.svg', 'html.md', 'svg.md']) {
      const file = page.getByText(path, { exact: true }).first()
      if ((await file.count()) === 0) continue
      await file.click()
      await check(path)
      if (!path.endsWith('.md')) continue
      const source = page.getByRole('button', { name: 'Show it as it is written' })
      await source.click()
      await check(`${path} as it is written`)
      await source.click()
    }
  }
  const listed = await page.request.get(`${origin}/api/projects/${done.id}/tasks?limit=10`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const [task] = ((await listed.json()) as { items: { id: string }[] }).items
  await goTo(`/projects/${done.id}/tasks/${task?.id}`)
  const drawer = page.getByRole('tablist').last().getByRole('tab')
  for (let index = 0; index < (await drawer.count()); index += 1) {
    await drawer.nth(index).click()
    await check(`tab ${index} of the task`)
  }

  // A question, which a person reads most closely of all.
  const asking = await post('/projects', { requirements: 'x', name: title(40) })
  const asks = await post(`/projects/${asking.id}/plans`, {
    document: {
      title: 'x',
      tasks: [{ key: 'note', title: 'x', ...kind, tools: ['ask_user'], artifacts: ['note.md'] }],
    },
  })
  await post(`/plans/${asks.id}/approve`, { authorise_micros: 5_000_000 })
  await page.goto(`${origin}/#/inbox`)
  await expect(page.getByRole('article', { name: /A model asks you/ })).toBeVisible()
  await check('the inbox')
  for (const place of ['/usage', '/services', '/settings']) await goTo(place)
  const looked = [
    'Board',
    'Timeline',
    'Files',
    'note.md',
    'note.md as it is written',
    'page.html',
    'drawing.svg',
    'html.md',
    'tab 5 of the task',
    'the inbox',
  ]
  expect(checked).toEqual(expect.arrayContaining(looked))
  expect(pieces.length).toBe(CONTENT.length)
})

test('S10 the sink of these attempts is reached by a page that renders them', async ({ page }) => {
  const before = visits.count
  const server = createServer((socket) => {
    visits.count += 1
    socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  await page.setContent(aimedAt(`http://127.0.0.1:${port}`, RENDERED.HTML.slice(0, 10)).join('\n'))
  await expect.poll(() => visits.count).toBeGreaterThan(before)
  server.close()
})
