import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { session } from '../../src-contract/identity.ts'
import { claimedJob, job, jobDispatched } from '../../src-contract/job.ts'
import { project } from '../../src-contract/project.ts'
import { must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { type ServedCore, serveCore, TOKEN } from './served-core.ts'

const PASSWORD = 'a password nobody guesses'

let served: ServedCore
beforeAll(async () => {
  served = await serveCore()
  await served.post('/api/auth/register', {
    ...{ email: 'admin@b.org', password: PASSWORD, display_name: 'Admin', invite: TOKEN },
  })
})
afterAll(() => served.close())

/** An operator who has logged in. */
async function operator(email: string) {
  const invited = await served.post('/api/invites', { role: 'operator' })
  const { code: invite } = z.object({ code: z.string() }).parse(await invited.json())
  await served.post('/api/auth/register', { email, password: PASSWORD, display_name: email, invite })
  const login = await served.post('/api/auth/login', { email, password: PASSWORD })
  const { access_token, user } = session.parse(await login.json())
  const call = (path: string, body?: object): Promise<Response> =>
    served.call(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${access_token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return { id: user.id, call }
}

const now = (id: string) => must(served.core.projects.get(id))

/** A project of theirs with a plan; answers with what approves that and gives the project's id. */
async function planned({ call }: Awaited<ReturnType<typeof operator>>): Promise<() => Promise<string>> {
  const made = await call('/api/projects', { requirements: 'Two notes about owls', profile: 'demo' })
  const { id } = project.parse(await made.json())
  expect((await call(`/api/projects/${id}/plan`, {})).status).toBe(202)
  const plan = await eventually('its plan', () => now(id).state === 'awaiting_approval' && now(id).plan_id)
  return async () => {
    expect((await call(`/api/plans/${plan}/approve`, {})).ok).toBe(true)
    expect(['executing', 'succeeded']).toContain(now(id).state)
    return id
  }
}

test('S1 what somebody set going who is switched off is paused and says so, and goes on when they are let in again', async () => {
  const leaves = await operator('leaves@b.org')
  const stays = await operator('stays@b.org')
  const theirs = await (await planned(leaves))()
  await eventually('its end', () => now(theirs).state === 'succeeded')
  const plans = [await planned(leaves), await planned(leaves), await planned(stays)] as const
  must(await served.core.system.pauseAll())
  const [first, second, other] = [await plans[0](), await plans[1](), await plans[2]()]

  must(await served.core.identity.changeUser({ id: leaves.id, is_active: false }))

  expect((await leaves.call(`/api/projects/${first}`)).status).toBe(401)
  for (const id of [first, second]) {
    expect(now(id)).toMatchObject({ state: 'paused', reason: expect.stringContaining('owner was switched off') })
  }
  expect([now(theirs).state, now(other).state]).toEqual(['succeeded', 'executing'])
  must(await served.core.system.resumeAll())
  await eventually('the end of what is of another', () => now(other).state === 'succeeded')
  expect(now(first)).toMatchObject({ state: 'paused', task_counts: { succeeded: 0, running: 0 } })

  // An admin may have it done all the same, and what they stopped themselves stays stopped.
  must(await served.core.projects.resume(first))
  await eventually('the end of what an admin resumed', () => now(first).state === 'succeeded')
  must(await served.core.system.pauseAll())
  must(await served.core.identity.changeUser({ id: leaves.id, is_active: true }))
  expect(now(second)).toMatchObject({ state: 'executing', reason: '' })
  must(await served.core.projects.pause(second))
  must(await served.core.identity.changeUser({ id: leaves.id, is_active: true }))
  expect(now(second)).toMatchObject({ state: 'paused', reason: 'Paused by you.' })
  must(await served.core.projects.resume(second))
  must(await served.core.system.resumeAll())
  await eventually('the end of the rest', () => now(second).state === 'succeeded')
})

test('S1 E4 a run that is at work when its owner is switched off loses nothing, and comes to its end when they are let in', async () => {
  const leaves = await operator('at-work@b.org')
  const id = await (await planned(leaves))()
  await eventually('its work to begin', () => now(id).started_at !== null)
  must(await served.core.identity.changeUser({ id: leaves.id, is_active: false }))
  await eventually('its work to rest', () => now(id).state !== 'executing' && now(id).task_counts.running === 0)
  must(await served.core.identity.changeUser({ id: leaves.id, is_active: true }))
  await eventually('its end', () => now(id).state === 'succeeded')
})

const put = (path: string, body: object): Promise<Response> =>
  served.call(path, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('S1 A2 a worker loses the job of somebody who is switched off, hears why, and nobody has it until they are let in again', async () => {
  const leaves = await operator('dispatches@b.org')
  const dispatched = await leaves.call('/dispatch', { coreId: 'shell' })
  const { task_id } = jobDispatched.parse(await dispatched.json())
  const lease = claimedJob.parse(
    await (await served.post('/jobs/claim', { coreId: 'shell', worker: 'w' })).json(),
  ).lease
  const report = { status: 'running', token: lease.token }
  expect((await put(`/jobs/${task_id}/status`, report)).status).toBe(200)

  // One who waits for work already does not get it either.
  const waits = served.post('/jobs/claim', { coreId: 'shell', worker: 'other', wait_s: 1 })
  must(await served.core.identity.changeUser({ id: leaves.id, is_active: false }))

  for (const status of ['running', 'succeeded'] as const) {
    const refused = await put(`/jobs/${task_id}/status`, { ...report, status })
    expect(refused.status).toBe(409)
    expect(await refused.text()).toMatch(/Stop working on job_.*Its owner was switched off/)
  }
  expect((await waits).status).toBe(204)
  const resting = job.parse(await (await served.call(`/jobs/${task_id}`)).json())
  expect(resting).toMatchObject({ status: 'queued', attempts: 0, reason: expect.stringContaining('switched off') })

  must(await served.core.identity.changeUser({ id: leaves.id, is_active: true }))
  expect(await (await put(`/jobs/${task_id}/status`, report)).text()).toContain('Claim it again')
  const again = claimedJob.parse(await (await served.post('/jobs/claim', { coreId: 'shell', worker: 'w' })).json())
  expect(again.job).toMatchObject({ task_id, attempts: 1 })
  const done = { status: 'succeeded', token: again.lease.token }
  expect((await put(`/jobs/${task_id}/status`, done)).status).toBe(200)
})

test('S1 A2 nobody begins a job by a report whose owner was switched off', async () => {
  const leaves = await operator('never-begun@b.org')
  const { task_id } = jobDispatched.parse(await (await leaves.call('/dispatch', { coreId: 'untold' })).json())
  must(await served.core.identity.changeUser({ id: leaves.id, is_active: false }))
  const refused = await put(`/jobs/${task_id}/status`, { status: 'running' })
  expect(refused.status).toBe(409)
  expect(await refused.text()).toContain('Its owner was switched off')
})
