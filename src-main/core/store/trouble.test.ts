import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import type { Sqlite } from './connection.ts'
import { createLastingConnection } from './lasting-connection.ts'
import { openStore, type Store } from './store.ts'
import { storeBench, temporaryFolder } from './store-bench.ts'
import { createTroubleBoard, StorageFault, troubleOf } from './trouble.ts'
import { createWriteQueue, type Write } from './write-queue.ts'

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(20)
}

/** Notes a row with much text, and how often the change was made and announced. */
function noting(log: string[]): (write: Write, name: string) => Promise<string> {
  return (write, name) =>
    write((tx) => {
      log.push(`made ${name}`)
      tx.afterCommit(() => log.push(`announced ${name}`))
      tx.sqlite.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run(name, 'x'.repeat(500_000))
      return name
    })
}

const names = (store: Store): string[] =>
  store.sqlite.prepare<[], string>("SELECT key FROM meta WHERE key LIKE 'note%' ORDER BY key").pluck().all()

const FAULTS: [string, string, (sqlite: Sqlite, path: string) => () => void][] = [
  [
    'full',
    'max_page_count',
    (sqlite) => {
      const most = sqlite.pragma('max_page_count', { simple: true })
      sqlite.pragma('max_page_count = 1')
      return () => sqlite.pragma(`max_page_count = ${String(most)}`)
    },
  ],
  [
    'read_only',
    'query_only',
    (sqlite) => {
      sqlite.pragma('query_only = ON')
      return () => sqlite.pragma('query_only = OFF')
    },
  ],
  [
    'busy',
    'another program',
    (sqlite, path) => {
      sqlite.pragma('busy_timeout = 0')
      const other = new Database(path)
      other.exec('BEGIN IMMEDIATE')
      return () => other.close()
    },
  ],
]

test.each(FAULTS)('D4 %s (%s): what happened is kept, what is wanted is refused', async (kind, _by, begin) => {
  const { store, dataDir } = storeBench()
  const log: string[] = []
  const told: (string | null)[] = []
  store.onTrouble((now) => told.push(now?.kind ?? null))
  const note = noting(log)
  await note(store.write, 'note0')
  const end = begin(store.sqlite, join(dataDir, 'baton.db'))

  const kept = note(store.write, 'note1')
  await expect(note(store.tryWrite, 'note2')).rejects.toThrow(StorageFault)
  await expect(note(store.tryWrite, 'note3')).rejects.toThrow(/Nothing was changed/)
  const later = note(store.write, 'note4')
  expect(store.trouble()?.kind).toBe(kind)
  expect(names(store)).toEqual(['note0'])
  expect(log.filter((line) => line.startsWith('announced'))).toEqual(['announced note0'])

  end()
  expect(await Promise.all([kept, later])).toEqual(['note1', 'note4'])
  expect(names(store)).toEqual(['note0', 'note1', 'note4'])
  expect(log.filter((line) => line.startsWith('announced'))).toEqual(
    ['note0', 'note1', 'note4'].map((name) => `announced ${name}`),
  )
  expect(told).toEqual([kind, null])
  await note(store.tryWrite, 'note5')
})

test('D4 a file system that is full inside of a change counts as the disk, not as a bug', async () => {
  const { store } = storeBench()
  let isFull = true
  const kept = store.write(() => {
    if (isFull) writeFileSync('/dev/full', 'x')
    return 'made'
  })
  await until(() => store.trouble() !== null)
  expect(store.trouble()?.kind).toBe('full')
  isFull = false
  expect(await kept).toBe('made')
})

test('D4 a change with a bug that waited out the trouble does not make it last', async () => {
  const { store } = storeBench()
  store.sqlite.pragma('query_only = ON')
  const faulty = store.write((tx) => {
    tx.sqlite.exec("INSERT INTO meta VALUES ('note', 'x')")
    throw new Error('a bug')
  })
  const refused = expect(faulty).rejects.toThrow('a bug')
  await until(() => store.trouble() !== null)
  store.sqlite.pragma('query_only = OFF')
  await refused
  await until(() => store.trouble() === null)
  expect(await store.tryWrite(() => 'made')).toBe('made')
})

test('D4 a store that closes in trouble refuses what waits', async () => {
  const { store } = storeBench()
  store.sqlite.pragma('query_only = ON')
  const kept = store.write((tx) => tx.sqlite.exec("INSERT INTO meta VALUES ('a', 'b')"))
  await until(() => store.trouble() !== null)
  store.close()
  await expect(kept).rejects.toThrow(StorageFault)
})

