import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { wireError } from '../../src-contract/error.ts'
import { session } from '../../src-contract/identity.ts'
import {
  type ClaimedJob,
  claimedJob,
  dispatchJob,
  type Job,
  job,
  jobDispatched,
  jobEvent,
} from '../../src-contract/job.ts'
import { pageOf } from '../../src-contract/page.ts'
import { anthropicDouble, coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { type ServedCore, serveCore, TOKEN } from './served-core.ts'

let served: ServedCore
beforeAll(async () => {
  served = await serveCore()
  const limits = { changes: 100_000, plans: 10_000, reads: 100_000, logins: 10_000, webhooks: 10_000 }
  await served.core.settings.change({ rate_limits: limits })
})
afterAll(() => served.close())

let named = 0
/** A core that no other test works for. */
const newCore = (): string => `worker-${++named}`

const dispatch = async (body: object, root = '') => {
  const answer = await served.post(`${root}/dispatch`, body)
  expect(answer.status, await answer.clone().text()).toBe(201)
  return jobDispatched.parse(await answer.json())
}
const read = async (id: string): Promise<Job> => job.parse(await (await served.call(`/jobs/${id}`)).json())
const claim = async (coreId: string, more: object = {}): Promise<ClaimedJob | null> => {
  const answer = await served.post('/jobs/claim', { coreId, ...more })
  if (answer.status === 204) return null
  expect(answer.status, await answer.clone().text()).toBe(200)
  return claimedJob.parse(await answer.json())
}
const report = (id: string, body: object): Promise<Response> =>
  served.call(`/jobs/${id}/status`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const said = async (answer: Response) => wireError.parse(await answer.json()).error
const claimed = async (coreId: string, more: object = {}): Promise<ClaimedJob> => {
  const got = await claim(coreId, more)
  if (got === null) throw new Error(`${coreId} has no job`)
  return got
}
const ends = (id: string): Promise<Job> =>
  eventually(`the end of ${id}`, async () => {
    const now = await read(id)
    return ['succeeded', 'failed', 'cancelled'].includes(now.status) && now
  })

test.each(['', '/api'])('A2 a job goes from dispatch to its result, at "%s"', async (root) => {
  const coreId = newCore()
  const made = await dispatch({ coreId, metadata: { repository: 'owls' } }, root)
  expect(made).toMatchObject({ status: 'queued', core_id: coreId, priority: 1, estimated_start: made.created_at })
  expect(await read(made.task_id)).toMatchObject({
    ...{ status: 'queued', timeout: 300, stay: false, metadata: { repository: 'owls' }, prompt: null, attempts: 0 },
    reason: expect.stringContaining('Waits for a worker'),
  })
  const taken = await served.post(`${root}/jobs/claim`, { coreId, wait_s: 0 })
  expect(taken.status).toBe(200)
  const { lease, job: mine } = claimedJob.parse(await taken.json())
  expect(mine).toMatchObject({ task_id: made.task_id, status: 'running', worker: 'local', attempts: 1 })
  expect((await served.post(`${root}/jobs/claim`, { coreId, wait_s: 0 })).status).toBe(204)
  const told = await served.call(`${root}/jobs/${made.task_id}/status`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'success', result: { birds: 3 }, token: lease.token }),
  })
  expect(told.status, await told.clone().text()).toBe(200)
  expect(job.parse(await told.json())).toMatchObject({ status: 'succeeded', result: { birds: 3 }, reason: '' })
  const events = pageOf(jobEvent).parse(await (await served.call(`${root}/jobs/${made.task_id}/events`)).json())
  expect(events.items.map(({ event_type }) => event_type)).toEqual(['job.queued', 'job.started', 'job.ended'])
  expect(new Set(events.items.map(({ task_id }) => task_id))).toEqual(new Set([made.task_id]))
  expect(events.items.at(-1)?.data).toEqual({ core_id: coreId, state: 'succeeded', reason: '' })
})

