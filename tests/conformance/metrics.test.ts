import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { type ServedCore, serveCore } from './served-core.ts'

let served: ServedCore
beforeAll(async () => {
  served = await serveCore()
})
afterAll(() => served.close())

/** Value of a series such as `name{a="b"}`; undefined where there is none. */
function metricIn(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

async function scrape(): Promise<string> {
  const answer = await served.call('/metrics')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toContain('text/plain')
  return answer.text()
}

test('M5 S4 metrics are for who has the right: an admin, or a token with that scope alone', async () => {
  expect((await fetch(`${served.url}/metrics`)).status).toBe(401)
  const token = async (scopes: string[]) =>
    z.object({ token: z.string() }).parse(await (await served.post('/api/tokens', { name: 'x', scopes })).json()).token
  const scraped = async (scopes: string[]) =>
    (await fetch(`${served.url}/metrics`, { headers: { authorization: `Bearer ${await token(scopes)}` } })).status
  expect(await scraped(['metrics'])).toBe(200)
  expect(await scraped(['read', 'write'])).toBe(403)
})

test('M5 counts requests by pattern, tasks, runs and calls under the names of S1, with bounded labels', async () => {
  await scrape()
  const made = await served.post('/api/projects', { requirements: 'Two birds, with a page each.', profile: 'demo' })
  const { id } = z.object({ id: z.string() }).parse(await made.json())
  await served.post(`/api/projects/${id}/plan`, {})
  await expect
    .poll(
      async () => z.object({ state: z.string() }).parse(await (await served.call(`/api/projects/${id}`)).json()).state,
    )
    .toBe('awaiting_approval')
  const plans = await (await served.call(`/api/projects/${id}/plans`)).json()
  const plan = z.object({ items: z.array(z.object({ id: z.string() })) }).parse(plans).items[0]?.id
  await served.post(`/api/plans/${plan}/approve`, {})
  await expect
    .poll(
      async () => z.object({ state: z.string() }).parse(await (await served.call(`/api/projects/${id}`)).json()).state,
      { timeout: 60_000, interval: 200 },
    )
    .toBe('succeeded')
  for (const path of ['/api/nothing/a', '/api/nothing/b']) await served.call(path)
  const text = await scrape()
  expect(metricIn(text, 'orch_http_requests_total{method="POST",endpoint="projects.create",status="201"}')).toBe(1)
  expect(metricIn(text, 'orch_http_requests_total{method="GET",endpoint="other",status="404"}')).toBe(2)
  expect(text).not.toContain(id)
  expect(metricIn(text, 'orch_tasks_total{kind="task",status="succeeded"}')).toBeGreaterThan(0)
  expect(metricIn(text, 'orch_task_duration_seconds_count{kind="task",status="succeeded"}')).toBeGreaterThan(0)
  expect(text).toMatch(/^baton_model_calls_total\{model="[^"]+",state="done"\} \d+/m)
  expect(metricIn(text, 'orch_task_queue_depth{kind="task"}')).toBe(0)
  expect(metricIn(text, 'baton_budget_micros{scope="day",part="limit"}')).toBe(5_000_000)
  for (const name of [
    'orch_locks_active',
    'orch_lock_wait_duration_seconds',
    'orch_system_memory_bytes',
    'orch_system_cpu_seconds_total',
  ])
    expect(text, name).toContain(`# TYPE ${name} `)
})

test('M5 A2 counts jobs under the names that S1 gave its tasks', async () => {
  for (const coreId of ['metered', 'metered', 'metered']) await served.post('/dispatch', { coreId })
  const taken = await served.post('/jobs/claim', { coreId: 'metered' })
  const { lease } = z.object({ lease: z.object({ task_id: z.string() }) }).parse(await taken.json())
  const headers = { 'content-type': 'application/json' }
  await served.call(`/jobs/${lease.task_id}/status`, { method: 'PUT', headers, body: '{"status":"success"}' })
  await expect.poll(async () => metricIn(await scrape(), 'orch_tasks_total{kind="job",status="succeeded"}')).toBe(1)
  const text = await scrape()
  expect(metricIn(text, 'orch_tasks_total{kind="job",status="queued"}')).toBe(3)
  expect(metricIn(text, 'orch_task_queue_depth{kind="job"}')).toBe(2)
  expect(metricIn(text, 'orch_task_duration_seconds_count{kind="job",status="succeeded"}')).toBe(1)
})

test('M5 counts open streams and what is sent on them', async () => {
  const end = new AbortController()
  const stream = await served.call('/api/events/stream', { signal: end.signal })
  const reader = stream.body?.getReader()
  await served.post('/api/projects', { requirements: 'One bird.' })
  await reader?.read()
  const text = await scrape()
  expect(metricIn(text, 'orch_sse_connections_active')).toBe(1)
  expect(metricIn(text, 'orch_sse_messages_sent_total')).toBeGreaterThan(0)
  end.abort()
  await reader?.cancel().catch(() => undefined)
  await expect.poll(async () => metricIn(await scrape(), 'orch_sse_connections_active')).toBe(0)
})

test('M5 the dashboard and the alert rules that Baton ships ask for metrics that there are', async () => {
  const known = new Set([...(await scrape()).matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name))
  const folder = join(import.meta.dirname, '..', '..', 'resources', 'monitoring')
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const dashboard = z
    .object({ panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })) })) })
    .parse(JSON.parse(read('grafana-dashboard.json')))
  const rules = z
    .object({ groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })) })
    .parse(parse(read('alert-rules.yml')))
  const asked = [
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
  ].flatMap((expr) => expr.match(/\b(?:orch|baton)_\w+/g) ?? [])
  expect(asked.length).toBeGreaterThan(25)
  for (const name of asked) expect(known, name).toContain(name.replace(/_(?:bucket|count|sum)$/, ''))
})
