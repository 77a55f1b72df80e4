import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { createLedger } from '../budget/ledger.ts'
import { backupProblems, DATABASE, finishBackup } from './backup-content.ts'
import { backupsFolder } from './backup-folder.ts'
import { readManifest, writeManifest } from './backup-manifest.ts'
import { createBackups } from './backups.ts'
import { createBlobStore } from './blob-store.ts'
import { readHeads } from './chain-heads.ts'
import { verifyChains } from './chain-verify.ts'
import { writeDurably } from './durable-file.ts'
import { restoreBackup } from './restore.ts'
import { openStore } from './store.ts'
import { type StoreBench, storeBench, temporaryFolder } from './store-bench.ts'

function backupBench() {
  const bench = storeBench()
  const { dataDir: data_dir, store, settings } = bench
  const backups = createBackups({ data_dir, version: '0.1.0', store, settings })
  onTestFinished(() => backups.close())
  async function made() {
    const backup = await backups.create()
    if (!backup.ok) throw new Error(backup.error.message)
    return backup.value
  }
  return { ...bench, backups, made, blobs: createBlobStore(data_dir) }
}

/** Reserves an amount, and settles it for less where `settled` is given. */
function buy({ store, events, settings }: StoreBench) {
  const ledger = createLedger(store, events, settings)
  return async (settled: number | null): Promise<number> => {
    const id = await store.write((tx) => {
      const purchase = { provider: 'anthropic', model: 'claude', project_id: null, task_id: null, run_id: null }
      const granted = ledger.reserve(tx, {
        ...purchase,
        max_tokens: 10,
        min_tokens: 1,
        worstCase: (tokens) => tokens * 10,
      })
      if (!granted.ok) throw new Error(granted.message)
      return granted.reservation_id
    })
    if (settled !== null) {
      await store.write((tx) => {
        ledger.markSent(tx, id)
        ledger.settle(tx, id, settled)
      })
    }
    return id
  }
}

test('D3 a backup holds database, heads, configuration and texts, in a folder for its owner', async () => {
  const bench = backupBench()
  await buy(bench)(40)
  const sha256 = bench.blobs.put('a long text')
  writeDurably(join(bench.dataDir, 'config.yaml'), 'budget: 5\n')
  const backup = await bench.made()
  expect(backup).toMatchObject({ files: 4, findings: [], version: '0.1.0' })
  expect(backup.bytes).toBeGreaterThan(statSync(join(backup.folder, DATABASE)).size)
  expect(readdirSync(backup.folder).toSorted()).toEqual([
    'baton.db',
    'blobs',
    'chain-heads.json',
    'config.yaml',
    'manifest.json',
  ])
  expect(readFileSync(join(backup.folder, 'blobs', sha256.slice(0, 2), sha256), 'utf8')).toBe('a long text')
  if (process.platform !== 'win32') expect(statSync(backup.folder).mode & 0o777).toBe(0o700)
  expect(bench.backups.list()).toEqual([backup])
  expect(await bench.backups.verify(backup.id)).toEqual({ ok: true, value: { id: backup.id, problems: [] } })
})