test('A2 lists jobs newest first, by state and core, page by page', async () => {
  const coreId = newCore()
  const ids: string[] = []
  for (let index = 0; index < 5; index += 1) ids.unshift((await dispatch({ coreId })).task_id)
  const page = async (query: string) =>
    pageOf(job).parse(await (await served.call(`/jobs?core_id=${coreId}&${query}`)).json())
  const first = await page('limit=3')
  expect(first.items.map(({ task_id }) => task_id)).toEqual(ids.slice(0, 3))
  const rest = await page(`limit=3&cursor=${first.next_cursor}`)
  expect([...first.items, ...rest.items].map(({ task_id }) => task_id)).toEqual(ids)
  expect(rest.next_cursor).toBeNull()
  const { job: mine } = await claimed(coreId)
  expect((await page('status=running')).items.map(({ task_id }) => task_id)).toEqual([mine.task_id])
  expect((await page('status=queued')).items).toHaveLength(4)
})

test('A2 the urgent goes first, and what has waited long enough goes before it', async () => {
  const coreId = newCore()
  const low = await dispatch({ coreId, priority: 0 })
  const high = await dispatch({ coreId, priority: 9 })
  expect((await claimed(coreId)).job.task_id).toBe(high.task_id)
  await served.core.settings.change({ priority_step_ms: 0 })
  const late = await dispatch({ coreId, priority: 9 })
  await served.core.settings.change({ priority_step_ms: 60_000 })
  expect((await claimed(coreId)).job.task_id).toBe(low.task_id)
  expect((await claimed(coreId)).job.task_id).toBe(late.task_id)
})

test('A2 a claim waits for a job, and whoever goes away meanwhile holds none', async () => {
  const coreId = newCore()
  const away = new AbortController()
  const gone = served
    .call('/jobs/claim', {
      method: 'POST',
      signal: away.signal,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ coreId, wait_s: 60 }),
    })
    .catch(() => null)
  await new Promise((resolve) => setTimeout(resolve, 100))
  away.abort()
  await gone
  const waits = claimed(coreId, { wait_s: 60 })
  const made = await dispatch({ coreId })
  const got = await waits
  expect(got.job).toMatchObject({ task_id: made.task_id, attempts: 1 })
  expect(await claim(coreId, { wait_s: 0.05 })).toBeNull()
  expect((await served.post('/jobs/claim', { coreId, wait_s: 3_600 })).status).toBe(400)
})

test('A2 of many workers each job has one', async () => {
  const coreId = newCore()
  const workers = Array.from({ length: 12 }, (_, index) => claim(coreId, { wait_s: 30, worker: `w${index}` }))
  const made = await Promise.all(Array.from({ length: 12 }, () => dispatch({ coreId })))
  const got = await Promise.all(workers)
  expect(got.map((one) => one?.job.task_id).toSorted()).toEqual(made.map(({ task_id }) => task_id).toSorted())
})

test('A2 a lost lease gives the job to the next worker, and its late worker is refused', async () => {
  const coreId = newCore()
  const { task_id } = await dispatch({ coreId })
  const first = await claimed(coreId, { lease_s: 1, worker: 'slow' })
  const second = await claimed(coreId, { wait_s: 30, worker: 'next' })
  expect(second.job).toMatchObject({ task_id, worker: 'next', attempts: 2 })
  expect(second.lease.token).toBeGreaterThan(first.lease.token)
  for (const body of [
    { status: 'success', token: first.lease.token },
    { status: 'running', token: first.lease.token },
    { status: 'success' },
  ]) {
    const late = await report(task_id, body)
    expect([late.status, (await said(late)).details]).toEqual([409, { status: 'running' }])
  }
  expect((await report(task_id, { status: 'failed', token: second.lease.token, message: 'No owls.' })).status).toBe(200)
  // The same once more changes nothing; another word is refused.
  expect((await report(task_id, { status: 'failed', token: second.lease.token, message: 'x' })).status).toBe(200)
  expect((await report(task_id, { status: 'success', token: second.lease.token })).status).toBe(409)
  expect((await report(task_id, { status: 'failed', token: first.lease.token })).status).toBe(409)
  expect(await read(task_id)).toMatchObject({ status: 'failed', reason: 'No owls.' })
})