/** A queue whose COMMIT fails once with an I/O error, before or after it took effect. */
function doubtful(takesEffect: boolean) {
  const path = join(temporaryFolder(), 'doubt.db')
  const { sqlite: lasting, replace } = createLastingConnection(new Database(path))
  lasting.exec(`PRAGMA journal_mode = WAL; CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE item (x INTEGER)`)
  let fails = true
  const sqlite = new Proxy(lasting, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name !== 'prepare') return value
      return (sql: string) => {
        const statement = target.prepare(sql)
        if (sql !== 'COMMIT') return statement
        return {
          run() {
            if (fails && !takesEffect) throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC')
            statement.run()
            if (fails) throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC')
          },
        }
      }
    },
  })
  const queue = createWriteQueue(sqlite, drizzle({ client: sqlite }), () => undefined, undefined, {
    board: createTroubleBoard(),
    probe: () => undefined,
    closeOthers: () => Promise.resolve(),
    reopen() {
      fails = false
      replace(() => new Database(path))
      return true
    },
  })
  onTestFinished(() => {
    queue.close()
    sqlite.close()
  })
  const rows = sqlite.prepare<[], number>('SELECT x FROM item ORDER BY x').pluck()
  const put = (write: Write, x: number) =>
    write((tx) => tx.sqlite.prepare('INSERT INTO item VALUES (?)').run(x).changes)
  return { queue, put, rows: () => rows.all() }
}

test('D4 after an I/O error in a commit that took effect, nothing is done twice', async () => {
  const { queue, put, rows } = doubtful(true)
  expect(await Promise.all([put(queue.write, 1), put(queue.tryWrite, 2)])).toEqual([1, 1])
  expect(rows()).toEqual([1, 2])
})

test('D4 after an I/O error in a commit that took no effect, what happened is written and the rest refused', async () => {
  const { queue, put, rows } = doubtful(false)
  const [kept, refused] = await Promise.allSettled([put(queue.write, 1), put(queue.tryWrite, 2)])
  expect(kept).toEqual({ status: 'fulfilled', value: 1 })
  expect(refused.status === 'rejected' && refused.reason).toBeInstanceOf(StorageFault)
  expect(rows()).toEqual([1])
})

test('D4 statements outlive the connection that they were prepared on', () => {
  const path = join(temporaryFolder(), 'lasting.db')
  const { sqlite, replace } = createLastingConnection(new Database(path))
  sqlite.exec('CREATE TABLE item (x INTEGER)')
  const insert = sqlite.prepare('INSERT INTO item VALUES (?)')
  const all = sqlite.prepare<[], number>('SELECT x FROM item').pluck()
  const raw = sqlite.prepare<[], number[]>('SELECT x, x + 1 FROM item').raw()
  insert.run(1)
  expect([all.all(), raw.all()]).toEqual([[1], [[1, 2]]])
  const broken = () => {
    throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR')
  }
  expect(() => replace(broken)).toThrow(/disk I\/O/)
  expect(() => all.all()).toThrow(StorageFault)
  expect(() => sqlite.prepare('SELECT 1').all()).toThrow(StorageFault)
  replace(() => new Database(path))
  insert.run(2)
  expect([all.all(), raw.all(), sqlite.inTransaction]).toEqual([
    [1, 2],
    [
      [1, 2],
      [2, 3],
    ],
    false,
  ])
  sqlite.close()
})

test('D4 tells trouble of the disk from bugs', () => {
  const system = (code: string): unknown => Object.assign(new Error(code), { code, syscall: 'write' })
  expect(['ENOSPC', 'EROFS', 'EIO', 'ENOENT'].map((code) => troubleOf(system(code)))).toEqual([
    'full',
    'read_only',
    'io',
    null,
  ])
  const sqlite = (code: string): unknown => new Error('wrapped', { cause: new Database.SqliteError('x', code) })
  expect(
    ['SQLITE_FULL', 'SQLITE_READONLY_DBMOVED', 'SQLITE_IOERR_WRITE', 'SQLITE_BUSY', 'SQLITE_CONSTRAINT'].map((code) =>
      troubleOf(sqlite(code)),
    ),
  ).toEqual(['full', 'read_only', 'io', 'busy', null])
})

