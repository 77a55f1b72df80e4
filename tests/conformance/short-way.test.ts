import { isContractProcedure } from '@orpc/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contract } from '../../src-contract/contract.ts'
import { LOCAL_CALLER } from '../../src-main/core/identity/caller.ts'
import { HAND_WRITTEN_ROUTES } from '../../src-main/http/hand-written-routes.ts'
import { AUTH, type RawAnswer, rawRequest, type ServedCore, serveCore } from './served-core.ts'

let served: ServedCore
let project: string
beforeAll(async () => {
  served = await serveCore()
  project = (await (await served.post('/api/projects', { requirements: 'Two notes about owls' })).json()).id
})
afterAll(() => served.close())

/** What may differ between two answers to the same. */
const VARYING = new Set(['date', 'x-correlation-id', 'ratelimit-remaining', 'ratelimit-reset'])

function comparable({ status, headers, body }: RawAnswer): object {
  const kept = Object.entries(headers).filter(([name]) => !VARYING.has(name))
  const told = body.replace(String(headers['x-correlation-id']), '<id>').replace(/"updated_at":"[^"]+"/, '')
  return { status, headers: Object.fromEntries(kept), told }
}

/** The same, asked for in the plain spelling and in one that only the app reads. */
async function bothWays(method: string, path: string, headers: Record<string, string> = AUTH, body?: string) {
  const [place = '', query] = path.split('?')
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const ask = (spelled: string) =>
    rawRequest(served.port, {
      ...{ method, path: query === undefined ? spelled : `${spelled}?${query}`, ...(body !== undefined && { body }) },
      headers: { host: `127.0.0.1:${served.port}`, ...length, ...headers },
    })
  return { short: comparable(await ask(place)), long: comparable(await ask(`${place}/`)) }
}

const JSON_BODY = { ...AUTH, 'content-type': 'application/json' }
const CASES: readonly (readonly [number, string, string, Record<string, string>, string | undefined])[] = [
  [200, 'GET', '/api/projects/PROJECT', AUTH, undefined],
  [200, 'GET', '/api/projects?limit=1', AUTH, undefined],
  [200, 'GET', '/runs', AUTH, undefined],
  [400, 'GET', '/api/projects?limit=nothing', AUTH, undefined],
  [400, 'GET', '/api/projects/PROJECT?unknown=1', AUTH, undefined],
  [404, 'GET', '/api/projects/prj_zzzz', AUTH, undefined],
  [404, 'GET', '/api/nothing', AUTH, undefined],
  [404, 'POST', '/api/projects/PROJECT/nothing', JSON_BODY, '{}'],
  [200, 'PATCH', '/api/projects/PROJECT', JSON_BODY, '{"name":"Owls ü"}'],
  [400, 'PATCH', '/api/projects/PROJECT', JSON_BODY, '{"__proto__":{"a":1},"colour":1}'],
  [400, 'POST', '/api/projects', JSON_BODY, '{'],
  [400, 'POST', '/api/projects', JSON_BODY, '\u{feff}[]'],
  [400, 'POST', '/api/projects', AUTH, undefined],
  [400, 'POST', '/api/dispatch', JSON_BODY, '{"coreId":""}'],
  [404, 'DELETE', '/api/projects/prj_zzzz', AUTH, undefined],
  [401, 'GET', '/api/projects/PROJECT', {}, undefined],
  [401, 'GET', '/api/nothing', { authorization: 'Bearer wrong' }, undefined],
  [401, 'POST', '/api/projects', { 'content-type': 'application/json' }, '{}'],
]

test.each(CASES)('S4 A3 A6 %i to %s %s, the same the short way and through the app', async (...of) => {
  const [status, method, path, headers, body] = of
  const { short, long } = await bothWays(method, path.replace('PROJECT', project), headers, body)
  expect(short).toMatchObject({ status })
  // Only what could not be found names its path.
  if (!path.endsWith('/nothing') || status !== 404) expect(short).toEqual(long)
})

test('S2 S5 A6 a token has its rights and its limit on the short way, from the moment at which it is made or revoked', async () => {
  const made = await served.core.identity.createToken(
    { name: 'reader', scopes: ['read'], per_minute: 4, expires_in_days: 1 },
    LOCAL_CALLER,
  )
  if (!made.ok) throw new Error(made.error.message)
  const bearer = { authorization: `Bearer ${made.value.token}` }
  const change = await bothWays('PATCH', `/api/projects/${project}`, { ...JSON_BODY, ...bearer }, '{"name":"No"}')
  expect(change.short).toEqual(change.long)
  expect(change.short).toMatchObject({ status: 403 })
  for (let count = 0; count < 2; count++) {
    const read = await bothWays('GET', `/api/projects/${project}`, bearer)
    expect(read.short).toMatchObject({ status: 200, headers: { 'ratelimit-limit': '4' } })
    expect(read.short).toEqual(read.long)
  }
  const refused = await bothWays('GET', `/api/projects/${project}`, bearer)
  expect(refused.short).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } })
  await served.core.identity.revokeToken(made.value.id)
  expect((await bothWays('GET', `/api/projects/${project}`, bearer)).short).toMatchObject({ status: 401 })
})

test.each([
  [200, 'GET', {}],
  [200, 'GET', AUTH],
  [200, 'GET', { authorization: 'Bearer wrong' }],
  [200, 'HEAD', {}],
  [403, 'GET', { host: 'foreign.test' }],
  [403, 'GET', { origin: 'https://foreign.test' }],
] as const)(
  'X2 S4 %i to %s /health, the same the short way and through the app, which is loaded later',
  async (...of) => {
    const [status, method, headers] = of
    for (const path of ['/health', '/api/health']) {
      const ask = async (spelled: string) => {
        const answer = await rawRequest(served.port, { method, path: spelled, headers })
        // Times and counts are longer or shorter.
        const { 'content-length': _length, ...told } = answer.headers
        const { metrics, ...body } = answer.body === '' ? {} : JSON.parse(answer.body)
        const names = Object.keys(body)
        return { ...comparable({ ...answer, headers: told }), told: names, requests: metrics?.total_requests }
      }
      const { requests: asked, ...short } = await ask(path)
      const { requests: askedAgain, ...long } = await ask(`${path}?spelled=otherwise`)
      expect(short).toMatchObject({ status })
      expect(short).toEqual(long)
      expect(askedAgain).toBe(asked === undefined ? undefined : asked + 1)
    }
  },
)

test('A1 no route of the contract stands where one is written by hand, but for the one that the app keeps', () => {
  const patterns: string[] = []
  const collect = (part: object): void => {
    for (const value of Object.values(part)) {
      if (!isContractProcedure(value)) collect(value)
      else if (value['~orpc'].route.path !== undefined) {
        patterns.push(`${value['~orpc'].route.method ?? 'POST'} ${value['~orpc'].route.path}`)
      }
    }
  }
  collect(contract)
  const asExpression = (pattern: string) => new RegExp(`^${pattern.replace(/\{[^}]+\}/g, '[^/]+')}$`)
  const byHand = Object.entries(HAND_WRITTEN_ROUTES).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{[^}]+\}/g, 'some')}`),
  )
  expect(byHand.length).toBeGreaterThan(5)
  for (const route of byHand) {
    expect(
      patterns.filter((pattern) => asExpression(pattern).test(route)),
      route,
    ).toEqual([])
  }
  expect(patterns).toContain('GET /health')
})
