import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { test } from './host.ts'

const madeToken = z.object({ id: z.string(), token: z.string() })
const withId = z.object({ id: z.string() })
const seqOf = (id: string): number => Number(id.split('-')[1])

/** What the page keeps for the test. */
interface Heard {
  readonly seqs: number[]
  openings: number
}

/** In the page: follows everything, each time with a ticket for the next of `tokens`, and goes on behind the last event. */
async function followInPage(
  page: Page,
  kind: 'EventSource' | 'WebSocket',
  tokens: string[],
  after: string,
): Promise<void> {
  await page.evaluate(
    async ({ kind, tokens, after }) => {
      const heard: Heard = { seqs: [], openings: 0 }
      Object.assign(window, { heard })
      let last = after
      const take = (event: { id: string; seq: number }): void => {
        heard.seqs.push(event.seq)
        last = event.id
      }
      const open = async (): Promise<void> => {
        const token = tokens.shift()
        if (token === undefined) return
        const headers = { authorization: `Bearer ${token}` }
        const answer = await fetch('/api/auth/stream-ticket', { method: 'POST', headers })
        const { ticket } = (await answer.json()) as { ticket: string }
        const query = `after=${encodeURIComponent(last)}&token=${encodeURIComponent(ticket)}`
        if (kind === 'EventSource') {
          const source = new EventSource(`/sse/events?${query}`)
          source.addEventListener('open', () => heard.openings++)
          source.addEventListener('event', (message) => take(JSON.parse(message.data)))
          source.addEventListener('error', () => {
            // Its ticket was good once: it must not come back by itself.
            source.close()
            void open()
          })
          return
        }
        const socket = new WebSocket(`ws://${location.host}/ws?${query}`)
        socket.addEventListener('open', () => heard.openings++)
        socket.addEventListener('message', (message) => {
          const item = JSON.parse(message.data) as { kind: string; event: { id: string; seq: number } }
          if (item.kind === 'event') take(item.event)
        })
        socket.addEventListener('close', () => void open())
      }
      await open()
    },
    { kind, tokens, after },
  )
}

for (const kind of ['EventSource', 'WebSocket'] as const) {
  test(`A4 S3 a page whose ${kind} is cut takes a new ticket and goes on without a gap or a repeat`, async ({
    host,
  }) => {
    const { page, data_dir } = host
    const origin = new URL(page.url()).origin
    const headers = { authorization: `Bearer ${readFileSync(join(data_dir, 'token'), 'utf8').trim()}` }
    const post = async (path: string, data: object) =>
      (await page.request.post(`${origin}/api${path}`, { headers, data })).json() as Promise<unknown>
    const newToken = async () => madeToken.parse(await post('/tokens', { name: 'page', scopes: ['read'] }))
    const lastId = async () => {
      const status = await (await page.request.get(`${origin}/api/status`, { headers })).json()
      return z.object({ last_event_id: z.string() }).parse(status).last_event_id
    }
    const heard = () => page.evaluate(() => (window as unknown as { heard: Heard }).heard)
    const [first, second] = [await newToken(), await newToken()]
    const start = await lastId()
    const { id } = withId.parse(await post('/projects', { requirements: 'One bird.' }))
    const rename = (name: string) => page.request.patch(`${origin}/api/projects/${id}`, { headers, data: { name } })

    await followInPage(page, kind, [first.token, second.token], start)
    await expect.poll(async () => (await heard()).seqs.length).toBeGreaterThan(0)
    for (let count = 0; count < 3; count++) await rename(`before ${count}`)
    await expect.poll(async () => (await heard()).seqs.at(-1)).toBe(seqOf(await lastId()))

    await page.request.delete(`${origin}/api/tokens/${first.id}`, { headers })
    // The next event finds that the token is worth nothing, and cuts the line instead of being told.
    for (let count = 0; count < 3; count++) await rename(`after ${count}`)
    await expect.poll(async () => (await heard()).openings).toBe(2)
    await rename('at last')
    const last = seqOf(await lastId())
    await expect.poll(async () => (await heard()).seqs.at(-1)).toBe(last)
    const all = Array.from({ length: last - seqOf(start) }, (_, index) => seqOf(start) + 1 + index)
    expect((await heard()).seqs).toEqual(all)
  })
}
