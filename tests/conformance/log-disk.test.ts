import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFileLog } from '../../src-main/http/file-log.ts'
import { LOG_DEFAULTS } from '../../src-main/http/log-options.ts'
import { eventually } from '../support/eventually.ts'
import { type SmallDisk, smallDisk, whyNoSmallDisk } from '../support/small-disk.ts'

const why = whyNoSmallDisk()

describe.skipIf(why !== null)(`a log on a small disk${why === null ? '' : ` (skipped: ${why})`}`, () => {
  let disk: SmallDisk
  beforeEach(() => {
    disk = smallDisk(2)
  })
  afterEach(() => {
    vi.restoreAllMocks()
    disk.unmount()
  })

  test('M6 D4 what a full disk does not take waits, is said once on standard error, and comes later in order', async () => {
    const said: string[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0)
    const log = createFileLog({ ...LOG_DEFAULTS, folder: join(disk.folder, 'logs'), level: 'info', file_bytes: 20_000 })
    disk.fill()
    const filler = 'x'.repeat(900)
    for (let i = 0; i < 100; i++) log.info('A line', { i, filler })
    await eventually('a word on standard error', () => said.length > 0)
    disk.free()
    for (let i = 100; i < 110; i++) log.info('A line', { i, filler })
    const all = (): string => {
      // Closed files have numbers; the one that is written to comes last.
      const names = readdirSync(join(disk.folder, 'logs')).filter((name) => name !== 'baton.log')
      const number = (name: string): number => Number(name.split('.')[2])
      const inOrder = [...names.toSorted((a, b) => number(a) - number(b)), 'baton.log']
      return inOrder.map((name) => readFileSync(join(disk.folder, 'logs', name), 'utf8')).join('')
    }
    await eventually('the last line', () => all().includes('"i":109'))
    const numbers = all()
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { i: number }).i)
    expect(numbers).toEqual(Array.from({ length: 110 }, (_, i) => i))
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(/The log .* cannot be written: ENOSPC.* Its lines wait\./)
  })
})
