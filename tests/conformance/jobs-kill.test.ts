import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { type ClaimedJob, claimedJob, type Job, job, jobDispatched, jobEvent } from '../../src-contract/job.ts'
import { pageOf } from '../../src-contract/page.ts'
import { eventually } from '../support/eventually.ts'
import { type CliBench, createCliBench } from './cli-process.ts'

let cli: CliBench
afterEach(() => cli.close())

interface Serving {
  kill(): Promise<void>
  send(method: string, path: string, body?: unknown): Promise<Response>
  job(id: string): Promise<Job>
  dispatch(body: object): Promise<string>
}

/** A served core in a process of its own, on the bench's folder. */
async function serve(): Promise<Serving> {
  const served = cli.start(['serve', '--port', '0'])
  const line = await new Promise<string>((resolve, reject) => {
    served.lines.once('line', resolve)
    served.ended.then((end) => reject(new Error(end.stderr)), reject)
  })
  const { url, token_file } = JSON.parse(line) as { url: string; token_file: string }
  const headers = {
    authorization: `Bearer ${readFileSync(token_file, 'utf8').trim()}`,
    'content-type': 'application/json',
  }
  const send: Serving['send'] = (method, path, body) =>
    fetch(new URL(path, url), { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
  return {
    async kill() {
      served.child.kill('SIGKILL')
      await served.ended
    },
    send,
    job: async (id) => job.parse(await (await send('GET', `/jobs/${id}`)).json()),
    dispatch: async (body) => jobDispatched.parse(await (await send('POST', '/dispatch', body)).json()).task_id,
  }
}

test('A2 E5 killed, nothing is lost: the queue stays, leases hold, work of Baton goes on, late workers are told', async () => {
  cli = createCliBench()
  const first = await serve()
  const queued = await first.dispatch({ coreId: 'builder', priority: 3 })
  const held = await first.dispatch({ coreId: 'keeper' })
  const lost = await first.dispatch({ coreId: 'loser' })
  const take = async (core: Serving, coreId: string, lease_s: number): Promise<ClaimedJob> =>
    claimedJob.parse(await (await core.send('POST', '/jobs/claim', { coreId, lease_s, wait_s: 30 })).json())
  const keeper = await take(first, 'keeper', 600)
  const loser = await take(first, 'loser', 1)
  const own: string[] = []
  for (const prompt of ['Write about owls', 'Write about wrens', 'Write about robins'])
    own.push(await first.dispatch({ coreId: 'baton', prompt, stay: true, metadata: { profile: 'demo' } }))
  await first.kill()

  const second = await serve()
  expect(await second.job(queued)).toMatchObject({ status: 'queued', priority: 3 })
  expect(await second.job(held)).toMatchObject({ status: 'running', attempts: 1 })
  const kept = await second.send('PUT', `/jobs/${held}/status`, { status: 'success', token: keeper.lease.token })
  expect(kept.status).toBe(200)
  const again = await take(second, 'loser', 600)
  expect(again).toMatchObject({ job: { task_id: lost, attempts: 2 } })
  const late = await second.send('PUT', `/jobs/${lost}/status`, { status: 'success', token: loser.lease.token })
  expect(late.status).toBe(409)
  for (const id of own) {
    const done = await eventually(`the end of ${id}`, async () => {
      const now = await second.job(id)
      return now.status !== 'queued' && now.status !== 'running' && now
    })
    expect(done, done.reason).toMatchObject({ status: 'succeeded', attempts: 1 })
    const told = pageOf(jobEvent).parse(await (await second.send('GET', `/jobs/${id}/events`)).json()).items
    expect(told.map(({ event_type }) => event_type)).toEqual(['job.queued', 'job.started', 'job.ended'])
  }
})

test('A2 X2 the command lists jobs with their state and why, and cancels one', async () => {
  cli = createCliBench()
  expect(await cli.run(['jobs'])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('No job was dispatched yet'),
  })
  const core = await serve()
  const id = await core.dispatch({ coreId: 'builder', priority: 4 })
  const other = await core.dispatch({ coreId: 'miller' })
  const listed = await cli.run(['jobs', '--json'])
  expect(
    listed.stdout
      .trim()
      .split('\n')
      .map((line) => job.parse(JSON.parse(line)).task_id),
  ).toEqual([other, id])
  const shown = await cli.run(['jobs', '--core', 'builder'])
  expect(shown.stdout).toMatch(new RegExp(`${id} +builder +queued +4 .*Waits for a worker`))
  expect(shown.stdout).not.toContain(other)
  expect((await cli.run(['jobs', '--cancel', id])).stdout).toMatch(/cancelled/)
  expect((await core.job(id)).status).toBe('cancelled')
  expect((await cli.run(['jobs', '--cancel', id])).code).toBe(0)
  const unknown = await cli.run(['jobs', '--cancel', 'job_zz'])
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('There is no job job_zz')])
})