test('A2 a job that no worker survives fails after three of them', async () => {
  const coreId = newCore()
  const { task_id } = await dispatch({ coreId })
  for (const attempt of [1, 2, 3]) {
    expect((await claimed(coreId, { lease_s: 1, wait_s: 30 })).job.attempts).toBe(attempt)
  }
  expect(await ends(task_id)).toMatchObject({ status: 'failed', reason: expect.stringContaining('attempt 3 of 3') })
})

test('A2 a worker that keeps saying that it runs keeps its lease, and its words are kept', async () => {
  const coreId = newCore()
  const { task_id } = await dispatch({ coreId })
  const { lease } = await claimed(coreId, { lease_s: 30 })
  const kept = await report(task_id, { status: 'running', token: lease.token, message: '3 of 9 birds' })
  const now = job.parse(await kept.json())
  expect(now).toMatchObject({ status: 'running', message: '3 of 9 birds' })
  expect(Date.parse(now.lease_expires_at ?? '')).toBeGreaterThan(Date.parse(lease.expires_at))
  await report(task_id, { status: 'running', token: lease.token })
  const events = pageOf(jobEvent).parse(await (await served.call(`/jobs/${task_id}/events`)).json()).items
  expect(events.filter(({ event_type }) => event_type === 'job.progress').map(({ data }) => data['message'])).toEqual([
    '3 of 9 birds',
  ])
  expect((await report(task_id, { status: 'queued', token: lease.token })).status).toBe(200)
  expect(await read(task_id)).toMatchObject({ status: 'queued', reason: expect.stringContaining('gave it back') })
})

test('A2 a job that takes longer than its timeout fails with that reason, and its worker is told', async () => {
  const coreId = newCore()
  const { task_id } = await dispatch({ coreId, timeout: 1 })
  const { lease } = await claimed(coreId)
  expect(await ends(task_id)).toMatchObject({ status: 'failed', reason: 'It took longer than 1 s.' })
  const late = await report(task_id, { status: 'success', token: lease.token })
  expect(late.status).toBe(409)
  expect((await said(late)).message).toContain('longer than 1 s')
})

test('A2 cancelled is for ever: in the queue, and under a worker', async () => {
  const coreId = newCore()
  const waiting = await dispatch({ coreId })
  expect((await served.post(`/jobs/${waiting.task_id}/cancel`, {})).status).toBe(200)
  expect((await served.post(`/jobs/${waiting.task_id}/cancel`, {})).status).toBe(200)
  expect(await claim(coreId)).toBeNull()
  const running = await dispatch({ coreId })
  const { lease } = await claimed(coreId)
  expect((await served.post(`/api/jobs/${running.task_id}/cancel`, {})).status).toBe(200)
  const late = await report(running.task_id, { status: 'running', token: lease.token })
  expect([late.status, (await said(late)).details]).toEqual([409, { status: 'cancelled' }])
  const done = await dispatch({ coreId })
  await claimed(coreId)
  expect((await report(done.task_id, { status: 'success' })).status).toBe(200)
  expect((await served.post(`/jobs/${done.task_id}/cancel`, {})).status).toBe(409)
})

test('A2 a session goes on with the worker that stays, and with no other', async () => {
  const coreId = newCore()
  const one = async (stay: boolean, worker: string) => {
    await dispatch({ coreId, stay })
    const got = await claimed(coreId, { worker })
    await report(got.job.task_id, { status: 'success', token: got.lease.token })
    return got.session_id
  }
  const first = await one(true, 'a')
  expect(await one(true, 'b')).not.toBe(first)
  expect(await one(false, 'a')).toBe(first)
  expect(await one(true, 'a')).not.toBe(first)
})

test('A2 a core that claims nothing may report by name: begun, progress, end', async () => {
  const coreId = newCore()
  const { task_id } = await dispatch({ coreId })
  const say = (status: 'running' | 'succeeded', message: string, core_id = coreId) =>
    served.core.jobs.report({ task_id, core_id, status, message }, null)
  expect(await say('running', 'x', 'another')).toMatchObject({ ok: false, error: { code: 'conflict' } })
  expect(await say('running', 'half')).toMatchObject({ ok: true, value: { status: 'running', message: 'half' } })
  expect(await claim(coreId)).toBeNull()
  expect(await say('succeeded', 'all done')).toMatchObject({ ok: true, value: { status: 'succeeded' } })
  expect(await say('succeeded', 'again')).toMatchObject({ ok: true, value: { reason: 'all done' } })
  expect(await served.core.jobs.report({ task_id: 'tsk_1', status: 'failed' }, null)).toMatchObject({
    error: { code: 'not_found' },
  })
})

