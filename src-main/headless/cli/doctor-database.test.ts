import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { headsPath } from '#core/store/chain-heads.ts'
import { openStore } from '#core/store/store.ts'
import { checkStorage } from './doctor-database.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-doctor-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const RESERVE = `INSERT INTO reservation (state, provider, model, day_key, month_key, amount_micros, created_at)
  VALUES ('released', 'anthropic', 'claude', '2026-01-01', '2026-01', 100, 1)`

/** A closed database with one reservation, changed afterwards by something that is not Baton. */
async function database(tamper = ''): Promise<void> {
  const store = openStore(folder, () => undefined)
  if (!store.ok) throw new Error(store.error.message)
  await store.value.write(() => store.value.sqlite.exec(RESERVE))
  store.value.close()
  const other = new Database(join(folder, 'baton.db'))
  other.exec(tamper)
  other.close()
}

/** What doctor says of `name`. */
async function said(name: string): Promise<{ state: string; detail: string } | undefined> {
  return (await checkStorage(folder)).find((finding) => finding.name === name)
}

test('D5 doctor finds nothing where nothing is, and nothing wrong where all is well', async () => {
  expect(await said('Database')).toMatchObject({ state: 'ok', detail: 'none yet' })
  await database()
  expect(await said('Database')).toMatchObject({ state: 'ok' })
  expect(await said('Tables')).toMatchObject({ state: 'ok' })
  expect(await said('Chains')).toMatchObject({ state: 'ok', detail: '1 changes link' })
  expect(await said('Backups')).toMatchObject({ state: 'warn', detail: expect.stringContaining('baton backup') })
})

test.each([
  [
    'a changed row',
    'UPDATE reservation SET amount_micros = 1',
    "Row 1 of reservation was changed behind Baton's back.",
  ],
  ['chains that were taken away', 'DROP TABLE chain_link', 'no such table: chain_link'],
  ['a cut end', 'DELETE FROM reservation; DELETE FROM chain_link', 'its end was cut off or replaced'],
])('D5 doctor finds %s and says what to do', async (_what, tamper, finding) => {
  await database(tamper)
  const chains = await said('Chains')
  expect(chains?.state).toBe('bad')
  expect(chains?.detail).toContain(finding)
  expect(chains?.detail).toContain('Restore a backup')
})

test('D5 doctor finds missing and damaged heads', async () => {
  await database()
  rmSync(headsPath(folder))
  expect(await said('Chains')).toMatchObject({ state: 'warn', detail: expect.stringContaining('is missing') })
  writeFileSync(headsPath(folder), '{')
  expect(await said('Chains')).toMatchObject({ state: 'bad', detail: expect.stringContaining('is damaged') })
})

test('D2 doctor tells a newer database, another history and one that is not ours', async () => {
  await database("INSERT INTO migration (version, name, sha256, applied_at) VALUES (9999, '9999-x.sql', 'x', 1)")
  expect(await said('Tables')).toMatchObject({ state: 'bad', detail: expect.stringContaining('newer Baton') })
  rmSync(join(folder, 'baton.db'))
  await database("UPDATE migration SET sha256 = 'x' WHERE version = 2")
  expect(await said('Tables')).toMatchObject({ state: 'bad', detail: expect.stringContaining('another history') })
  rmSync(join(folder, 'baton.db'))
  const other = new Database(join(folder, 'baton.db'))
  other.exec('CREATE TABLE recipe (name TEXT)')
  other.close()
  expect(await said('Tables')).toMatchObject({ state: 'bad', detail: expect.stringContaining("not Baton's") })
})
