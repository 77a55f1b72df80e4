import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { StoredEvent } from '#contract/event.ts'
import type { Log } from '../core.ts'
import { createBackups } from '../store/backups.ts'
import { storeBench } from '../store/store-bench.ts'
import { createBackupService, isBackupDue } from './daily-backup.ts'

const HOUR_MS = 3_600_000

test('D3 a backup is due when there is none, when the newest is a day old, and when the clock went back a day', () => {
  const now = Date.UTC(2026, 6, 10)
  expect(isBackupDue(null, now)).toBe(true)
  expect(isBackupDue(now - 23 * HOUR_MS, now)).toBe(false)
  expect(isBackupDue(now - 24 * HOUR_MS, now)).toBe(true)
  expect(isBackupDue(now + HOUR_MS, now)).toBe(false)
  expect(isBackupDue(now + 24 * HOUR_MS, now)).toBe(true)
})

function dailyBench() {
  const bench = storeBench()
  const { dataDir: data_dir, store, events, settings } = bench
  const backups = createBackups({ data_dir, version: '0.1.0', store, settings })
  const said: string[] = []
  const say = (message: string): void => void said.push(message)
  const log: Log = { info: say, warn: say, error: say }
  const service = createBackupService(store, events, settings, backups, log, { first_look: 1, look_every: 1 })
  onTestFinished(async () => {
    service.stop()
    await backups.close()
  })
  const heard: StoredEvent[] = []
  events.onEvent((event) => heard.push(event))
  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) await sleep(5)
  }
  return { ...bench, backups, service, said, heard, until }
}

test('D3 makes the daily backup by itself, once, and tells of it', async () => {
  const { backups, service, said, heard, until } = dailyBench()
  service.startDaily()
  service.startDaily()
  await until(() => heard.length > 0)
  // Many more looks, none of which finds one due.
  await sleep(200)
  const [made] = backups.list()
  expect(backups.list()).toHaveLength(1)
  expect(heard.map(({ type, data }) => ({ type, data }))).toEqual([
    { type: 'backup.created', data: { backup_id: made?.id, bytes: made?.bytes, findings: 0 } },
  ])
  expect(said).toEqual(['The daily backup is made'])
})

test('D3 makes no daily backup where a person wants none, until asked', async () => {
  const { store, settings, backups, service } = dailyBench()
  await store.write((tx) => settings.changeSettings(tx, { backups_daily: false }))
  service.startDaily()
  await sleep(200)
  expect(backups.list()).toEqual([])
  expect(await service.create()).toMatchObject({ ok: true })
  expect(backups.list()).toHaveLength(1)
})

test('D3 a backup that fails is told of, with the reason', async () => {
  const { store, service, heard, until } = dailyBench()
  store.sqlite.pragma('foreign_keys = OFF')
  store.sqlite.exec("INSERT INTO attachment (project_id, name, path, bytes, sha256) VALUES (99, 'a', 'a', 1, '')")
  expect(await service.create()).toMatchObject({ ok: false, error: { code: 'unavailable' } })
  await until(() => heard.length > 0)
  expect(heard).toMatchObject([{ type: 'backup.failed', data: { reason: expect.stringContaining('damaged') } }])
})
