import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedCore, serveCore } from './served-core.ts'

const FRIEND = 'https://friend.example'
let served: ServedCore
beforeAll(async () => {
  served = await serveCore({ allowed_origins: [FRIEND] })
})
afterAll(() => served.close())

test('S4 a page of a named origin may use the port with its login, and a page of any other may not', async () => {
  const preflight = {
    origin: FRIEND,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  }
  const allowed = await fetch(`${served.url}/api/projects`, { method: 'OPTIONS', headers: preflight })
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, FRIEND])
  const answer = await served.call('/api/projects', { headers: { origin: FRIEND } })
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, FRIEND])
  // Also where it is refused: a page should see why.
  const refused = await fetch(`${served.url}/api/projects`, { headers: { origin: FRIEND } })
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, FRIEND])
  for (const origin of ['https://evil.example', 'null', 'http://friend.example']) {
    const foreign = await fetch(`${served.url}/api/projects`, { method: 'OPTIONS', headers: { ...preflight, origin } })
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')], origin).toEqual([403, null])
  }
})
