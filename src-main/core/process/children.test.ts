import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { type StoreBench, storeBench } from '../store/store-bench.ts'
import { type Child, type Children, createChildren, type NewChild } from './children.ts'
import { processStart } from './process-start.ts'

/** A core's process that is dead for sure: nothing has this pid. */
const DEAD_CORE = { pid: 4_194_305, started: '1' }
const SELF = { pid: process.pid, started: processStart(process.pid) }

interface Bench extends StoreBench {
  readonly children: Children
  readonly told: string[]
  records(): number
}

function bench(owner: typeof SELF = SELF): Bench {
  const made = storeBench()
  const told: string[] = []
  const log = { info: () => undefined, warn: (message: string) => told.push(message), error: console.error }
  const children = createChildren(made.store, made.events, owner, log, () => undefined)
  const count = made.store.sqlite.prepare<[], number>('SELECT count(*) FROM child_process').pluck()
  return { ...made, children, told, records: () => count.get() ?? -1 }
}

function shell(script: string, cwd: string): NewChild {
  return { program: 'sh', args: ['-c', script], cwd, env: { PATH: process.env['PATH'] ?? '' }, what: 'a script' }
}

async function started(children: Children, child: NewChild): Promise<Child> {
  const made = await children.start(child)
  if (!made.ok) throw new Error(made.error)
  onTestFinished(async () => void (await made.value.end()))
  return made.value
}

/** A process of the test's own. */
function bystander(): { pid: number; isAlive(): boolean } {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { pid: child.pid ?? 0, isAlive: () => child.exitCode === null && child.signalCode === null }
}

async function line(child: Child): Promise<string> {
  const [chunk] = (await once(child.process.stdout, 'data')) as [Buffer]
  return chunk.toString().trim()
}

test('E5 a child is on record by pid and start time while it runs, and gets its arguments and its input untouched', async () => {
  const { children, store, dataDir, records } = bench()
  const child = await started(children, {
    ...shell('', dataDir),
    args: ['-c', 'printf "%s|" "$@"; cat', '--', 'a b', '', '$(x)'],
    run_id: 7,
  })
  const { pid = 0 } = child.process
  expect(
    store.sqlite.prepare('SELECT pid, started, owner_pid, owner_started, what, run_id FROM child_process').all(),
  ).toEqual([
    { pid, started: processStart(pid), owner_pid: SELF.pid, owner_started: SELF.started, what: 'a script', run_id: 7 },
  ])
  child.process.stdin.end('in put\n')
  expect(await text(child.process.stdout)).toBe('a b||$(x)|in put\n')
  await expect.poll(records).toBe(0)
})

test('D4 E5 what cannot be put on record is not started', async () => {
  const { children, store, dataDir } = bench()
  store.sqlite.pragma('query_only = 1')
  const refused = await children.start(shell('touch ran', dataDir))
  expect(refused).toMatchObject({ ok: false, error: expect.stringContaining('a script was not started. ') })
  store.sqlite.pragma('query_only = 0')
  // One that is started afterwards has done its work, and the refused one still has not.
  const child = await started(bench().children, shell('touch other', dataDir))
  await once(child.process, 'close')
  expect([existsSync(join(dataDir, 'other')), existsSync(join(dataDir, 'ran'))]).toEqual([true, false])
})

test('E5 a program that does not exist ends with a code and leaves no record', async () => {
  const { children, dataDir, records } = bench()
  const child = await started(children, { ...shell('', dataDir), program: 'no-such-program' })
  expect(await once(child.process, 'close')).toEqual([127, null])
  await expect.poll(records).toBe(0)
  expect(await children.start({ ...shell('', dataDir), cwd: join(dataDir, 'nowhere') })).toMatchObject({ ok: false })
  expect(records()).toBe(0)
})

test('E5 a child that left something running in its group stays on record, and ending it ends that too', async () => {
  const { children, dataDir, records } = bench()
  const child = await started(children, shell('sleep 600 >&- 2>&- & echo $!', dataDir))
  const grandchild = Number(await line(child))
  await once(child.process, 'close')
  expect(processStart(grandchild)).not.toBeNull()
  expect(records()).toBe(1)
  expect(await child.end()).toEqual({ found: 1, left: [] })
  expect(processStart(grandchild)).toBeNull()
})

test.skipIf(process.platform !== 'linux')(
  'E5 a descendant that left the group is ended with it, and one that ignores the request is killed',
  async () => {
    const { children, dataDir } = bench()
    const script = "trap '' TERM; setsid sh -c 'trap \"\" TERM; echo $$ > away; sleep 600' & echo up; wait"
    const child = await started(children, shell(script, dataDir))
    await line(child)
    await expect
      .poll(() => existsSync(join(dataDir, 'away')) && readFileSync(join(dataDir, 'away'), 'utf8') !== '')
      .toBe(true)
    const away = Number(readFileSync(join(dataDir, 'away'), 'utf8'))
    expect((await child.end()).left).toEqual([])
    expect([processStart(away), processStart(child.process.pid ?? 0)]).toEqual([null, null])
  },
)

test('E5 a pid that belongs to somebody else by now is left alone, and so are children of a core that lives', async () => {
  const { children, store, records, told } = bench()
  const [reused, others] = [bystander(), bystander()]
  const insert = store.sqlite.prepare(
    `INSERT INTO child_process (token, pid, started, owner_pid, owner_started, what, created_at) VALUES (?, ?, ?, ?, ?, 'git', 0)`,
  )
  insert.run('none', reused.pid, `${Number(processStart(reused.pid)) - 1}`, DEAD_CORE.pid, DEAD_CORE.started)
  const living = bystander()
  insert.run('none', others.pid, processStart(others.pid), living.pid, processStart(living.pid))
  const orphans = await children.endOrphans()
  expect(orphans).toMatchObject({ ok: true, value: [{ row: { pid: reused.pid }, ended: 0 }] })
  if (orphans.ok) await children.forget(orphans.value)
  expect([reused.isAlive(), others.isAlive(), living.isAlive()]).toEqual([true, true, true])
  // The record of the living core's child stays.
  expect(records()).toBe(1)
  expect(told).toEqual([])
})

test('E5 children of a core that this process had before are ended by the next', async () => {
  const { children, events, dataDir, records, told } = bench()
  const child = await started(children, shell("trap '' TERM; echo up; while :; do sleep 1; done", dataDir))
  await line(child)
  const ended = once(child.process, 'close')
  const orphans = await children.endOrphans()
  if (!orphans.ok) throw new Error(orphans.error)
  await children.forget(orphans.value)
  expect(await ended).toEqual([null, 'SIGKILL'])
  expect(records()).toBe(0)
  expect(told).toEqual(['A program of a dead core was ended'])
  expect(events.list({ after: 0, limit: 10 }).map(({ type, data }) => ({ type, data }))).toEqual([
    { type: 'process.ended', data: { what: 'a script', pid: child.process.pid, processes: expect.any(Number) } },
  ])
})

test('E5 a process that has ended, and whose parent has not looked yet, is none', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [chunk] = (await once(parent.stdout, 'data')) as [Buffer]
  await expect.poll(() => processStart(Number(chunk.toString()))).toBeNull()
})
