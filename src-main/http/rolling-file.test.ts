import { readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { temporaryFolder } from '#core/store/store-bench.ts'
import { dayOf, tidyLogs } from './log-files.ts'
import { openRollingFile, type RollingFile } from './rolling-file.ts'

const DAY = 86_400_000
const LINE = `${'x'.repeat(99)}\n`

/** A log whose clock the test turns; it begins today, because files have the time of the machine. */
function bench(limits: { file_bytes?: number; day_bytes?: number } = {}) {
  const folder = temporaryFolder()
  let now = Date.now()
  const today = dayOf(now)
  const open = (): RollingFile =>
    openRollingFile({
      ...{ folder, file_bytes: 1_000, day_bytes: 100_000, ...limits },
      note: (message) => `note: ${message}\n`,
      now: () => now,
    })
  const read = (name = 'baton.log'): string => readFileSync(join(folder, name), 'utf8')
  return {
    folder,
    today,
    open,
    read,
    file: open(),
    files: () => readdirSync(folder).sort(),
    pass: (ms: number) => (now += ms),
  }
}

test('M6 a full file is closed under its day and a number, and nothing is lost', () => {
  const { file, files, read, today } = bench()
  for (let i = 0; i < 25; i++) file.write(LINE, false)
  expect(files()).toEqual([`baton.${today}.1.log`, `baton.${today}.2.log`, 'baton.log'])
  expect(files().map((name) => read(name).length)).toEqual([1_000, 1_000, 500])
})

test('M6 each day has files of its own, also after an end in between', () => {
  const { file, files, read, today, pass, open, folder } = bench()
  file.write('yesterday\n', false)
  pass(DAY)
  file.write('today\n', false)
  expect(files()).toEqual([`baton.${today}.1.log`, 'baton.log'])
  expect([read(`baton.${today}.1.log`), read()]).toEqual(['yesterday\n', 'today\n'])
  // What a process of an earlier day left behind is closed by the next.
  const before = new Date(Date.now() - 3 * DAY)
  utimesSync(join(folder, 'baton.log'), before, before)
  open().write('later\n', false)
  expect([read(`baton.${dayOf(before.getTime())}.1.log`), read()]).toEqual(['today\n', 'later\n'])
})

test('M6 a day has an end of its bytes: said once, counted, with room kept for warnings, over restarts', () => {
  const { file, read, files, pass, open, today, folder } = bench({ file_bytes: 2_000, day_bytes: 5_000 })
  for (let i = 0; i < 60; i++) file.write(LINE, false)
  const all = (): string =>
    files()
      .map((name) => read(name))
      .join('')
  expect(all().match(/only warnings and errors are still written/g)).toHaveLength(1)
  expect(all().match(/x\n/g)).toHaveLength(45)
  file.write('a grave one\n', true)
  expect(all()).toContain('a grave one')
  for (let i = 0; i < 60; i++) file.write(LINE, true)
  expect(all().match(/no line more is written/g)).toHaveLength(1)
  const size = (): number => files().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  // What it says about itself comes on top.
  expect(size()).toBeLessThan(5_500)
  const again = open()
  again.write(LINE, true)
  again.write(LINE, true)
  expect(size()).toBeLessThan(5_700)
  pass(DAY)
  file.write('a new day\n', false)
  expect(read()).toMatch(/\d+ lines were not written by this process up to .*\na new day\n$/)
  expect(files()).toContain(`baton.${today}.1.log`)
})

test('M6 two processes write to one folder, and follow each other where one closes the file', () => {
  const { file, files, read, open, pass } = bench()
  const other = open()
  for (let i = 0; i < 9; i++) file.write(LINE, false)
  other.write('of the other\n', false)
  pass(2_000)
  // Together it is more than a file takes.
  file.write(LINE, false)
  pass(2_000)
  other.write('again\n', false)
  expect(read()).toBe(`${LINE}again\n`)
  expect(files()).toHaveLength(2)
})

test('M6 a file that somebody has moved away is begun anew', () => {
  const { file, read, pass, folder } = bench()
  file.write('one\n', false)
  renameSync(join(folder, 'baton.log'), join(folder, 'away'))
  pass(2_000)
  file.write('two\n', false)
  expect(read()).toBe('two\n')
})

test('M6 what is over is packed by the week and removed after its days; nobody else’s files are touched', async () => {
  const { folder, files, read } = bench()
  // A Saturday.
  const now = Date.parse('2026-11-21T12:00:00Z')
  const names = ['2026-11-20.1', '2026-11-16.2', '2026-11-15.1', '2026-11-09.3', '2026-10-01.1'].map(
    (day) => `baton.${day}.log`,
  )
  for (const name of names) writeFileSync(join(folder, name), `${name}\n`)
  writeFileSync(join(folder, 'baton.2020-01-01.notes'), 'of somebody')
  await tidyLogs(folder, 30, now)
  expect(files()).toEqual([
    'baton.2020-01-01.notes',
    'baton.2026-11-09.3.log.gz',
    'baton.2026-11-15.1.log.gz',
    'baton.2026-11-16.2.log',
    'baton.2026-11-20.1.log',
    'baton.log',
  ])
  expect(gunzipSync(readFileSync(join(folder, 'baton.2026-11-15.1.log.gz'))).toString()).toBe(
    'baton.2026-11-15.1.log\n',
  )
  expect(read('baton.2026-11-20.1.log')).toContain('2026-11-20')
  await tidyLogs(folder, 3, now)
  expect(files()).toEqual(['baton.2020-01-01.notes', 'baton.2026-11-20.1.log', 'baton.log'])
})
