import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { ask, newProject } from './ask.ts'
import type { Asked } from './asked.ts'
import { asCpu, asPaced, asWaiting, inMegabytes, inMs, type Load } from './figures.ts'
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
  async function at(what: string, rate: number, asked: Asked, limitMs: number): Promise<void> {
    const got = await load.at(baton, asked, rate)
    // Slower than asked is no answer in time, however quick each was.
    const isMet = got.failures === 0 && got.p95_ms < limitMs && got.per_second >= 0.95 * rate
    report.add({
      what: `${what} at ${rate}/s (${Math.round(got.per_second)}/s answered, ${got.failures} failed; sent ${inMs(got.late_p95_ms)} late; ${asCpu(got.cpu)}, ${asWaiting(got.kept_waiting)}, ${inMegabytes(got.rss_bytes)})`,
      ...{ figure: asPaced(got), target: `p95 < ${limitMs} ms`, isMet },
    })
  }
  await at('GET /api/projects/{id}', 1_000, { path: `/api/projects/${await newProject(baton)}` }, 200)
  await at('GET /metrics', 20, { path: '/metrics', connections: 4 }, 50)
  await at('POST /webhook', 200, await webhooks(baton), 100)
  await crowd.open(baton, '/sse/events', READERS)
  await at(`POST /dispatch with ${READERS} readers`, 100, DISPATCH, 500)
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
