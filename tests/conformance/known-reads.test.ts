import { expect, onTestFinished, test } from 'vitest'
import { newProject, type Project } from '../../src-contract/project.ts'
import { must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { AUTH, type RawAnswer, rawRequest, type ServedCore, serveCore } from './served-core.ts'

async function servedProject(): Promise<{ served: ServedCore; id: string }> {
  const served = await serveCore()
  onTestFinished(() => served.close())
  const { id } = must(
    await served.core.projects.create(newProject.parse({ requirements: 'Two notes on owls', profile: 'demo' })),
  )
  return { served, id }
}

/** Everything of an answer but its moment. */
function alike({ status, headers, body }: RawAnswer) {
  const { date: _date, ...rest } = headers
  return { status, headers: rest, body }
}

/** A project as it is read again and again, beside the same by the contract alone: with a query nothing is remembered. */
async function readBoth({ port }: ServedCore, id: string) {
  const ask = (path: string) =>
    rawRequest(port, { path, headers: { host: `127.0.0.1:${port}`, 'x-correlation-id': 'same', ...AUTH } })
  await ask(`/api/projects/${id}?`)
  const first = alike(await ask(`/api/projects/${id}`))
  expect(alike(await ask(`/api/projects/${id}`))).toEqual(first)
  expect(first).toEqual(alike(await ask(`/api/projects/${id}?`)))
  return first
}

test('A2 A6 a project that is read again is what the contract answers, after each change of it', async () => {
  const { served, id } = await servedProject()
  const { core } = served
  const seen = new Set<string>()
  const look = async (): Promise<Project> => {
    const { body } = await readBoth(served, id)
    // Each change is seen at once.
    expect(seen).not.toContain(body)
    seen.add(body)
    return JSON.parse(body)
  }
  const reaches = (state: Project['state']) =>
    eventually(state, () => must(core.projects.get(id)).state === state).then(look)

  expect(await look()).toMatchObject({ state: 'draft', name: expect.any(String) })
  must(await core.projects.change(id, { name: 'Owls' }))
  expect(await look()).toMatchObject({ name: 'Owls' })
  must(await core.projects.change(id, { budget_micros: 5_000_000 }))
  expect(await look()).toMatchObject({ budget_micros: 5_000_000, limit_micros: 5_000_000 })
  must(await core.projects.plan(id))
  const { plan_id } = await reaches('awaiting_approval')
  must(await core.plans.approve(plan_id ?? ''))
  expect(await reaches('succeeded')).toMatchObject({ task_counts: { running: 0 } })
  must(await core.projects.remove(id))
  expect((await readBoth(served, id)).status).toBe(404)
})

test('A2 A6 a project that nobody has changed is the same one, whatever happens to others, and cannot be changed by who has it', async () => {
  const { served, id } = await servedProject()
  const before = must(served.core.projects.get(id))
  expect(served.core.projects.get(id)).toMatchObject({ value: before })
  expect(must(served.core.projects.get(id))).toBe(before)
  expect(Object.isFrozen(before)).toBe(true)

  must(await served.core.projects.create(newProject.parse({ requirements: 'Another', profile: 'demo' })))
  expect(must(served.core.projects.get(id))).toEqual(before)
})

test('A2 S4 what the owner has read is refused to who may not read it, and is not there for another path', async () => {
  const { served, id } = await servedProject()
  await readBoth(served, id)
  const host = `127.0.0.1:${served.port}`
  const path = `/api/projects/${id}`
  expect((await rawRequest(served.port, { path, headers: { host } })).status).toBe(401)
  expect((await rawRequest(served.port, { path, headers: { host, authorization: 'Bearer no' } })).status).toBe(401)
  expect((await rawRequest(served.port, { path, headers: { host: 'evil.example', ...AUTH } })).status).toBe(403)
  expect((await rawRequest(served.port, { path: `${path}/`, headers: { host, ...AUTH } })).status).toBe(200)
  expect((await rawRequest(served.port, { path: `${path}x`, headers: { host, ...AUTH } })).status).toBe(404)
  // The same number, longer than an id may be: what the contract refuses is refused.
  const long = path.replace('prj_', 'prj_00000000000')
  expect((await rawRequest(served.port, { path: long, headers: { host, ...AUTH } })).status).toBe(400)
})
