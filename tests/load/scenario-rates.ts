import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { ask, newProject } from './ask.ts'
import { type Asked, asCpu, asWaiting, inMegabytes, inMs, type Load } from './figures.ts'
import { type Crowd, type Served, WEBHOOK_SECRET } from './processes.ts'
import type { Report } from './report.ts'
import { DISPATCH } from './scenario-ceilings.ts'

const READERS = 500
const dispatched = z.looseObject({ task_id: z.string(), core_id: z.string() })

/** Signs of life of one job, no two alike: the same message is taken once (A5). */
async function webhooks(baton: Served): Promise<Asked> {
  const job = dispatched.parse(await ask(baton, 'POST', DISPATCH.path, JSON.parse(DISPATCH.body)))
  let count = 0
  return {
    ...{ path: '/webhook', method: 'POST' },
    each() {
      count += 1
      const { task_id, core_id } = job
      const said = { event: 'task.progress', task_id, core_id, status: 'running', data: { message: `Step ${count}` } }
      const body = JSON.stringify({ ...said, timestamp: new Date().toISOString() })
      const t = Math.floor(Date.now() / 1_000)
      const signature = createHmac('sha256', WEBHOOK_SECRET).update(`${t}.${body}`).digest('hex')
      return { body, headers: { 'content-type': 'application/json', 'x-signature': `t=${t},v1=${signature}` } }
    },
  }
}

/** The rates of S1, while 500 readers follow everything. */
export async function measureRates(bench: { baton: Served; crowd: Crowd; load: Load; report: Report }): Promise<void> {
  const { baton, crowd, load, report } = bench
  async function at(what: string, asked: Asked & { rate: number }, limitMs: number): Promise<void> {
    const got = await load(baton, asked)
    // Slower than asked is no answer in time, however quick each was.
    const isMet = got.failures === 0 && got.p97_ms < limitMs && got.per_second >= 0.95 * asked.rate
    report.add({
      what: `${what} at ${asked.rate}/s (${Math.round(got.per_second)}/s answered, ${got.failures} failed; ${asCpu(got.cpu)}, ${asWaiting(got.kept_waiting)}, ${inMegabytes(got.rss_bytes)})`,
      ...{ figure: `p97.5 ${inMs(got.p97_ms)}`, target: `p95 < ${limitMs} ms`, isMet },
    })
  }
  const path = `/api/projects/${await newProject(baton)}`
  await at('GET /api/projects/{id}', { path, rate: 1_000 }, 200)
  await at('GET /metrics', { path: '/metrics', rate: 20, connections: 4 }, 50)
  await at('POST /webhook', { ...(await webhooks(baton)), rate: 200 }, 100)
  await crowd.open(baton, '/sse/events', READERS)
  await at(`POST /dispatch with ${READERS} readers`, { ...DISPATCH, rate: 100 }, 500)
  const { events, complete, lost_lines } = await crowd.leave()
  report.add({
    what: `events of that which reached all ${READERS} readers`,
    ...{
      figure: `${complete} of ${events}`,
      target: 'all',
      isMet: complete === events && events > 0 && lost_lines === 0,
    },
  })
}
