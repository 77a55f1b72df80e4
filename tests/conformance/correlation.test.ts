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
  logger: z.literal('baton'),
  message: z.string(),
  core_id: z.string(),
  correlation_id: z.string().optional(),
  task_id: z.string().optional(),
  run_id: z.string().optional(),
  duration_ms: z.number().optional(),
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
})