test('A2 the start of a job is estimated from what its core did before', async () => {
  const coreId = newCore()
  await dispatch({ coreId })
  expect((await dispatch({ coreId })).estimated_start).toBeNull()
  for (let index = 0; index < 2; index += 1) {
    const { job: mine, lease } = await claimed(coreId)
    await report(mine.task_id, { status: 'success', token: lease.token })
  }
  await dispatch({ coreId })
  const { estimated_start, created_at } = await dispatch({ coreId })
  const guess = Date.parse(estimated_start ?? '')
  expect(guess).toBeGreaterThanOrEqual(Date.parse(created_at))
  expect(guess).toBeLessThan(Date.parse(created_at) + 60_000)
})

test.each([
  ['no core', {}],
  ['an odd name', { coreId: '\u0000' }],
  ['a priority of 10', { coreId: 'w', priority: 10 }],
  ['no time', { coreId: 'w', timeout: 0 }],
  ['a field that nobody knows', { coreId: 'w', urgent: true }],
  ['metadata without end', { coreId: 'w', metadata: { text: 'x'.repeat(9_000) } }],
  ['work for Baton without a prompt', { coreId: 'baton' }],
  ['work for Baton with a budget that is none', { coreId: 'baton', prompt: 'x', metadata: { budget_usd_cents: -1 } }],
])('A2 refuses %s', async (_what, body) => {
  const answer = await served.post('/dispatch', body)
  expect(answer.status, await answer.clone().text()).toBe(400)
  expect((await said(answer)).message.length).toBeGreaterThan(20)
})

const OWN = { coreId: 'baton', metadata: { profile: 'demo' } }

test('A2 a job for Baton is carried out here, and its result is the answer', async () => {
  const { task_id } = await dispatch({ ...OWN, prompt: 'Write about owls', priority: 7 })
  const done = await ends(task_id)
  expect(done, done.reason).toMatchObject({ status: 'succeeded', attempts: 1, worker: 'baton' })
  expect(z.string().parse(done.result)).toMatch(/no AI/)
  const run = served.core.runs.get(done.run_id ?? '')
  expect(run).toMatchObject({ ok: true, value: { prompt: 'Write about owls', project_id: done.project_id } })
  expect((await report(task_id, { status: 'failed' })).status).toBe(409)
  expect((await served.post('/jobs/claim', { coreId: 'baton' })).status).toBe(409)
})

test('A2 jobs for Baton that stay are one conversation, each after the one before', async () => {
  const ids: string[] = []
  for (const [prompt, stay] of [
    ['Write about owls', true],
    ['Now about wrens', true],
    ['And robins', false],
    ['Afresh', false],
  ] as const)
    ids.push((await dispatch({ ...OWN, prompt, stay })).task_id)
  const done = await Promise.all(ids.map(ends))
  expect(done.map(({ status, reason }) => status + reason)).toEqual(Array(4).fill('succeeded'))
  const asked = done.map(({ run_id }) => {
    const run = served.core.runs.get(run_id ?? '')
    return run.ok ? run.value.prompt : ''
  })
  expect(asked[2]).toMatch(/Write about owls[\s\S]*no AI[\s\S]*Now about wrens[\s\S]*no AI[\s\S]*And robins$/)
  expect(asked[3]).toBe('Afresh')
  expect(new Set(done.map(({ session_id }) => session_id)).size).toBe(2)
  const [first, second] = done
  expect(Date.parse(second?.started_at ?? '')).toBeGreaterThanOrEqual(Date.parse(first?.ended_at ?? ''))
})

