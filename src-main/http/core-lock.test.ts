import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { processStart } from '#core/process/process-start.ts'
import { readCoreInfo, takeCoreLock } from './core-lock.ts'

/** A process of its own that tries to take the folder, says how it went, and then lives until it is killed. */
const CONTENDER = `
  const { takeCoreLock } = await import(process.argv[1])
  const taken = await takeCoreLock(process.argv[2])
  if (taken.ok) taken.value.publish('/socket/of/' + process.pid, '1.0.0')
  process.stdout.write((taken.ok ? 'holder' : 'taken') + '\\n')
  setInterval(() => {}, 1000)
`

let folder: string
const children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-lock-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child)
  rmSync(folder, { recursive: true })
})

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function contend(): Promise<{ child: ChildProcess; word: string }> {
  const module = join(import.meta.dirname, 'core-lock.ts')
  const child = spawn(process.execPath, ['--input-type=module', '-e', CONTENDER, module, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [word] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, word }
}

test('D1 leaves exactly one of eight starts with the folder', async () => {
  const contenders = await Promise.all(Array.from({ length: 8 }, contend))
  const holders = contenders.filter(({ word }) => word === 'holder')
  expect(holders).toHaveLength(1)
  const pid = holders[0]?.child.pid ?? 0
  expect(readCoreInfo(folder)).toEqual({
    pid,
    started: processStart(pid),
    socket: `/socket/of/${pid}`,
    version: '1.0.0',
  })
})

test('D1 gives the folder of a killed core to exactly one of the next eight', async () => {
  const first = await contend()
  expect(first.word).toBe('holder')
  await kill(first.child)
  expect(readCoreInfo(folder)?.pid).toBe(first.child.pid)
  const next = await Promise.all(Array.from({ length: 8 }, contend))
  const holders = next.filter(({ word }) => word === 'holder')
  expect(holders).toHaveLength(1)
  expect(readCoreInfo(folder)?.pid).toBe(holders[0]?.child.pid)
})

test('D1 gives the folder back, also within one process', async () => {
  const first = await takeCoreLock(folder)
  expect(await takeCoreLock(folder)).toEqual({ ok: false, error: 'taken' })
  if (!first.ok) throw new Error('the folder was free')
  first.value.publish('/socket', '1.0.0')
  first.value.retract()
  expect(readCoreInfo(folder)).toBeNull()
  expect(await takeCoreLock(folder)).toEqual({ ok: false, error: 'taken' })
  first.value.release()
  const second = await takeCoreLock(folder)
  expect(second.ok).toBe(true)
  if (second.ok) second.value.release()
})

test('D1 does not believe a core.lock that nobody of ours wrote', async () => {
  writeFileSync(join(folder, 'core.lock'), '{"pid": "me"}')
  expect(readCoreInfo(folder)).toBeNull()
  writeFileSync(join(folder, 'core.lock'), 'not json')
  expect(readCoreInfo(folder)).toBeNull()
  const taken = await takeCoreLock(folder)
  expect(taken.ok).toBe(true)
  expect(existsSync(join(folder, 'core.lock'))).toBe(false)
  if (taken.ok) taken.value.release()
})

test('D1 knows a process by its start, and a missing one not at all', () => {
  const own = processStart(process.pid)
  expect(own).toBe(processStart(process.pid))
  if (process.platform === 'linux') {
    expect(own).toMatch(/^\d+$/)
    expect(readFileSync('/proc/self/stat', 'utf8')).toContain(` ${own} `)
  }
  expect(processStart(2 ** 22 + 1)).toBeNull()
})
