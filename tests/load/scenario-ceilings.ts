import { newProject } from './ask.ts'
import { type Answered, costOf, inMegabytes, type Load, perSecond } from './figures.ts'
import { type Bare, type Served, serveBare, usageOf } from './processes.ts'
import type { Report } from './report.ts'

/** For a worker that never comes: what is measured is to take a job durably, not to do it. */
export const DISPATCH = {
  path: '/dispatch',
  method: 'POST',
  body: JSON.stringify({ coreId: 'load-test', metadata: { note: 'x'.repeat(200) } }),
} as const

const SHARE = 0.25

/** As many requests as each server answers. */
export async function measureCeilings(bench: { baton: Served; load: Load; report: Report }): Promise<void> {
  const { baton, load, report } = bench
  const idle = usageOf(baton.pid)?.rss_bytes ?? null
  const isLean = idle === null ? {} : { isMet: idle < 512 * 1_048_576 }
  report.add({ what: 'memory when idle', figure: inMegabytes(idle), target: '< 512 MB', ...isLean })

  async function bare(kind: Bare, method: 'GET' | 'POST' = 'GET'): Promise<Answered> {
    const server = await serveBare(kind)
    try {
      const body = method === 'POST' ? { body: DISPATCH.body } : {}
      return await load.most(server, { path: '/', method, ...body })
    } finally {
      await server.close()
    }
  }
  const http = await bare('http')
  const path = `/api/projects/${await newProject(baton)}`
  const get = await load.most(baton, { path })
  // Measured again after it: what else the machine does comes and goes.
  const ceiling = (http.per_second + (await bare('http')).per_second) / 2
  report.add({
    what: `GET /api/projects/{id}, with a login (${get.failures} failed; ${costOf(get)} beside ${costOf(http)})`,
    ...{
      figure: perSecond(get.per_second),
      ceiling: `${perSecond(ceiling)} node:http`,
      ratio: get.per_second / ceiling,
    },
    ...{ target: `>= ${SHARE}`, isMet: get.failures === 0 && get.per_second >= SHARE * ceiling },
  })
  for (const [kind, name] of [
    ['hono', 'hono'],
    ['hono-sqlite', 'hono and SQLite'],
  ] as const) {
    const figure = (await bare(kind)).per_second
    report.add({
      what: 'the same',
      figure: perSecond(get.per_second),
      ceiling: `${perSecond(figure)} ${name}`,
      ratio: get.per_second / figure,
    })
  }
  const insert = await bare('insert', 'POST')
  const post = await load.most(baton, DISPATCH)
  report.add({
    what: `POST /dispatch, durable (${post.failures} failed; ${costOf(post)} beside ${costOf(insert)})`,
    ...{
      figure: perSecond(post.per_second),
      ceiling: `${perSecond(insert.per_second)} insert`,
      ratio: post.per_second / insert.per_second,
    },
    ...{ target: `>= ${SHARE}`, isMet: post.failures === 0 && post.per_second >= SHARE * insert.per_second },
  })
}
