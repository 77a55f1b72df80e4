/**
 * The same graphs on plainjob, a job queue on SQLite: `node bench/peers/plainjob-rounds.ts [rounds]`. One JSON line per graph
 * and round on stdout. plainjob commits with `synchronous=NORMAL`, which it sets by itself, and knows no dependencies: its
 * user keeps them in tables of his own and counts down in the handler, in one transaction with the jobs that this frees.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { better, defineQueue, defineWorker, JobStatus } from 'plainjob'
import type { PlanDocument } from '#contract/plan.ts'
import { CONCURRENCY, flatPlans, layeredPlans } from '../graph-shapes.ts'
import { createPeerRecord, type PeerTask, peerTasks } from './peer-graph.ts'

const TYPE = 'task'
/** A worker that finds nothing sleeps for this long; its default of a second would be all that is measured. */
const POLL_MS = 1

const TABLES = `
  CREATE TABLE unmet (task INTEGER PRIMARY KEY, needs INTEGER NOT NULL) STRICT;
  CREATE TABLE dependency (needed INTEGER NOT NULL, task INTEGER NOT NULL, PRIMARY KEY (needed, task)) STRICT, WITHOUT ROWID;`

const QUIET = { error: console.error, warn: console.error, info: () => undefined, debug: () => undefined }

function fill(sqlite: Database.Database, tasks: readonly PeerTask[]): void {
  sqlite.exec(TABLES)
  const insertUnmet = sqlite.prepare('INSERT INTO unmet (task, needs) VALUES (?, ?)')
  const insertEdge = sqlite.prepare('INSERT INTO dependency (needed, task) VALUES (?, ?)')
  sqlite.transaction(() => {
    for (const { id, needs } of tasks) {
      if (needs.length > 0) insertUnmet.run(id, needs.length)
      for (const needed of needs) insertEdge.run(needed, id)
    }
  })()
}

/** Answers with the tasks that this one was the last to hold up. A job that is handed out again counts down nothing twice. */
function countDown(sqlite: Database.Database): (id: number) => number[] {
  const spend = sqlite.prepare<[number], number>('DELETE FROM dependency WHERE needed = ? RETURNING task').pluck()
  const lower = sqlite
    .prepare<[number], number>('UPDATE unmet SET needs = needs - 1 WHERE task = ? RETURNING needs')
    .pluck()
  return (id) => spend.all(id).filter((task) => lower.get(task) === 0)
}

async function round(shape: string, plans: readonly PlanDocument[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  const sqlite = new Database(join(folder, 'plainjob.db'))
  const queue = defineQueue({ connection: better(sqlite), logger: QUIET })
  try {
    const tasks = peerTasks(plans)
    const record = createPeerRecord(tasks)
    const approved = performance.now()
    fill(sqlite, tasks)
    const first = tasks.filter(({ needs }) => needs.length === 0)
    queue.addMany(
      TYPE,
      first.map(({ id }) => id),
    )
    const countDownFrom = countDown(sqlite)
    const unlock = sqlite.transaction((id: number) => {
      const free = countDownFrom(id)
      if (free.length > 0) queue.addMany(TYPE, free)
    })
    const began = performance.now()
    const isGraph = first.length < tasks.length
    const work = (job: { data: string }): void => {
      const id = Number(job.data)
      record.began(id)
      if (isGraph) unlock(id)
      record.ended(id)
    }
    const workers = Array.from({ length: CONCURRENCY }, () =>
      defineWorker(TYPE, work, { queue, pollIntervall: POLL_MS, logger: QUIET }),
    )
    const running = workers.map((worker) => worker.start())
    await record.all
    await Promise.all(workers.map((worker) => worker.stop()))
    await Promise.all(running)
    const ms = performance.now() - began
    const faults = record.faults(CONCURRENCY)
    const done = queue.countJobs({ status: JobStatus.Done })
    if (done !== tasks.length) faults.push(`${done} of ${tasks.length} jobs are done`)
    for (const fault of faults) console.error(`plainjob ${shape}: ${fault}`)
    const figures = { shape, tasks: tasks.length, ms, approve_ms: began - approved }
    const rss_bytes = process.resourceUsage().maxRSS * 1024
    console.log(JSON.stringify({ ...figures, rss_bytes, ok: faults.length === 0 }))
  } finally {
    queue.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const rounds = Number(process.argv[2] ?? 3)
for (let count = 0; count < rounds; count += 1) {
  await round('dag', layeredPlans())
  await round('flat', flatPlans())
}
