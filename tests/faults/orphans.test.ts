import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createCore } from '../../src-main/core/create-core.ts'
import { processStart } from '../../src-main/core/process/process-start.ts'
import { eventually } from '../support/eventually.ts'
import { type Bundle, bundle } from './bundle.ts'

const PATH = process.env['PATH'] ?? ''
/** None of them ends when it is asked to; the third leaves the group. Each goes on changing a file. */
const STUBBORN = `trap '' TERM
(while :; do echo x >> by-grandchild; sleep 0.05; done) &
grandchild=$!
setsid sh -c 'trap "" TERM; echo $$ > away; while :; do echo x >> by-away; sleep 0.05; done' &
while [ ! -s away ]; do sleep 0.02; done
echo pids $$ $grandchild $(cat away)
while :; do echo x >> by-child; sleep 0.05; done`
const WRITTEN = ['by-child', 'by-grandchild', 'by-away']

let program: Bundle
beforeAll(async () => {
  program = await bundle('orphan-child')
})
afterAll(() => program.remove())

const cleanups: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-orphans-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'data')
}

function host(data_dir: string, script: string, failpoints: readonly string[]): ReturnType<typeof spawnHost> {
  const child = spawnHost(JSON.stringify({ data_dir, script, failpoints, path: PATH }))
  cleanups.push(() => child.kill('SIGKILL'))
  return child
}

function spawnHost(options: string) {
  return spawn(process.execPath, [program.file, options], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Opens a core there and answers with what it told of ended programs. */
async function nextCore(data_dir: string): Promise<unknown[]> {
  const made = await createCore({ data_dir, version: '0.0.0-test', ollama_host: '127.0.0.1:2', demo: true, path: PATH })
  if (!made.ok) throw new Error(made.error.message)
  cleanups.push(() => made.value.close(0))
  const { items } = made.value.events.list({ type: 'process.ended' }, 100)
  return items.map(({ run_id, data }) => ({ run_id, data }))
}

function records(data_dir: string): unknown[] {
  const db = new Database(join(data_dir, 'baton.db'), { readonly: true })
  cleanups.push(() => db.close())
  return db.prepare('SELECT pid, what, run_id, step_id FROM child_process').all()
}

test.skipIf(process.platform !== 'linux')(
  'E5 a child, its child and one that left the group outlive a killed core, and are ended before the next one does anything',
  async () => {
    const data_dir = dataFolder()
    const dying = host(data_dir, STUBBORN, [])
    let said = ''
    createInterface({ input: dying.stdout }).on('line', (line) => {
      if (line.startsWith('pids ')) said = line
    })
    await eventually('three processes', () => said !== '' || dying.exitCode !== null)
    const pids = said.split(' ').slice(1).map(Number)
    const [child = 0] = pids
    dying.kill('SIGKILL')
    await once(dying, 'close')
    expect(pids.map(processStart)).not.toContain(null)
    expect(records(data_dir)).toEqual([{ pid: child, what: 'a stubborn script', run_id: 2, step_id: 3 }])

    const told = await nextCore(data_dir)
    expect(pids.map(processStart)).toEqual([null, null, null])
    expect(told).toEqual([
      { run_id: 'run_2', data: { what: 'a stubborn script', pid: child, processes: expect.any(Number) } },
    ])
    expect(records(data_dir)).toEqual([])
    const sizes = (): number[] => WRITTEN.map((name) => readFileSync(join(data_dir, name)).length)
    const before = sizes()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(sizes()).toEqual(before)
  },
)

test.each(['after-child-spawned', 'after-child-recorded'])(
  'E5 killed %s, the program never ran, not even a moment of it',
  async (failpoint) => {
    const data_dir = dataFolder()
    const dying = host(data_dir, 'touch ran; sleep 600', [failpoint])
    const [, signal] = (await once(dying, 'close')) as [number | null, string | null]
    expect(signal).toBe('SIGKILL')
    const pids = records(data_dir).map((row) => (row as { pid: number }).pid)
    expect(pids).toHaveLength(failpoint === 'after-child-recorded' ? 1 : 0)
    // The shell before it ends by itself, as soon as it sees that nobody will tell it to go on.
    await eventually('its end', () => pids.every((pid) => processStart(pid) === null))
    await nextCore(data_dir)
    expect(records(data_dir)).toEqual([])
    expect(existsSync(join(data_dir, 'ran'))).toBe(false)
  },
)

test('E5 killed after-child-begun, the program is ended by the next core', async () => {
  const data_dir = dataFolder()
  const dying = host(data_dir, 'touch ran; sleep 600', ['after-child-begun'])
  await once(dying, 'close')
  const [row] = records(data_dir) as { pid: number }[]
  const pid = row?.pid ?? 0
  await eventually('the program to run', () => existsSync(join(data_dir, 'ran')))
  expect(processStart(pid)).not.toBeNull()
  expect(await nextCore(data_dir)).toMatchObject([{ data: { pid } }])
  expect(processStart(pid)).toBeNull()
})
