import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test, vi } from 'vitest'
import { callsOnManyDays } from '../support/calls-on-many-days.ts'
import { cleanup } from '../support/cleanup.ts'
import { serveCore } from './served-core.ts'

/** How often everybody else had a turn up to now. */
function countTurns(): () => number {
  let turns = 0
  let next = setImmediate(function again() {
    turns += 1
    next = setImmediate(again)
  })
  cleanup(async () => clearImmediate(next))
  return () => turns
}

/** What reads them meets a fault from then on. */
function takeCallsAway(dataDir: string): void {
  const sqlite = new Database(join(dataDir, 'baton.db'))
  sqlite.exec('ALTER TABLE usage_log RENAME TO usage_elsewhere')
  sqlite.close()
}

test('B5 A6 while all calls are downloaded, everybody else has a turn before each page of them', async () => {
  const served = await serveCore()
  cleanup(() => served.close())
  callsOnManyDays(served.data_dir, 6_000)
  const turns = countTurns()
  const { list } = served.core.usage
  const read: number[] = []
  const spy = vi.spyOn(served.core.usage, 'list').mockImplementation((...asked) => {
    read.push(turns())
    return list(...asked)
  })
  cleanup(async () => spy.mockRestore())
  const text = await (await served.call('/api/usage.csv')).text()
  expect(text.trim().split('\n')).toHaveLength(6_001)
  expect(read.length).toBeGreaterThan(10)
  expect(new Set(read).size).toBe(read.length)
})

test('B5 a download of calls that cannot be read to their end breaks, and is not taken for all of them', async () => {
  const served = await serveCore()
  cleanup(() => served.close())
  callsOnManyDays(served.data_dir, 6_000)
  const { list } = served.core.usage
  let pages = 0
  const spy = vi.spyOn(served.core.usage, 'list').mockImplementation((...asked) => {
    pages += 1
    if (pages === 5) takeCallsAway(served.data_dir)
    return list(...asked)
  })
  cleanup(async () => spy.mockRestore())
  const answer = await served.call('/api/usage.csv')
  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow()
})

test('S7 A6 the audit trail is downloaded whole', async () => {
  const served = await serveCore()
  cleanup(() => served.close())
  for (let count = 0; count < 450; count += 1) {
    await served.call('/api/settings', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ backups_kept: 5 + (count % 2) }),
    })
  }
  const lines = (await (await served.call('/api/audit.jsonl')).text()).trim().split('\n')
  const ids = lines.map((line) => JSON.parse(line).id)
  expect(ids.length).toBeGreaterThan(400)
  expect(new Set(ids).size).toBe(ids.length)
})
