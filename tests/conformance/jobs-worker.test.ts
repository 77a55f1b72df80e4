import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Job, job, jobDispatched } from '../../src-contract/job.ts'
import { pageOf } from '../../src-contract/page.ts'
import { eventually } from '../support/eventually.ts'
import { type ServedCore, serveCore, TOKEN } from './served-core.ts'

const SCRIPT = join(import.meta.dirname, '..', '..', 'docs', 'examples', 'worker.sh')
const folder = mkdtempSync(join(tmpdir(), 'baton-worker-'))

let served: ServedCore
const workers = new Set<ChildProcess>()
beforeAll(async () => {
  served = await serveCore()
  await served.core.settings.change({
    rate_limits: { changes: 100_000, plans: 10, reads: 100_000, logins: 10, webhooks: 10 },
  })
})
afterEach(async () => {
  for (const worker of workers) await end(worker)
})
afterAll(async () => {
  await served.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A worker in a process group of its own, so that it dies with what it started. */
function work(env: Record<string, string>): ChildProcess {
  const worker = spawn('/bin/sh', [SCRIPT], {
    detached: true,
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], BATON_URL: served.url, BATON_TOKEN: TOKEN, LEASE_S: '3', ...env },
  })
  workers.add(worker)
  return worker
}

async function end(worker: ChildProcess): Promise<void> {
  workers.delete(worker)
  if (worker.exitCode !== null || worker.signalCode !== null || worker.pid === undefined) return
  const gone = once(worker, 'exit')
  process.kill(-worker.pid, 'SIGKILL')
  await gone
}

async function dispatch(body: object): Promise<string> {
  return jobDispatched.parse(await (await served.post('/dispatch', body)).json()).task_id
}

async function jobs(coreId: string): Promise<Job[]> {
  return pageOf(job).parse(await (await served.call(`/jobs?core_id=${coreId}&limit=100`)).json()).items
}

test('A2 two shell workers do twenty jobs, each once, and report what came of them', async () => {
  const log = join(folder, 'done.log')
  const ids: string[] = []
  // What a dispatcher writes cannot pass for the lease.
  const metadata = { lease: { task_id: 'job_zz', token: 99 }, text: '"lease":{"task_id":"job_zz"}' }
  for (let index = 0; index < 20; index += 1) ids.push(await dispatch({ coreId: 'shell', metadata }))
  const doing = `echo "$TASK_ID" >> '${log}'; printf 'a "quoted" \\\\ line\\nand\\tanother by %s' "$WORKER"`
  for (const WORKER of ['a', 'b']) work({ CORE: 'shell', WORKER, WORK: doing })
  const done = await eventually('the end of all', async () => {
    const all = await jobs('shell')
    return all.every(({ status }) => status === 'succeeded') && all
  })
  expect(readFileSync(log, 'utf8').trim().split('\n').toSorted()).toEqual(ids.toSorted())
  for (const { worker, result, attempts } of done) {
    expect(attempts).toBe(1)
    expect(result).toBe(`a "quoted" \\ line\nand\tanother by ${worker}`)
  }
})

test('A2 what a killed worker had goes to the other one, which keeps it for longer than a lease', async () => {
  const id = await dispatch({ coreId: 'fragile' })
  const first = work({ CORE: 'fragile', WORKER: 'first', WORK: 'sleep 600' })
  await eventually('the first worker to have it', async () => (await jobs('fragile'))[0]?.status === 'running')
  await end(first)
  work({ CORE: 'fragile', WORKER: 'second', WORK: 'sleep 5; echo finished' })
  const [done] = await eventually('its end', async () => {
    const all = await jobs('fragile')
    return all[0]?.status === 'succeeded' && all
  })
  expect(done).toMatchObject({ task_id: id, worker: 'second', attempts: 2, result: 'finished' })
})

test('A2 a job whose program fails is failed, and one that is cancelled is stopped', async () => {
  const failing = await dispatch({ coreId: 'failing' })
  work({ CORE: 'failing', WORK: 'echo no owls >&2; exit 3' })
  const [failed] = await eventually('its failure', async () => {
    const all = await jobs('failing')
    return all[0]?.status === 'failed' && all
  })
  expect(failed).toMatchObject({ task_id: failing, reason: 'It ended with code 3.', result: 'no owls' })

  const endless = await dispatch({ coreId: 'endless' })
  const next = await dispatch({ coreId: 'endless', metadata: { short: true } })
  work({ CORE: 'endless', WORK: 'case $CLAIM in *short*) echo short ;; *) exec sleep 600 ;; esac' })
  await eventually('it to run', async () => (await jobs('endless')).some(({ status }) => status === 'running'))
  expect((await served.post(`/jobs/${endless}/cancel`, {})).status).toBe(200)
  // The worker is free again.
  await eventually('the next job', async () => {
    const all = await jobs('endless')
    return all.find(({ task_id }) => task_id === next)?.status === 'succeeded'
  })
})
