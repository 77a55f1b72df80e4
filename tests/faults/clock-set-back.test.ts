import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import type { Behaviour } from '../doubles/behaviour.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, asked } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { bundle } from './bundle.ts'
import type { ClockChildOptions } from './clock-child.ts'
import { fakeClock, hasFakeClock, NO_FAKE_CLOCK } from './fake-clock.ts'

/** Starts cores on one folder, under one clock that can be set. */
async function clocked(what: ClockChildOptions['what'], queue: readonly Behaviour[] = []) {
  const program = await bundle('clock-child')
  cleanup(async () => program.remove())
  const folder = mkdtempSync(join(tmpdir(), 'baton-clock-'))
  cleanup(async () => rmSync(folder, { recursive: true, force: true }))
  const double = await anthropicDouble({ queue: [...queue] })
  const file = join(folder, 'clock')
  const setClock = (text: string): void => writeFileSync(file, `${text}\n`)
  const said: string[] = []
  const start = (retry_ms?: number): ChildProcess => {
    const options: ClockChildOptions = { data_dir: join(folder, 'data'), anthropic: double.url, what, retry_ms }
    const child = spawn(process.execPath, [program.file, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...fakeClock(file) },
    })
    createInterface({ input: child.stdout }).on('line', (line) => said.push(line))
    const ended = once(child, 'close')
    cleanup(async () => {
      child.kill('SIGKILL')
      await ended
    })
    return child
  }
  return { double, setClock, start, hears: (word: string) => eventually(word, () => said.includes(word)) }
}

describe.skipIf(!hasFakeClock)(`a clock that is set back${NO_FAKE_CLOCK}`, () => {
  test.each([
    ['L1', 'lock'],
    ['A2', 'job'],
  ] as const)('%s a clock that is set back keeps no %s of somebody who has gone from the next', async (_row, what) => {
    const { setClock, start, hears } = await clocked(what)
    setClock('@2026-05-02 12:00:00')
    start()
    await hears('held')
    setClock('@2026-05-01 12:00:00')
    await hears('next')
  })

  test('E3 a task that waits a moment does so too where Baton was killed and the clock set back meanwhile', async () => {
    const { double, setClock, start, hears } = await clocked('task', [{ kind: 'overloaded' }])
    setClock('@2026-05-02 12:00:00')
    const first = start()
    await hears('waiting')
    first.kill('SIGKILL')
    await once(first, 'close')
    setClock('@2026-05-01 12:00:00')
    start()
    await hears('succeeded')
    expect(asked(double).length).toBeGreaterThan(1)
  })
})
