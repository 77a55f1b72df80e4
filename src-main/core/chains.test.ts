import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { createLedger, type Ledger } from './budget/ledger.ts'
import { createUsageLog } from './model/usage-log.ts'
import { createJournal } from './run/journal.ts'
import { createBlobStore } from './store/blob-store.ts'
import { CHAIN_NAMES, CHAINS, type ChainName, changesIn } from './store/chain.ts'
import { headsPath, readHeads } from './store/chain-heads.ts'
import { verifyChains } from './store/chain-verify.ts'
import type { Sqlite } from './store/connection.ts'
import { run as runTable } from './store/schema.ts'
import { openStore } from './store/store.ts'
import { type StoreBench, storeBench, temporaryFolder } from './store/store-bench.ts'

const USAGE = { input: 7, output: 9, cache_write_5m: 0, cache_write_1h: 0, cache_read: 0 }

/** One paid call of a run, from reservation to settlement, as a run makes it. */
async function paidCall(bench: StoreBench, ledger: Ledger, project_id: number, run_id: number, key: string) {
  const { store, events, dataDir } = bench
  const journal = createJournal(store, events, createBlobStore(dataDir))
  const noteUsage = createUsageLog(store)
  const run = store.orm
    .select()
    .from(runTable)
    .all()
    .find((row) => row.id === run_id)
  if (run === undefined) throw new Error('no such run')
  const subject = { project_id, task_id: null, run_id }
  const opened = await store.write((tx) => {
    const purchase = { provider: 'anthropic', model: 'claude', ...subject, max_tokens: 10, min_tokens: 1 }
    const granted = ledger.reserve(tx, { ...purchase, worstCase: (tokens) => tokens * 100 })
    if (!granted.ok) throw new Error(granted.message)
    const { reservation_id } = granted
    const place = { phase: 'tool_exec' as const, key }
    const step = journal.begin(tx, run, {
      ...place,
      kind: 'model',
      name: 'claude',
      input: { ask: 'Bird?' },
      reservation_id,
    })
    return { reservation_id, step }
  })
  await store.write((tx) => ledger.markSent(tx, opened.reservation_id))
  await store.write((tx) => events.append(tx, 'settings.changed', {}, { keys: [key] }))
  await store.write((tx) => {
    ledger.settle(tx, opened.reservation_id, 321)
    const step = { id: opened.step.id, kind: 'model' as const, name: 'claude' }
    journal.end(tx, run, step, { state: 'done', output: { text: 'größer 鳥' }, summary: 'said' })
    noteUsage(tx, {
      provider: 'anthropic',
      model: 'claude',
      profile: 'claude-haiku',
      ...subject,
      step_id: step.id,
      reservation_id: opened.reservation_id,
      tier: 'fast',
      attempt: 1,
      usage: USAGE,
      cost_micros: 321,
      saved_micros: 0,
      latency_ms: 12,
      outcome: 'ok',
      unconfirmed: false,
    })
  })
  return opened
}

/** A project with a run of a few paid calls. */
async function booked(calls = 3) {
  const bench = storeBench()
  const ledger = createLedger(bench.store, bench.events, bench.settings)
  const project = bench.project()
  const run = bench.run(project, null, 'running')
  for (let call = 0; call < calls; call += 1) await paidCall(bench, ledger, project, run, `call ${call}`)
  return { ...bench, ledger, project, run_id: run, sqlite: bench.store.sqlite }
}

const findings = (sqlite: Sqlite): readonly string[] => verifyChains(sqlite, null).findings

/** A copy of the database in memory, as another program would open it, to be tampered with. */
function copied(sqlite: Sqlite): Sqlite {
  const path = join(temporaryFolder(), 'copy.db')
  sqlite.prepare('VACUUM INTO ?').run(path)
  const copy = new Database(readFileSync(path))
  onTestFinished(() => {
    copy.close()
  })
  return copy
}