test('D3 a backup made while others write is consistent: whole transactions, chains and sums', async () => {
  const bench = backupBench()
  // Enough pages that the copy takes many turns of the loop.
  await bench.store.write(() =>
    bench.store.sqlite.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      INSERT INTO event (ts, type, data) SELECT i, 'project.created', '{"name":"' || hex(randomblob(200)) || '"}' FROM n`),
  )
  const purchase = buy(bench)
  let isDone = false
  const writing = (async () => {
    let count = 0
    while (!isDone) {
      await purchase(count % 100)
      count += 1
    }
    return count
  })()
  const backup = await bench.made()
  isDone = true
  expect(await writing).toBeGreaterThan(0)
  expect(backup.findings).toEqual([])
  expect(backupProblems(backup.folder)).toEqual([])
  const copy = new Database(join(backup.folder, DATABASE), { readonly: true })
  const kept = copy.prepare('SELECT count(*) FROM reservation').pluck().get()
  copy.close()
  // Some were bought before the copy ended, so it is not the state of the beginning.
  expect(kept).toBeGreaterThan(0)
})

/** Makes the database so large (40 MB) that its copy is taken to the disk in several parts. */
async function grow({ store, project }: StoreBench): Promise<void> {
  const { sqlite } = store
  const insert = sqlite.prepare("INSERT INTO event (ts, type, project_id, data) VALUES (1, 'project.state', ?, ?)")
  const id = project()
  const data = JSON.stringify({ state: 'draft', reason: 'x'.repeat(2_000) })
  await store.write(() => {
    for (let row = 0; row < 20_000; row += 1) insert.run(id, data)
  })
}

test('D3 a large database is copied whole while others write, and a copy that is given up leaves nothing behind', async () => {
  const bench = backupBench()
  await grow(bench)
  const writing = buy(bench)
  const made = bench.made()
  for (let count = 0; count < 20; count += 1) await writing(40)
  const backup = await made
  expect(statSync(join(backup.folder, DATABASE)).size).toBeGreaterThan(40_000_000)
  expect(await bench.backups.verify(backup.id)).toEqual({ ok: true, value: { id: backup.id, problems: [] } })

  const givenUp = bench.backups.create()
  const isUnderWay = () => readdirSync(backupsFolder(bench.dataDir)).some((name) => name.endsWith('.draft'))
  await expect.poll(isUnderWay, { interval: 1 }).toBe(true)
  await bench.backups.close()
  expect((await givenUp).ok).toBe(false)
  expect(readdirSync(backupsFolder(bench.dataDir))).toEqual([backup.id])
})

test('D3 heads that are written after the copy say nothing against it', async () => {
  const bench = storeBench()
  const folder = temporaryFolder()
  const purchase = buy(bench)
  await purchase(10)
  const heads = readHeads(bench.dataDir)
  await bench.store.sqlite.backup(join(folder, DATABASE))
  await purchase(20)
  bench.store.close()
  expect(readHeads(bench.dataDir)).not.toEqual(heads)
  const unfinished = {
    data_dir: bench.dataDir,
    folder,
    previous: null,
    id: 'bkp_1',
    created_at: 1,
    version: '0.1.0',
    heads,
  }
  expect(finishBackup(unfinished)).toMatchObject({ ok: true, value: { findings: [] } })
})

test('D3 two calls at once make one backup', async () => {
  const { backups } = backupBench()
  const [first, second] = await Promise.all([backups.create(), backups.create()])
  expect(first.ok && first).toEqual(second)
  expect(backups.list()).toHaveLength(1)
})

test('D3 keeps as many as are wanted, the newest, and clears what a dead process left', async () => {
  const { store, settings, backups, made, dataDir } = backupBench()
  await store.write((tx) => settings.changeSettings(tx, { backups_kept: 2 }))
  const left = join(backupsFolder(dataDir), '2026-01-01T00-00-00-000Z.draft')
  mkdirSync(left, { recursive: true })
  const ids: string[] = []
  for (let count = 0; count < 4; count += 1) ids.push((await made()).id)
  expect(backups.list().map(({ id }) => id)).toEqual([ids[3], ids[2]])
  expect(existsSync(left)).toBe(false)
})

test('D3 gives up no older backup where the database disagrees with its chains', async () => {
  const { store, settings, backups, made } = backupBench()
  await store.write((tx) => settings.changeSettings(tx, { backups_kept: 1 }))
  await made()
  await store.write(() => store.sqlite.exec("INSERT INTO budget_account (scope, settled_micros) VALUES ('global', 5)"))
  const second = await made()
  expect(second.findings).toEqual(['The account global is not the sum of its reservations.'])
  expect(backups.list()).toHaveLength(2)
  // It is a true copy all the same.
  expect(await backups.verify(second.id)).toMatchObject({ value: { problems: [] } })
})

test('D3 texts are copied from the living folder once, and linked among the backups', async () => {
  const { blobs, made, dataDir } = backupBench()
  const sha256 = blobs.put('kept')
  const path = join('blobs', sha256.slice(0, 2), sha256)
  const [first, second] = [await made(), await made()]
  if (process.platform !== 'win32') {
    const [living, one, two] = [dataDir, first.folder, second.folder].map((folder) => statSync(join(folder, path)).ino)
    expect(one).toBe(two)
    expect(one).not.toBe(living)
  }
  writeFileSync(join(dataDir, path), 'harm')
  expect(backupProblems(second.folder)).toEqual([])
})

test('D3 a flipped bit anywhere in a backup is found', { timeout: 300_000 }, async () => {
  const bench = backupBench()
  await buy(bench)(40)
  bench.blobs.put('a long text')
  const { folder } = await bench.made()
  const manifest = readManifest(folder)
  if (!manifest.ok) throw new Error(manifest.error)
  const paths = ['manifest.json', ...manifest.value.files.map(({ path }) => path)]
  for (const path of paths) {
    const file = join(folder, path)
    const whole = readFileSync(file)
    // Every bit of small files; of the database one in each of 40 places, which the hash covers alike.
    const stride = Math.max(1, Math.floor((whole.length * 8) / (path === 'manifest.json' ? 400 : 40)) - 1)
    for (let bit = 0; bit < whole.length * 8; bit += stride) {
      const flipped = Buffer.from(whole)
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      writeFileSync(file, flipped)
      const problems = backupProblems(folder)
      // White space between the words of the manifest says nothing.
      const isSame = path === 'manifest.json' && JSON.stringify(readManifest(folder)) === JSON.stringify(manifest)
      if (!isSame) expect(problems, `${path} bit ${bit}`).not.toEqual([])
    }
    writeFileSync(file, whole)
  }
  expect(backupProblems(folder)).toEqual([])
})

test('D3 makes no backup of a damaged database, says so and keeps the older ones', async () => {
  const { store, made, backups } = backupBench()
  const first = await made()
  store.sqlite.pragma('foreign_keys = OFF')
  store.sqlite.exec("INSERT INTO attachment (project_id, name, path, bytes, sha256) VALUES (99, 'a', 'a', 1, '')")
  const second = await backups.create()
  expect(!second.ok && second.error.message).toMatch(/itself is damaged.*Restore one of them/)
  expect(backups.list()).toEqual([first])
})

test('D3 restores what was there, under a new history, with open calls counted as sent', async () => {
  const bench = backupBench()
  const { store, dataDir, blobs } = bench
  const purchase = buy(bench)
  await purchase(40)
  const open = await purchase(null)
  const project = bench.project()
  const sha256 = blobs.put('a long text')
  const backup = await bench.made()
  // What happens later is gone after the restore, except that its keys are not given out again.
  await purchase(70)
  const later = bench.project()
  const epoch = store.epoch
  const lastId = bench.events.id(bench.events.lastSeq())
  store.close()
  writeFileSync(join(dataDir, 'blobs', sha256.slice(0, 2), sha256), 'harm')

  const restored = await restoreBackup(dataDir, backup.id)
  expect(restored).toMatchObject({ ok: true, value: { open_reservations: 1, texts_restored: 1, ids_go_on: true } })
  expect(createBlobStore(dataDir).get(sha256)).toBe('a long text')

  const again = storeBench(dataDir)
  expect(again.store.epoch).not.toBe(epoch)
  expect(again.events.seqOf(lastId)).toBeNull()
  expect(again.store.chainFindings).toEqual([])
  expect(verifyChains(again.store.sqlite, null).findings).toEqual([])
  const rows = again.store.sqlite.prepare('SELECT id, state, settled_micros FROM reservation ORDER BY id').all()
  expect(rows).toEqual([
    { id: 1, state: 'settled', settled_micros: 40 },
    { id: open, state: 'sent', settled_micros: 0 },
  ])
  expect(again.store.sqlite.prepare('SELECT id FROM project').pluck().all()).toEqual([project])
  expect(again.project()).toBeGreaterThan(later)
  expect(again.events.list({ after: 0, type: 'backup.restored', limit: 2 })).toMatchObject([
    { data: { backup_id: backup.id } },
  ])
  // The replaced database is kept beside, readable.
  const replaced = new Database(join(restored.ok ? restored.value.replaced : '', DATABASE), { readonly: true })
  expect(replaced.prepare('SELECT count(*) FROM reservation').pluck().get()).toBe(3)
  replaced.close()
})

test('D3 restores over a database that is damaged or gone', async () => {
  const bench = backupBench()
  await buy(bench)(40)
  const backup = await bench.made()
  bench.store.close()
  writeFileSync(join(bench.dataDir, DATABASE), 'not a database at all')
  const restored = await restoreBackup(bench.dataDir, backup.id)
  expect(restored).toMatchObject({ ok: true, value: { ids_go_on: false } })
  const again = openStore(bench.dataDir, () => undefined)
  if (!again.ok) throw new Error(again.error.message)
  expect(again.value.sqlite.prepare('SELECT settled_micros FROM reservation').pluck().all()).toEqual([40])
  again.value.close()
})

test('D3 refuses a backup that is damaged, missing or of a newer Baton, and changes nothing', async () => {
  const bench = backupBench()
  const backup = await bench.made()
  bench.store.close()
  const before = readFileSync(join(bench.dataDir, DATABASE))
  const refusal = async (id: string): Promise<string> => {
    const restored = await restoreBackup(bench.dataDir, id)
    expect(readFileSync(join(bench.dataDir, DATABASE)).equals(before)).toBe(true)
    expect(readdirSync(bench.dataDir).filter((name) => name.startsWith('restore'))).toEqual([])
    return restored.ok ? '' : restored.error.message
  }
  expect(await refusal('2026-01-01T00-00-00-000Z')).toMatch(/There is no backup .*There are: /)
  const manifest = readManifest(backup.folder)
  if (!manifest.ok) throw new Error(manifest.error)
  writeManifest(backup.folder, { ...manifest.value, schema_version: manifest.value.schema_version + 1 })
  expect(await refusal(backup.id)).toMatch(/newer Baton/)
  writeManifest(backup.folder, manifest.value)
  writeFileSync(join(backup.folder, DATABASE), before)
  expect(await refusal(backup.id)).toMatch(/baton\.db is not what was written/)
})
