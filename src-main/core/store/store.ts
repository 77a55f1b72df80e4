import { randomBytes } from 'node:crypto'
import { ok, type Result } from '#contract/result.ts'
import type { Failpoint } from '../failpoint.ts'
import type { Refusal } from '../refusal.ts'
import type { Orm, Sqlite } from './connection.ts'
import { openDatabase } from './database.ts'
import { createWriteQueue, type Write } from './write-queue.ts'

/** The database: the truth of the product. Reads go to `sqlite` or `orm` at any time; every change goes through `write`. */
export interface Store {
  readonly sqlite: Sqlite
  readonly orm: Orm
  readonly write: Write
  /** Names this history of events; another one after a restore, so that no reader resumes into it. */
  readonly epoch: string
  close(): void
}

export function openStore(dataDir: string, failpoint: Failpoint): Result<Store, Refusal> {
  const opened = openDatabase(dataDir)
  if (!opened.ok) return opened
  const { sqlite, orm } = opened.value
  const queue = createWriteQueue(sqlite, orm, failpoint)
  sqlite
    .prepare("INSERT INTO meta (key, value) VALUES ('epoch', ?) ON CONFLICT DO NOTHING")
    .run(randomBytes(4).toString('hex'))
  const epoch = sqlite.prepare<[], string>("SELECT value FROM meta WHERE key = 'epoch'").pluck().get() ?? ''
  return ok({
    sqlite,
    orm,
    write: queue.write,
    epoch,
    close: () => {
      queue.flush()
      sqlite.close()
    },
  })
}