test('A2 a job for Baton that takes too long, or is cancelled, has its work ended', async () => {
  const anthropic = await anthropicDouble({ default: { kind: 'hang' } })
  const bench = await coreBench({ anthropic })
  const given = (prompt: string, timeout: number) => dispatchJob.parse({ coreId: 'baton', prompt, timeout })
  const slow = must(await bench.core.jobs.dispatch(given('Write about owls', 1))).task_id
  const unwanted = must(await bench.core.jobs.dispatch(given('Write about wrens', 600))).task_id
  await eventually('both to run', () => must(bench.core.jobs.get(unwanted)).status === 'running')
  must(await bench.core.jobs.cancel(unwanted))
  for (const [id, status, reason] of [
    [slow, 'failed', 'It took longer than 1 s.'],
    [unwanted, 'cancelled', 'Somebody cancelled it.'],
  ] as const) {
    const ended = await eventually(`the end of ${id}`, () => {
      const now = must(bench.core.jobs.get(id))
      return now.ended_at !== null && now
    })
    expect(ended).toMatchObject({ status, reason })
    await eventually('the end of its run', () => must(bench.core.runs.get(ended.run_id ?? '')).status === 'cancelled')
  }
})

test('A2 what fails in the work of Baton fails the job with the same reason', async () => {
  const bench = await coreBench({})
  const given = dispatchJob.parse({ coreId: 'baton', prompt: 'Write about owls', metadata: { profile: 'nobody' } })
  const { task_id } = must(await bench.core.jobs.dispatch(given))
  const ended = await eventually('its end', () => {
    const now = must(bench.core.jobs.get(task_id))
    return now.ended_at !== null && now
  })
  expect(ended).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('There is no model profile "nobody"'),
  })
})

test('A2 E5 a job that is cancelled while its work is made knows that work, and has it ended', async () => {
  const anthropic = await anthropicDouble({ default: { kind: 'hang' } })
  const bench = await coreBench({ anthropic })
  const ids: string[] = []
  for (let number = 0; number < 20; number++) {
    const given = dispatchJob.parse({ coreId: 'baton', prompt: `Write about owl ${number}` })
    const { task_id } = must(await bench.core.jobs.dispatch(given))
    ids.push(task_id)
    must(await bench.core.jobs.cancel(task_id))
  }
  const runs = await eventually('the end of all work', () => {
    const { items } = bench.core.runs.list({ limit: 100 })
    return items.every(({ state }) => state === 'cancelled') && items
  })
  const known = ids.map((id) => must(bench.core.jobs.get(id)).run_id)
  for (const { id } of runs) expect(known).toContain(id)
})

test('A1 E4 while everything is paused no worker is given a job, and is told why; then they go on', async () => {
  const coreId = newCore()
  const [first, second] = [await dispatch({ coreId }), await dispatch({ coreId })]
  const running = await claimed(coreId)
  must(await served.core.system.pauseAll())
  const refused = await served.post('/jobs/claim', { coreId })
  expect([refused.status, refused.headers.get('x-baton-reason')]).toEqual([
    204,
    'Everything is paused. It goes on when somebody resumes it.',
  ])
  expect(await read(second.task_id)).toMatchObject({ status: 'queued', reason: expect.stringContaining('is paused') })
  // What runs elsewhere goes on, and may be reported.
  expect((await report(first.task_id, { status: 'success', token: running.lease.token })).status).toBe(200)
  const waiting = claim(coreId, { wait_s: 60 })
  // A job that comes now wakes the worker, and is not for it either.
  const held = await dispatch({ coreId, priority: 9 })
  // Nobody knows when that ends.
  expect([held.estimated_start, (await read(held.task_id)).estimated_start]).toEqual([null, null])
  expect((await served.post('/jobs/claim', { coreId })).status).toBe(204)
  must(await served.core.system.resumeAll())
  expect((await waiting)?.job).toMatchObject({ priority: 9, estimated_start: expect.any(String) })
  expect((await claimed(coreId)).job.task_id).toBe(second.task_id)
  const none = await served.post('/jobs/claim', { coreId })
  expect([none.status, none.headers.get('x-baton-reason')]).toEqual([204, null])
})

const PASSWORD = 'correct horse battery'