test('D4 a damaged page is found, nothing more is written, and the reason says what to do', async () => {
  const folder = temporaryFolder()
  const first = storeBench(folder)
  for (let n = 0; n < 50; n += 1) await noting([])(first.store.write, `note${n}`)
  const root = first.store.sqlite
    .prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 'meta'")
    .pluck()
    .get()
  first.store.close()
  const path = join(folder, 'baton.db')
  const bytes = readFileSync(path)
  bytes.fill(0xa5, ((root ?? 0) - 1) * 4096, (root ?? 0) * 4096)
  writeFileSync(path, bytes)
  const opened = openStore(folder, () => undefined)
  // The page is among the first that are read, so it does not even open.
  expect(!opened.ok && opened.error.message).toMatch(/damaged.*Nothing was changed.*baton restore/)
  expect(readFileSync(path).equals(bytes)).toBe(true)
})

test('D4 a page that is damaged while Baton runs stops all writing until a backup is restored', async () => {
  const { store, dataDir } = storeBench()
  const note = noting([])
  for (let n = 0; n < 3; n += 1) await note(store.write, `note${n}`)
  store.sqlite.pragma('wal_checkpoint(TRUNCATE)')
  const path = join(dataDir, 'baton.db')
  const root =
    store.sqlite.prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 'event'").pluck().get() ?? 0
  const bytes = readFileSync(path)
  bytes.fill(0xa5, (root - 1) * 4096, root * 4096)
  writeFileSync(path, bytes)
  store.sqlite.pragma('shrink_memory')
  const insert = "INSERT INTO event (ts, type, data) VALUES (1, 'x', '{}')"
  const kept = store.write((tx) => tx.sqlite.exec(insert))
  kept.catch(() => undefined)
  await until(() => store.trouble()?.kind === 'damaged')
  expect(store.trouble()?.message).toMatch(/damaged.*restore a backup/)
  await expect(note(store.tryWrite, 'note9')).rejects.toThrow(/damaged/)
  expect(names(store)).toHaveLength(3)
})

test('D4 a log cut anywhere opens as a whole, earlier state', async () => {
  const folder = temporaryFolder()
  const { store } = storeBench(folder)
  // Of the log, what is written from here on: the tables alone would make it many times as long.
  store.sqlite.pragma('wal_checkpoint(TRUNCATE)')
  const files = ['baton.db', 'baton.db-wal']
  const path = (name: string): string => join(folder, name)
  for (let n = 1; n <= 8; n += 1) {
    await store.write((tx) => {
      tx.sqlite.prepare("INSERT INTO meta VALUES (?, 'a')").run(`note${n}`)
      tx.sqlite.prepare("INSERT INTO event (ts, type, data) VALUES (?, 'x', ?)").run(n, 'y'.repeat(n * 700))
    })
  }
  const copy = join(folder, 'copy')
  mkdirSync(copy)
  const size = readFileSync(path('baton.db-wal')).length
  const edges = Array.from({ length: Math.ceil((size - 32) / 4120) }, (_, frame) => 32 + frame * 4120)
  const everywhere = Array.from({ length: Math.floor(size / 970) }, (_, n) => n * 970)
  const offsets = [...everywhere, ...edges.flatMap((edge) => [edge - 1, edge, edge + 1]), size]
    .filter((offset) => offset <= size)
    .toSorted((a, b) => a - b)
  let most = 0
  for (const offset of offsets) {
    for (const name of files) copyFileSync(path(name), join(copy, name))
    truncateSync(join(copy, 'baton.db-wal'), offset)
    const opened = openStore(copy, () => undefined)
    if (!opened.ok) throw new Error(`At ${offset}: ${opened.error.message}`)
    const cut = opened.value
    expect(cut.sqlite.pragma('integrity_check', { simple: true })).toBe('ok')
    const notes = names(cut)
    const events = cut.sqlite.prepare<[], number>("SELECT ts FROM event WHERE type = 'x' ORDER BY seq").pluck().all()
    cut.close()
    expect(notes).toEqual(Array.from({ length: notes.length }, (_, n) => `note${n + 1}`))
    expect(events).toEqual(notes.map((_, n) => n + 1))
    expect(notes.length).toBeGreaterThanOrEqual(most)
    most = notes.length
  }
  expect(most).toBe(8)
})