test('D5 an untouched database verifies: one line for each change of each row', async () => {
  const { sqlite } = await booked(3)
  expect(verifyChains(sqlite, null)).toEqual({ changes: 3 * 3 + 3 * 2 + 3 + 3, findings: [] })
})

test('D5 set-wise changes, changes past the services and rolled back ones keep the chains whole', async () => {
  const { store, sqlite, run_id, project, ledger, events } = await booked(3)
  await store.write(() => sqlite.exec("UPDATE step SET state = 'unknown', error = 'lost'"))
  const other = await store.write((tx) => {
    const id = Number(
      sqlite
        .prepare("INSERT INTO run (kind, project_id, attempt, state, created_at) VALUES ('task', ?, 2, 'running', 1)")
        .run(project).lastInsertRowid,
    )
    sqlite.exec("UPDATE step SET state = 'done'")
    createJournal(store, events, createBlobStore(temporaryFolder())).carryOver(tx, run_id, id)
    return id
  })
  expect(sqlite.prepare('SELECT count(*) FROM step WHERE run_id = ?').pluck().get(other)).toBe(3)
  const failing = store.write((tx) => {
    ledger.reserve(tx, {
      provider: 'anthropic',
      model: 'claude',
      project_id: project,
      task_id: null,
      run_id,
      max_tokens: 5,
      min_tokens: 5,
      worstCase: () => 50,
    })
    sqlite.exec('DELETE FROM step WHERE run_id = 1')
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  await store.write(() => sqlite.exec('UPDATE usage_log SET latency_ms = 13 WHERE id = 2'))
  expect(findings(sqlite)).toEqual([])
})

test('D5 deleting a project leaves tombstones, also for rows changed in the same commit', async () => {
  const { store, sqlite, project } = await booked(2)
  await store.write(() => {
    sqlite.exec("UPDATE step SET error = 'late' WHERE id = 1")
    sqlite.prepare('DELETE FROM project WHERE id = ?').run(project)
  })
  expect(sqlite.prepare('SELECT count(*) FROM step').pluck().get()).toBe(0)
  const last = sqlite.prepare<[], string>("SELECT lines FROM chain_link WHERE chain = 'journal' ORDER BY seq DESC")
  const gone = changesIn(last.pluck().get() ?? '')?.filter((change) => change.gone)
  expect(gone?.map(({ subject }) => subject)).toEqual([1, 2])
  expect(findings(sqlite)).toEqual([])
})

test('D5 a row that was altered and then deleted by Baton is still found', async () => {
  const { store, sqlite, project } = await booked(2)
  const folder = temporaryFolder()
  sqlite.prepare('VACUUM INTO ?').run(join(folder, 'baton.db'))
  const tampered = new Database(join(folder, 'baton.db'))
  tampered.exec(`UPDATE step SET output = '"another"' WHERE id = 2`)
  tampered.close()
  const reopened = openStore(folder, () => undefined)
  if (!reopened.ok) throw new Error(reopened.error.message)
  await reopened.value.write(() => reopened.value.sqlite.prepare('DELETE FROM project WHERE id = ?').run(project))
  expect(findings(reopened.value.sqlite)).toEqual([
    "Row 2 of step had been changed behind Baton's back when it was deleted.",
  ])
  reopened.value.close()
  expect(findings(store.sqlite)).toEqual([])
})

/** Every value that differs from `value` by one bit; null becomes something and something becomes null. */
function flips(value: unknown): unknown[] {
  if (value === null) return [0n, 'x', Buffer.from('x')]
  if (typeof value === 'bigint')
    return [...Array(64).keys()].map((bit) => BigInt.asIntN(64, value ^ (1n << BigInt(bit))))
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value))
  return [...Array(bytes.length * 8).keys()].map((bit) => {
    const flipped = Buffer.from(bytes)
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    return flipped
  })
}

