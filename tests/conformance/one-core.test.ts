import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { type CliBench, type CliProcess, createCliBench, jsonLines } from './cli-process.ts'

const served = z.object({ url: z.string(), token_file: z.string(), pid: z.number() })
const lockFile = z.object({ pid: z.number(), started: z.string().nullable(), socket: z.string() })

let bench: CliBench
beforeEach(() => {
  bench = createCliBench()
})
afterEach(() => bench.close())

async function ready(process: CliProcess): Promise<z.infer<typeof served>> {
  const first = await Promise.race([once(process.lines, 'line'), process.ended])
  if (!Array.isArray(first)) throw new Error(`baton serve ended with ${first.code}: ${first.stderr}`)
  return served.parse(JSON.parse(String(first[0])))
}

function holder(): z.infer<typeof lockFile> {
  return lockFile.parse(JSON.parse(readFileSync(join(bench.data_dir, 'core.lock'), 'utf8')))
}

function statusThroughSocket(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: path, path: '/api/status', headers: { host: 'localhost' } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('X2 serves after one line of JSON, on loopback, for who has the token', async () => {
  const serve = bench.start(['serve', '--port', '0'])
  const { url, token_file, pid } = await ready(serve)
  expect(pid).toBe(serve.child.pid)
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(statSync(token_file).mode & 0o777).toBe(0o600)
  expect((await fetch(`${url}/api/status`)).status).toBe(401)
  const token = readFileSync(token_file, 'utf8').trim()
  const answer = await fetch(`${url}/api/status`, { headers: { authorization: `Bearer ${token}` } })
  expect(answer.status).toBe(200)
  // The secret stands in its file only.
  expect(serve.output()).not.toContain(token)
  serve.child.kill('SIGTERM')
  expect((await serve.ended).code).toBe(0)
})

test('D1 serves the contract on a socket that only its owner can open, and removes its traces', async () => {
  const serve = bench.start(['serve', '--port', '0'])
  await ready(serve)
  const { pid, socket } = holder()
  expect(pid).toBe(serve.child.pid)
  expect(socket).toBe(join(bench.data_dir, 'core.sock'))
  expect(statSync(socket).mode & 0o777).toBe(0o600)
  expect(statSync(bench.data_dir).mode & 0o777).toBe(0o700)
  expect(await statusThroughSocket(socket)).toBe(200)
  serve.child.kill('SIGINT')
  await serve.ended
  expect(existsSync(join(bench.data_dir, 'core.lock'))).toBe(false)
  await expect(statusThroughSocket(socket)).rejects.toThrow()
})

test('D1 attaches commands to the living core', async () => {
  const serve = bench.start(['serve', '--port', '0'])
  await ready(serve)
  const run = await bench.run(['run', 'Write two notes about owls', '--profile', 'demo', '--yes', '--json'])
  expect(run.code).toBe(0)
  const { result, events } = jsonLines(run.stdout)
  expect(result.status).toBe('succeeded')
  expect(events.length).toBeGreaterThan(5)
  expect(holder().pid).toBe(serve.child.pid)
  expect((await bench.run(['projects'])).stdout).toContain(result.project_id)
  expect((await bench.run(['doctor'])).stdout).toContain(`process ${serve.child.pid}`)
})

test('D1 refuses a second serve on the same folder, and names the first', async () => {
  const first = bench.start(['serve', '--port', '0'])
  await ready(first)
  const second = await bench.run(['serve', '--port', '0'])
  expect(second.code).toBe(1)
  expect(second.stderr).toContain(`process ${first.child.pid}`)
})

test('D1 leaves one core after eight starts at once', async () => {
  const starts = Array.from({ length: 8 }, () => bench.start(['serve', '--port', '0']))
  const outcomes = await Promise.all(
    starts.map((start) =>
      ready(start).then(
        ({ pid }) => pid,
        () => null,
      ),
    ),
  )
  const living = outcomes.filter((pid) => pid !== null)
  expect(living).toEqual([holder().pid])
})

test('D1 takes over the folder of a killed core', async () => {
  const first = bench.start(['serve', '--port', '0'])
  await ready(first)
  const { pid, socket } = holder()
  first.child.kill('SIGKILL')
  await first.ended
  expect(holder().pid).toBe(pid)
  expect(existsSync(socket)).toBe(true)
  const second = bench.start(['serve', '--port', '0'])
  await ready(second)
  expect(holder().pid).toBe(second.child.pid)
  expect(await statusThroughSocket(socket)).toBe(200)
})

test('D1 finds its socket where the path of the folder is too long for one', async () => {
  const data = join(bench.folder, 'deep'.repeat(20), 'deeper'.repeat(10))
  mkdirSync(data, { recursive: true })
  const serve = bench.start(['serve', '--port', '0', '--data', data])
  await ready(serve)
  const { socket } = lockFile.parse(JSON.parse(readFileSync(join(data, 'core.lock'), 'utf8')))
  expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(100)
  expect(await statusThroughSocket(socket)).toBe(200)
  expect((await bench.run(['projects'], { BATON_DATA_DIR: data })).code).toBe(0)
})

test('D1 lets several runs share one core, and goes on when that core ends first', async () => {
  const runs = await Promise.all(
    Array.from({ length: 4 }, (_, index) =>
      bench.run(['run', `Write ${index + 2} notes about owls`, '--profile', 'demo', '--yes', '--json']),
    ),
  )
  for (const run of runs) {
    expect(run.code, run.stderr).toBe(0)
    expect(jsonLines(run.stdout).result.status).toBe('succeeded')
  }
})
