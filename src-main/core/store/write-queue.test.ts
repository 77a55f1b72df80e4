import { join } from 'node:path'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { type Correlation, correlated, uncorrelated } from '../correlation.ts'
import type { FailpointName } from '../failpoint.ts'
import { writeAlongside } from './alongside.ts'
import { storeBench, temporaryFolder } from './store-bench.ts'
import { createWriteQueue, type WriteQueue } from './write-queue.ts'

interface QueueBench {
  readonly queue: WriteQueue
  /** What happened, in order; `commit` and `committed` stand for the two sides of COMMIT. */
  readonly log: string[]
  rows(): number[]
  put(x: number): Promise<number>
}

/** A queue over a real file with one table. A check that is deferred to COMMIT lets commits fail. */
function queueBench(): QueueBench {
  const sqlite = new Database(join(temporaryFolder(), 'queue.db'))
  onTestFinished(() => {
    sqlite.close()
  })
  sqlite.pragma('foreign_keys = ON')
  sqlite.exec(`CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE parent (x INTEGER PRIMARY KEY);
    CREATE TABLE item (x INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (x) DEFERRABLE INITIALLY DEFERRED)`)
  const log: string[] = []
  const names: Partial<Record<FailpointName, string>> = {
    'before-turn-commit': 'commit',
    'after-turn-commit': 'committed',
  }
  const queue = createWriteQueue(sqlite, drizzle({ client: sqlite }), (name) => log.push(names[name] ?? name))
  // Rows as another connection sees them: only what is committed.
  const reader = new Database(sqlite.name, { readonly: true })
  onTestFinished(() => {
    reader.close()
  })
  const rows = (): number[] => reader.prepare<[], number>('SELECT x FROM item ORDER BY rowid').pluck().all()
  return {
    queue,
    log,
    rows,
    put: (x) =>
      queue.write((tx) => {
        log.push(`change ${x}`)
        tx.afterCommit(() => log.push(`announce ${x}, ${rows().includes(x) ? 'durable' : 'lost'}`))
        tx.sqlite.prepare('INSERT INTO item (x) VALUES (?)').run(x)
        return x
      }),
  }
}

const WAITS: [string, (queue: WriteQueue) => void][] = [
  ['at the end of the turn', () => undefined],
  ['when flushed', (queue) => queue.flush()],
]

test.each(WAITS)('D1 commits all changes of one turn together and in order, %s', async (_when, then) => {
  const { queue, put, log, rows } = queueBench()
  const answers = [put(3), put(1), put(2)].map(async (answer) => log.push(`answer ${await answer}`))
  expect(rows()).toEqual([])
  then(queue)
  await Promise.all(answers)
  expect(log).toEqual([
    ...['change 3', 'change 1', 'change 2', 'commit', 'committed'],
    ...['announce 3, durable', 'announce 1, durable', 'announce 2, durable'],
    ...['answer 3', 'answer 1', 'answer 2'],
  ])
})

test('D1 commits changes of different turns apart', async () => {
  const { put, log } = queueBench()
  await put(1)
  await put(2)
  expect(log.filter((line) => line === 'committed')).toHaveLength(2)
})

