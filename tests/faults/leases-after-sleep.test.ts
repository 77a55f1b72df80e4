import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { bundle } from './bundle.ts'

/** It sleeps for longer than this. */
const TTL_MS = 1_000

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

test('L1 a holder that slept over the end of its lease cannot use it any more, and the next one has a newer token', async () => {
  const program = await bundle('lease-child')
  cleanups.push(program.remove)
  const folder = mkdtempSync(join(tmpdir(), 'baton-lease-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const options = JSON.stringify({ data_dir: join(folder, 'data'), ttl_ms: TTL_MS })
  const child = spawn(process.execPath, [program.file, options], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  cleanups.push(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const said: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line))
  const hears = (word: string): Promise<string> =>
    eventually(word, () => said.find((line) => line.startsWith(`${word} `)) ?? child.exitCode !== null).then((line) =>
      String(line).slice(word.length + 1),
    )

  const token = Number(await hears('held'))
  child.kill('SIGSTOP')
  await sleep(TTL_MS + 500)
  // It is asked before it can have noticed anything.
  child.stdin.write('extend\n')
  child.kill('SIGCONT')
  expect(await hears('extend')).toBe('not_held')
  expect(Number(await hears('next'))).toBeGreaterThan(token)
  child.stdin.end()
  await ended
  expect(said.map((line) => line.split(' ')[0]).sort()).toEqual(['extend', 'held', 'next'])
})