/** Flips every bit of one row, each in a savepoint of its own, and answers how many flips were tried. */
function flipRow(copy: Sqlite, table: string, where: string): number {
  const row = copy.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table} WHERE ${where}`).safeIntegers().get()
  if (row === undefined) throw new Error(`No row of ${table} where ${where}`)
  let tried = 0
  for (const [column, value] of Object.entries(row)) {
    // Text goes in as its bytes, since not every flip leaves valid UTF-8.
    const set = typeof value === 'string' ? 'CAST(? AS TEXT)' : '?'
    const update = copy.prepare(`UPDATE ${table} SET ${column} = ${set} WHERE ${where}`)
    for (const flipped of flips(value)) {
      copy.exec('SAVEPOINT flip')
      let stored = true
      try {
        update.run(flipped)
      } catch (fault) {
        // Constraints keep some values out; a flip on the disk would then be found by the integrity check.
        if (!/constraint|cannot store/.test((fault as Error).message)) throw fault
        stored = false
      }
      if (stored) {
        tried += 1
        if (findings(copy).length === 0)
          throw new Error(`A flip of ${table}.${column} to ${String(flipped)} went unnoticed.`)
      }
      copy.exec('ROLLBACK TO flip; RELEASE flip')
    }
  }
  return tried
}

test.each<[string, string]>([
  ['reservation', 'id = 2'],
  ['step', 'id = 2'],
  ['usage_log', 'id = 2'],
  ['audit', 'id = 2'],
  ['chain_link', "chain = 'ledger' AND seq = 4"],
  ['chain_link', "chain = 'journal' AND seq = 4"],
  ['chain_link', "chain = 'usage' AND seq = 2"],
  ['budget_account', "scope = 'global'"],
])('D5 finds every single flipped bit in %s where %s', { timeout: 300_000 }, async (table, where) => {
  const { sqlite } = await booked(2)
  const copy = copied(sqlite)
  copy.pragma('foreign_keys = OFF')
  expect(findings(copy)).toEqual([])
  copy.exec('DROP TRIGGER audit_keeps_its_words')
  expect(flipRow(copy, table, where)).toBeGreaterThan(200)
  expect(findings(copy)).toEqual([])
})

test.each(CHAIN_NAMES)('D5 finds rows of the %s that were deleted, added or put back', async (chain: ChainName) => {
  const { sqlite } = await booked(3)
  const table = CHAINS[chain]
  const changes = [
    `DELETE FROM ${table} WHERE id = 2`,
    `DELETE FROM ${table} WHERE id = 3`,
    `DELETE FROM ${table}`,
    `UPDATE ${table} SET id = 9 WHERE id = 3`,
    `DELETE FROM chain_link WHERE chain = '${chain}' AND seq = 1`,
    `DELETE FROM chain_link WHERE chain = '${chain}' AND seq = 2`,
    `DELETE FROM chain_link WHERE chain = '${chain}'`,
    'DELETE FROM chain_link',
    "DELETE FROM meta WHERE key = 'chains_begun_at'",
    `UPDATE chain_link SET hash = hex(zeroblob(32)) WHERE chain = '${chain}'`,
  ]
  const copy = copied(sqlite)
  copy.pragma('foreign_keys = OFF')
  // Whoever writes past Baton gets rid of what holds them up.
  copy.exec('DROP TRIGGER audit_keeps_its_rows; DROP TRIGGER audit_keeps_its_words')
  for (const change of changes) {
    copy.exec('SAVEPOINT tamper')
    expect(copy.prepare(change).run().changes, change).toBeGreaterThan(0)
    expect(findings(copy), change).not.toEqual([])
    copy.exec('ROLLBACK TO tamper; RELEASE tamper')
  }
  expect(findings(copy)).toEqual([])
})

test('D5 finds a cut end together with its rows, by the heads outside the database', async () => {
  const { dataDir, store, sqlite } = await booked(3)
  const copy = copied(sqlite)
  copy.exec(`DELETE FROM reservation WHERE id = 3; DELETE FROM step WHERE id = 3; DELETE FROM usage_log WHERE id = 3;
    DELETE FROM chain_link WHERE chain = 'ledger' AND seq > 6;
    DELETE FROM chain_link WHERE chain = 'journal' AND seq > 4;
    DELETE FROM chain_link WHERE chain = 'usage' AND seq > 2;
    UPDATE budget_account SET settled_micros = 642;`)
  store.close()
  const heads = readHeads(dataDir)
  if (!heads.ok) throw new Error(heads.error)
  // The chains alone cannot tell: what is left is whole.
  expect(verifyChains(copy, null).findings).toEqual([])
  expect(verifyChains(copy, heads.value).findings).toHaveLength(3)

  // Baton says so at its next start, and leaves the evidence.
  const before = readFileSync(headsPath(dataDir), 'utf8')
  rmSync(join(dataDir, 'baton.db-wal'), { force: true })
  rmSync(join(dataDir, 'baton.db-shm'), { force: true })
  writeFileSync(join(dataDir, 'baton.db'), copy.serialize())
  const reopened = openStore(dataDir, () => undefined)
  if (!reopened.ok) throw new Error(reopened.error.message)
  expect(reopened.value.chainFindings).toHaveLength(3)
  await reopened.value.write(() => reopened.value.sqlite.exec('UPDATE usage_log SET latency_ms = 1'))
  reopened.value.close()
  expect(readFileSync(headsPath(dataDir), 'utf8')).toBe(before)
})

test('D5 every flipped bit of the heads is found', async () => {
  const { dataDir, store, sqlite } = await booked(1)
  const copy = copied(sqlite)
  store.close()
  const path = headsPath(dataDir)
  const text = readFileSync(path)
  const told = readHeads(dataDir)
  if (!told.ok || told.value === null) throw new Error('no heads')
  for (let bit = 0; bit < text.length * 8; bit += 1) {
    const flipped = Buffer.from(text)
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    writeFileSync(path, flipped)
    const heads = readHeads(dataDir)
    // A flip between two kinds of white space changes nothing.
    if (heads.ok && JSON.stringify(heads.value) === JSON.stringify(told.value)) continue
    if (heads.ok) expect(verifyChains(copy, heads.value).findings, flipped.toString()).not.toEqual([])
  }
})

test('D5 rows that are older than the chains are taken in once, at the first start', async () => {
  const { sqlite } = await booked(2)
  const folder = temporaryFolder()
  mkdirSync(folder, { recursive: true })
  sqlite.prepare('VACUUM INTO ?').run(join(folder, 'baton.db'))
  const old = new Database(join(folder, 'baton.db'))
  old.exec("DELETE FROM chain_link; DELETE FROM meta WHERE key = 'chains_begun_at'")
  old.close()
  // What a Baton of older chains said of their ends says nothing about these.
  writeFileSync(headsPath(folder), JSON.stringify({ v: 1, epoch: 'x', heads: {} }))
  for (const _ of [1, 2]) {
    const opened = openStore(folder, () => undefined)
    if (!opened.ok) throw new Error(opened.error.message)
    expect(opened.value.chainFindings).toEqual([])
    expect(verifyChains(opened.value.sqlite, null)).toEqual({ changes: 8, findings: [] })
    opened.value.close()
  }
  expect(readHeads(folder)).toMatchObject({ ok: true, value: { v: 2 } })
})

test('D5 changes of tasks cost no entry', async () => {
  const { store, sqlite, project, tasks } = await booked(1)
  const before = verifyChains(sqlite, null).changes
  const [task] = tasks(project, [[]])
  await store.write(() => sqlite.prepare("UPDATE task SET state = 'running' WHERE id = ?").run(task))
  expect(verifyChains(sqlite, null).changes).toBe(before)
})
