import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { budget } from '../../src-contract/budget.ts'
import { fixedSettings } from '../../src-contract/change-settings.ts'
import { settings } from '../../src-contract/settings.ts'
import { type CliBench, createCliBench } from './cli-process.ts'

const served = z.object({ url: z.string(), token_file: z.string() })

let bench: CliBench
let file: string
beforeEach(() => {
  bench = createCliBench()
  mkdirSync(bench.data_dir)
  file = join(bench.data_dir, 'config.yaml')
})
afterEach(() => bench.close())

async function serve(env: Record<string, string> = {}) {
  const process = bench.start(['serve'], env)
  const [first] = await once(process.lines, 'line')
  const { url, token_file } = served.parse(JSON.parse(String(first)))
  const authorization = `Bearer ${readFileSync(token_file, 'utf8').trim()}`
  async function call(path: string, method = 'GET', body?: unknown): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(`${url}/api${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: await answer.json() }
  }
  return {
    url,
    call,
    async stop() {
      process.child.kill('SIGTERM')
      await process.ended
    },
  }
}

test('X3 the environment goes before the file, the file before the window, and what the window had is kept', async () => {
  // Before there is a file, a person sets two values.
  const before = await serve({ BATON_PORT: '0' })
  await before.call('/settings', 'PATCH', { max_concurrent: 3, max_repairs: 4 })
  await before.call('/budget', 'PUT', { daily_micros: 7_000_000, monthly_micros: 9_000_000 })
  await before.stop()

  const lines = [`port: \${SOME_PORT}`, 'log: { level: error, folder: elsewhere }', 'budget: { daily_micros: 2000000 }']
  writeFileSync(file, [...lines, 'settings:', '  max_concurrent: 5', '  rate_limits: { reads: 77 }'].join('\n'))
  const now = await serve({ SOME_PORT: '0', BATON_LOG_LEVEL: 'debug' })
  expect(settings.parse((await now.call('/settings')).body)).toMatchObject({
    max_concurrent: 5,
    max_repairs: 4,
    rate_limits: { reads: 77, changes: 60 },
  })
  expect(budget.parse((await now.call('/budget')).body)).toMatchObject({
    limits: { daily_micros: 2_000_000, monthly_micros: 9_000_000 },
    day: { limit_micros: 2_000_000 },
  })
  expect(fixedSettings.parse((await now.call('/settings/fixed')).body)).toEqual({
    file,
    settings: ['max_concurrent', 'rate_limits'],
    budget: ['daily_micros'],
  })
  const refused = await now.call('/settings', 'PATCH', { max_concurrent: 9, max_repairs: 1 })
  expect(refused).toMatchObject({
    status: 409,
    body: { error: { message: expect.stringContaining(`max_concurrent is set in ${file}`) } },
  })
  expect((await now.call('/budget', 'PUT', { daily_micros: 1 })).status).toBe(409)
  // What says the same is no change, and the rest is as free as before.
  expect((await now.call('/settings', 'PATCH', { max_concurrent: 5, max_repairs: 6 })).body).toMatchObject({
    max_repairs: 6,
  })
  await now.stop()
  const log = readFileSync(join(bench.data_dir, 'elsewhere', 'baton.log'), 'utf8')
  expect(log).toContain('"level":"debug"')

  // Without its line, what the person had set is there again.
  writeFileSync(file, 'port: 0\n')
  const after = await serve()
  expect((await after.call('/settings')).body).toMatchObject({ max_concurrent: 3, max_repairs: 6 })
  expect((await after.call('/budget')).body).toMatchObject({ limits: { daily_micros: 7_000_000 } })
  await after.stop()
})

test('X3 a wrong file ends a start with what, where and why; doctor finds it too; others’ files by BATON_CONFIG', async () => {
  writeFileSync(file, 'port: 0\nsettings:\n  max_retries: many\n')
  const why = /config\.yaml has a fault: line 3: settings\.max_retries: .*expected number/
  for (const command of [['serve'], ['projects']]) {
    const { code, stderr } = await bench.run(command)
    expect(stderr).toMatch(why)
    expect(code).not.toBe(0)
  }
  const { stdout, code } = await bench.run(['doctor', '--json'])
  expect(code).toBe(1)
  expect(stdout).toMatch(why)
  const missing = join(bench.folder, 'not-there.yaml')
  const named = await bench.run(['serve'], { BATON_CONFIG: missing })
  expect([named.code, named.stderr]).toEqual([2, expect.stringContaining(`BATON_CONFIG names ${missing}`)])
  const other = join(bench.folder, 'other.yaml')
  writeFileSync(other, 'port: 0\nsettings: { max_retries: 1 }\n')
  const good = await serve({ BATON_CONFIG: other })
  expect((await good.call('/settings')).body).toMatchObject({ max_retries: 1 })
  await good.stop()
})

test('X3 names of parts that are not there yet are checked, and said to be without use', async () => {
  const wrong = await bench.run(['projects'], { ENABLE_MONITORING: 'perhaps', SLACK_WEBHOOK_URL: 'not-a-url' })
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toMatch(/SLACK_WEBHOOK_URL must be an http or https URL/)
  expect(wrong.stderr).toMatch(/ENABLE_MONITORING/)
  const { code } = await bench.run(['projects'], {
    ENABLE_SELF_HEALING: 'true',
    ORCHESTRATOR_MODEL: 'x',
    DEBUG_MODE: '1',
  })
  expect(code).toBe(0)
  const log = readFileSync(join(bench.data_dir, 'logs', 'baton.log'), 'utf8')
    .trim()
    .split('\n')
  const told = log.map((line) => JSON.parse(line) as { variables?: string[] }).find(({ variables }) => variables)
  expect(told?.variables).toEqual(['ENABLE_SELF_HEALING', 'ORCHESTRATOR_MODEL'])
})
