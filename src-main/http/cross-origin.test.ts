import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { crossOrigin } from './cross-origin.ts'

const FRIEND = 'https://friend.example'

function app(allowed: readonly string[]) {
  return new Hono().use(crossOrigin(allowed)).all('*', (context) => context.text('answer', 401))
}

const corsOf = ({ headers }: Response) => [...headers.keys()].filter((name) => name.startsWith('access-control'))

test('S4 a page of a named origin may read answers, and its preflight needs no login', async () => {
  const headers = { origin: FRIEND, 'access-control-request-method': 'PATCH' }
  const preflight = await app([FRIEND]).request('/api/projects', { method: 'OPTIONS', headers })
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, FRIEND])
  expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH')
  expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
  const answer = await app([FRIEND]).request('/api/projects', { headers: { origin: FRIEND } })
  expect([answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('vary')]).toEqual([
    401,
    FRIEND,
    'Origin',
  ])
  // The login is a header that the page itself sends; a browser need not add any of its own.
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
})

test.each(['https://friend.example.evil', 'http://friend.example', 'null', 'https://FRIEND.example', undefined])(
  'S4 no other page may: %s',
  async (origin) => {
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await app([FRIEND, 'null']).request('/api', {
        method,
        headers: origin === undefined ? {} : { origin },
      })
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
  },
)

test('S4 without named origins there is no header of CORS, and a preflight is a call like any other', async () => {
  for (const method of ['GET', 'OPTIONS']) {
    const answer = await app([]).request('/api', { method, headers: { origin: FRIEND } })
    expect([answer.status, corsOf(answer)]).toEqual([401, []])
  }
})
