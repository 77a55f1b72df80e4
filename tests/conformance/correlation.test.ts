import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { project } from '../../src-contract/project.ts'
import { run } from '../../src-contract/run.ts'
import { task } from '../../src-contract/task.ts'
import { eventually } from '../support/eventually.ts'
import { type CliBench, createCliBench } from './cli-process.ts'

const served = z.object({ url: z.string(), token_file: z.string() })
const logLine = z.looseObject({
  timestamp: z.iso.datetime(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  logger: z.enum(['baton', 'http', 'log']),
  message: z.string(),
  core_id: z.string(),
  correlation_id: z.string().optional(),
  task_id: z.string().optional(),
  run_id: z.string().optional(),
  duration_ms: z.number().optional(),
  user_id: z.string().optional(),
  method: z.string().optional(),
  route: z.string().optional(),
  status: z.number().optional(),
})

let bench: CliBench
beforeEach(() => {
  bench = createCliBench()
})
afterEach(() => bench.close())

test('M6 the id of the request that set work going leads to its runs and to the lines of its steps', async () => {
  const serve = bench.start(['serve', '--port', '0'])
  const [first] = await once(serve.lines, 'line')
  const { url, token_file } = served.parse(JSON.parse(String(first)))
  const token = readFileSync(token_file, 'utf8').trim()
  async function call(path: string, correlation: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${url}/api${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-correlation-id': correlation,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect(answer.headers.get('x-correlation-id')).toBe(correlation)
    expect(answer.ok, await answer.clone().text()).toBe(true)
    return answer.json()
  }
  const { id } = project.parse(await call('/projects', 'made.1', { requirements: 'Write two notes', profile: 'demo' }))
  const document = { title: 'Notes', tasks: [{ key: 'a', title: 'A', type: 'writing', complexity: 'simple' }] }
  const plan = z.object({ id: z.string() }).parse(await call(`/projects/${id}/plans`, 'planned.2', { document }))
  await call(`/plans/${plan.id}/approve`, 'approved.3', {})
  await eventually('the end', async () => {
    return project.parse(await call(`/projects/${id}`, 'looked.4')).state === 'succeeded'
  })
  const tasks = z.object({ items: z.array(task) }).parse(await call(`/projects/${id}/tasks`, 'looked.5'))
  const taskId = tasks.items[0]?.id ?? ''
  const runs = z.object({ items: z.array(run) }).parse(await call(`/tasks/${taskId}/runs`, 'looked.6'))
  expect(runs.items.map((each) => each.correlation_id)).toEqual(['approved.3'])
  const lines = readFileSync(join(bench.data_dir, 'logs', 'baton.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => logLine.parse(JSON.parse(line)))
  const ofRun = lines.filter((line) => line.run_id === runs.items[0]?.id)
  expect(ofRun.map((line) => line.message)).toEqual(expect.arrayContaining(['A model was asked', 'A run ended']))
  for (const line of ofRun) {
    expect(line).toMatchObject({ correlation_id: 'approved.3', task_id: taskId })
    if (line.message === 'A run ended') expect(line.duration_ms).toBeGreaterThanOrEqual(0)
  }
  // The request itself has its line, with the pattern of its route; reads have theirs at another level.
  const requests = lines.filter((line) => line.logger === 'http')
  expect(requests.map((line) => line.correlation_id)).toEqual(['made.1', 'planned.2', 'approved.3'])
  expect(requests[2]).toMatchObject({ method: 'POST', route: 'plans.approve', status: 200, user_id: 'local' })
})

test('M6 BATON_LOG_LEVEL and BATON_LOG_DIR choose what is written and where; reads have lines at debug', async () => {
  const logs = join(bench.folder, 'elsewhere')
  const serve = bench.start(['serve', '--port', '0'], { BATON_LOG_LEVEL: 'debug', BATON_LOG_DIR: logs })
  const [first] = await once(serve.lines, 'line')
  const { url, token_file } = served.parse(JSON.parse(String(first)))
  const authorization = `Bearer ${readFileSync(token_file, 'utf8').trim()}`
  const headers = { authorization, 'x-correlation-id': 'read.1' }
  expect((await fetch(`${url}/api/projects?limit=3`, { headers })).status).toBe(200)
  expect((await fetch(`${url}/api/nothing/here?a=b`, { headers })).status).toBe(404)
  expect((await fetch(`${url}/api/projects`, { headers: { 'x-correlation-id': 'read.2' } })).status).toBe(401)
  const lines = readFileSync(join(logs, 'baton.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => logLine.parse(JSON.parse(line)))
    .filter((line) => line.logger === 'http')
  const read = { level: 'debug', method: 'GET', correlation_id: 'read.1', user_id: 'local' }
  expect(lines).toMatchObject([
    { ...read, route: 'projects.list', status: 200 },
    { ...read, route: 'other', status: 404 },
    { level: 'debug', method: 'GET', correlation_id: 'read.2', route: 'other', status: 401 },
  ])
  expect(JSON.stringify(lines)).not.toMatch(/limit=3|nothing/)
})