/** An operator who has logged in. */
async function operator(email: string): Promise<{ id: string; dispatch(body: object): Promise<string> }> {
  const invited = await served.post('/api/invites', { role: 'operator' })
  const { code: invite } = z.object({ code: z.string() }).parse(await invited.json())
  await served.post('/api/auth/register', { email, password: PASSWORD, display_name: email, invite })
  const { access_token, user } = session.parse(
    await (await served.post('/api/auth/login', { email, password: PASSWORD })).json(),
  )
  return {
    id: user.id,
    async dispatch(body) {
      const answer = await served.call('/dispatch', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${access_token}` },
        body: JSON.stringify(body),
      })
      expect(answer.status, await answer.clone().text()).toBe(201)
      return jobDispatched.parse(await answer.json()).task_id
    },
  }
}

test('A1 S1 queued jobs of somebody who is switched off wait, for workers and here, until they are let in again', async () => {
  await served.post('/api/auth/register', {
    ...{ email: 'admin@b.org', password: PASSWORD, display_name: 'Admin', invite: TOKEN },
  })
  const { id, dispatch: dispatchTheirs } = await operator('leaves@b.org')
  const coreId = newCore()
  const theirs = await dispatchTheirs({ coreId })
  const ours = await dispatch({ coreId })
  // Work for Baton is made ready at once; while everything is paused it does not begin.
  must(await served.core.system.pauseAll())
  const here = await dispatchTheirs({ coreId: 'baton', prompt: 'One bird.', metadata: { profile: 'demo' } })
  await eventually('its work to be made', async () => (await read(here)).run_id !== null)
  must(await served.core.identity.changeUser({ id, is_active: false }))
  await eventually('its work to be taken back', async () => (await read(here)).run_id === null)
  must(await served.core.system.resumeAll())

  // Another's later job goes before theirs.
  expect((await claimed(coreId)).job.task_id).toBe(ours.task_id)
  expect(await claim(coreId)).toBe(null)
  for (const job of [theirs, here]) {
    expect(await read(job)).toMatchObject({ status: 'queued', reason: expect.stringContaining('was switched off') })
  }
  const later = await dispatch({ coreId: 'baton', prompt: 'Two birds.', metadata: { profile: 'demo' } })
  expect((await ends(later.task_id)).status).toBe('succeeded')
  expect((await read(here)).status).toBe('queued')

  const waiting = claim(coreId, { wait_s: 60 })
  must(await served.core.identity.changeUser({ id, is_active: true }))
  expect((await waiting)?.job.task_id).toBe(theirs)
  expect((await ends(here)).status).toBe('succeeded')
})

test('A1 S1 many jobs whose owner goes and comes back while others change too are each done, and none is lost', async () => {
  await served.post('/api/auth/register', {
    ...{ email: 'admin@b.org', password: PASSWORD, display_name: 'Admin', invite: TOKEN },
  })
  const first = await operator('first@b.org')
  const second = await operator('second@b.org')
  must(await served.core.system.pauseAll())
  const about = { coreId: 'baton', metadata: { profile: 'demo' } }
  const jobs: string[] = []
  for (let count = 0; count < 12; count += 1) {
    jobs.push(await (count % 2 === 0 ? first : second).dispatch({ ...about, prompt: `Bird ${count}.` }))
  }
  const areMade = async (): Promise<boolean> => {
    const seen = await Promise.all(jobs.map(read))
    return seen.every(({ run_id }) => run_id !== null)
  }
  await eventually('their work to be made', areMade)
  // While the work of the first is taken back, the list changes twice more.
  await Promise.all([
    served.core.identity.changeUser({ id: first.id, is_active: false }),
    served.core.identity.changeUser({ id: second.id, is_active: false }),
    served.core.system.pauseAll(),
  ])
  must(await served.core.identity.changeUser({ id: second.id, is_active: true }))
  must(await served.core.identity.changeUser({ id: first.id, is_active: true }))
  await eventually('their work to be made again', areMade)
  for (const id of jobs) expect((await read(id)).status).toBe('queued')
  must(await served.core.system.resumeAll())
  for (const id of jobs) expect((await ends(id)).status).toBe('succeeded')
})