test('D1 a change that is alone in its turn and throws leaves nothing behind', async () => {
  const { queue, put, log, rows } = queueBench()
  const failing = queue.write((tx) => {
    tx.afterCommit(() => log.push('announce'))
    tx.sqlite.exec('INSERT INTO item (x) VALUES (7)')
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect([rows(), log]).toEqual([[], []])
  await put(1)
  expect(rows()).toEqual([1])
})

test('D1 a change that throws rolls back alone and announces nothing', async () => {
  const { queue, put, log, rows } = queueBench()
  const failing = queue.write((tx) => {
    tx.afterCommit(() => log.push('announce what never was'))
    tx.sqlite.exec('INSERT INTO item (x) VALUES (2)')
    throw new Error('a bug')
  })
  const [first, second, third] = await Promise.allSettled([put(1), failing, put(3)])
  expect([first.status, second.status, third.status]).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(second.status === 'rejected' && second.reason).toEqual(new Error('a bug'))
  expect(rows()).toEqual([1, 3])
  expect(log.filter((line) => line.startsWith('announce'))).toEqual(['announce 1, durable', 'announce 3, durable'])
})

test('D4 a COMMIT that fails undoes and rejects every change of its turn, and the next turn works', async () => {
  const { queue, put, log, rows } = queueBench()
  const failing = queue.write((tx) => tx.sqlite.exec('INSERT INTO item (x, parent) VALUES (2, 99)'))
  const settled = await Promise.allSettled([put(1), failing, put(3)])
  for (const each of settled) expect(each.status === 'rejected' && String(each.reason)).toMatch(/FOREIGN KEY/)
  expect(rows()).toEqual([])
  expect(log.filter((line) => line.startsWith('announce'))).toEqual([])
  await put(4)
  expect(rows()).toEqual([4])
})

test('D4 a fault by which SQLite ends the transaction itself rejects every change with that fault', async () => {
  const { queue, put, log, rows } = queueBench()
  await put(1)
  log.length = 0
  const ending = (): Promise<unknown> =>
    queue.write((tx) => tx.sqlite.exec('INSERT OR ROLLBACK INTO item (x) VALUES (1)'))
  const settled = await Promise.allSettled([put(2), ending(), put(3)])
  for (const each of settled) expect(each.status === 'rejected' && String(each.reason)).toMatch(/UNIQUE constraint/)
  expect(log).toEqual(['change 2'])
  expect(rows()).toEqual([1])
  await put(5)
  expect(rows()).toEqual([1, 5])
})

test('D1 a write that a commit gives rise to comes into the next commit', async () => {
  const { queue, put, log } = queueBench()
  let inner: Promise<number> | undefined
  await queue.write((tx) => {
    tx.afterCommit(() => {
      inner = put(7)
    })
  })
  expect(log).toEqual(['commit', 'committed'])
  expect(await inner).toBe(7)
})

test('D1 a listener with a bug does not keep others from hearing that their change is durable', async () => {
  const { queue, put, rows } = queueBench()
  const first = queue.write((tx) => {
    tx.afterCommit(() => {
      throw new Error('a bug in a listener')
    })
    return 'first'
  })
  const second = put(2)
  expect(() => queue.flush()).toThrow('a bug in a listener')
  expect(await Promise.all([first, second])).toEqual(['first', 2])
  expect(rows()).toEqual([2])
})

test('D1 a store commits what is queued before it closes', async () => {
  const folder = temporaryFolder()
  const { store, project } = storeBench(folder)
  const id = project()
  const written = store.write((tx) => tx.sqlite.prepare("UPDATE project SET name = 'late' WHERE id = ?").run(id))
  store.close()
  await written
  const again = storeBench(folder)
  expect(again.store.sqlite.prepare('SELECT name FROM project WHERE id = ?').pluck().get(id)).toBe('late')
  expect(again.store.epoch).toBe(store.epoch)
})

test('A3 M6 what follows a commit is a part of no call, nor of the one that asked first', async () => {
  const { queue, rows } = queueBench()
  const alongside: string[] = []
  const followed: Promise<Correlation>[] = []
  const byCaller = { correlation_id: 'first', actor: { id: 'usr_1', address: null } }
  await correlated(byCaller, () =>
    writeAlongside(
      () => alongside.push('first'),
      () =>
        queue.write((tx) => {
          tx.sqlite.prepare('INSERT INTO item (x) VALUES (1)').run()
          tx.afterCommit(() => {
            followed.push(
              queue.write(({ sqlite, correlation_id, actor }) => {
                sqlite.prepare('INSERT INTO item (x) VALUES (2)').run()
                return actor === null ? { correlation_id } : { correlation_id, actor }
              }),
            )
          })
        }),
    ),
  )
  expect(await Promise.all(followed)).toEqual([{ correlation_id: null }])
  expect([rows(), alongside]).toEqual([[1, 2], ['first']])
})

test('A3 what is done as nobody commits nothing of the call that woke it', async () => {
  const { queue, put } = queueBench()
  const alongside: number[] = []
  await writeAlongside(
    () => alongside.push(1),
    () => uncorrelated(() => put(1)),
  )
  await queue.write(() => undefined)
  expect(alongside).toEqual([])
})
