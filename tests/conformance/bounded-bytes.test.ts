import { type ClientRequest, request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { exported, importBegun } from '../../src-contract/archive.ts'
import { session } from '../../src-contract/identity.ts'
import { newProject } from '../../src-contract/project.ts'
import { type RawAnswer, rawRequest, type ServedCore, serveCore, TOKEN } from './served-core.ts'

const PASSWORD = 'a password nobody guesses'
const CHUNKED = { 'transfer-encoding': 'chunked' }
/** What an archive begins with. */
const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3)
const KEYED = { 'idempotency-key': 'a-key-of-a-test' }

let served: ServedCore
let first: User
let second: User
beforeAll(async () => {
  served = await serveCore()
  const { rate_limits } = served.core.settings.get()
  await served.core.settings.change({
    max_body_bytes: 1_000_000,
    max_transfers: 1,
    rate_limits: { ...rate_limits, changes: 100_000, logins: 1_000 },
  })
  const admin = { email: 'admin@b.org', password: PASSWORD, display_name: 'Admin', invite: TOKEN }
  await served.post('/api/auth/register', admin)
  first = await operator('first@b.org')
  second = await operator('second@b.org')
})
afterAll(() => served.close())

type User = Awaited<ReturnType<typeof operator>>

async function operator(email: string) {
  const invited = await served.post('/api/invites', { role: 'operator' })
  const { code: invite } = z.object({ code: z.string() }).parse(await invited.json())
  await served.post('/api/auth/register', { email, password: PASSWORD, display_name: email, invite })
  const login = await served.post('/api/auth/login', { email, password: PASSWORD })
  const { access_token } = session.parse(await login.json())
  const own = {
    host: '127.0.0.1',
    'content-type': 'application/json',
    authorization: `Bearer ${access_token}`,
  }
  return {
    /** A whole request; null where the line ended before the answer was there. */
    call: (
      method: string,
      path: string,
      body = '',
      headers: Record<string, string> = {},
    ): Promise<RawAnswer | null> => {
      const length = 'transfer-encoding' in headers ? {} : { 'content-length': String(body.length) }
      return rawRequest(served.port, { method, path, headers: { ...own, ...length, ...headers }, body }).catch(
        () => null,
      )
    },
    /** Holds the end of a request back; `probe` is asked for its status until that is 429 because of it. */
    async hold(
      path: string,
      body: string | Uint8Array,
      headers: Record<string, string>,
      probe: () => Promise<number | undefined>,
    ): Promise<ClientRequest> {
      const begin = () => {
        const begun = request({ port: served.port, method: 'POST', path, headers: { ...own, ...headers } })
        // It is broken off by the test.
        begun.on('error', () => undefined)
        begun.on('response', (answer) => {
          answer.resume()
          // A probe was under way as it came, so that it was refused itself.
          if (answer.statusCode === 429) held = begin()
        })
        begun.write(body)
        return begun
      }
      let held = begin()
      await expect.poll(probe).toBe(429)
      return held
    },
  }
}

/** It is no project, so what gets through is 400. */
const body = (bytes: number): string => JSON.stringify({ pad: 'x'.repeat(bytes) })

test.each([
  ['announced', { 'content-length': '900000' }],
  ['announced, on the long way', { 'content-length': '900000', ...KEYED }],
  ['not announced', CHUNKED],
])('S5 bytes of one caller that are under way are bounded, %s, and nobody else is held up', async (_, headers) => {
  const statusOf = async (user: User, more: Record<string, string> = {}): Promise<number | undefined> =>
    (await user.call('POST', '/api/projects', body(200_000), more))?.status
  const held = await first.hold('/api/projects', body(850_000), headers, () => statusOf(first))
  await expect.poll(() => statusOf(first, KEYED)).toBe(429)
  await expect.poll(() => statusOf(first, CHUNKED)).toBe(429)
  const refused = await first.call('POST', '/api/projects', body(200_000))
  expect(refused?.headers['retry-after']).toBe('1')
  expect(refused?.body).toContain('max_body_bytes')
  // What is small goes on, and so does another.
  expect((await first.call('POST', '/api/projects', body(10)))?.status).toBe(400)
  expect((await first.call('GET', '/api/projects'))?.status).toBe(200)
  for (const more of [{}, KEYED, CHUNKED]) expect(await statusOf(second, more)).toBe(400)
  held.destroy()
  await expect.poll(() => statusOf(first)).toBe(400)
})

test('S5 one body is taken however large, where nothing else is under way', async () => {
  for (const headers of [{}, KEYED, CHUNKED]) {
    expect((await first.call('POST', '/api/projects', body(2_000_000), headers))?.status).toBe(400)
  }
})

test('S5 D3 imports that one user has under way are bounded, and nobody else is held up', async () => {
  const begin = (user: User) => user.call('POST', '/api/imports', JSON.stringify({ bytes: 100 }))
  const begun = await begin(first)
  const { id } = importBegun.parse(JSON.parse(begun?.body ?? ''))
  const refused = await begin(first)
  expect([refused?.status, refused?.headers['retry-after']]).toEqual([429, '10'])
  expect(refused?.body).toContain('max_transfers')
  expect((await first.call('POST', '/api/projects/import', 'no archive'))?.status).toBe(429)
  const other = importBegun.parse(JSON.parse((await begin(second))?.body ?? ''))
  expect((await second.call('DELETE', `/api/imports/${other.id}`))?.status).toBe(200)
  expect((await first.call('DELETE', `/api/imports/${id}`))?.status).toBe(200)
  // One that is sent as a body counts as well, as long as it comes.
  const coming = await first.hold('/api/projects/import', GZIP_HEADER, { 'content-length': '100' }, async () => {
    const answer = await begin(first)
    if (answer?.status !== 201) return answer?.status
    await first.call('DELETE', `/api/imports/${importBegun.parse(JSON.parse(answer.body)).id}`)
    return 201
  })
  coming.destroy()
  await expect.poll(async () => (await begin(first))?.status).toBe(201)
})

test('S5 D3 exports that one user has under way are bounded, and nobody else is held up', async () => {
  const made = async (user: User): Promise<string> => {
    const answer = await user.call('POST', '/api/projects', JSON.stringify(newProject.parse({ requirements: 'Owls' })))
    return z.object({ id: z.string() }).parse(JSON.parse(answer?.body ?? '')).id
  }
  const [mine, theirs] = [await made(first), await made(second)]
  const begin = (user: User, project_id: string) => user.call('POST', '/api/exports', JSON.stringify({ project_id }))
  const { id } = exported.parse(JSON.parse((await begin(first, mine))?.body ?? ''))
  const refused = await begin(first, mine)
  expect([refused?.status, refused?.headers['retry-after']]).toEqual([429, '10'])
  expect((await first.call('GET', `/api/projects/${mine}/export`))?.status).toBe(429)
  expect((await begin(second, theirs))?.status).toBe(201)
  expect((await first.call('DELETE', `/api/exports/${id}`))?.status).toBe(200)
  for (let time = 0; time < 3; time += 1) {
    await expect.poll(async () => (await first.call('GET', `/api/projects/${mine}/export`))?.status).toBe(200)
  }
  // What cannot be exported takes no share.
  expect((await begin(first, theirs))?.status).toBe(404)
  await expect.poll(async () => (await begin(first, mine))?.status).toBe(201)
})
