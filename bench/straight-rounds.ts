/**
 * What SQLite itself allows: the same graphs with nothing but two tables and prepared statements, one durable commit for
 * each {@link CONCURRENCY} tasks: `node bench/straight-rounds.ts [rounds]`. One JSON line per graph and round on stdout.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { PlanDocument } from '#contract/plan.ts'
import { CONCURRENCY, flatPlans, layeredPlans } from './graph-shapes.ts'

const TABLES = `
  CREATE TABLE task (id INTEGER PRIMARY KEY, state TEXT NOT NULL, unmet INTEGER NOT NULL) STRICT;
  CREATE TABLE dependency (needed INTEGER NOT NULL, task INTEGER NOT NULL, PRIMARY KEY (needed, task)) STRICT, WITHOUT ROWID;`

function fill(sqlite: Database.Database, plans: readonly PlanDocument[]): number[] {
  const insertTask = sqlite.prepare("INSERT INTO task (state, unmet) VALUES ('ready', ?)")
  const insertEdge = sqlite.prepare('INSERT INTO dependency (needed, task) VALUES (?, ?)')
  const ready: number[] = []
  sqlite.transaction(() => {
    for (const { tasks } of plans) {
      const ids = new Map<string, number>()
      for (const { key, depends_on } of tasks) {
        const id = Number(insertTask.run(depends_on.length).lastInsertRowid)
        ids.set(key, id)
        for (const needed of depends_on) insertEdge.run(ids.get(needed), id)
        if (depends_on.length === 0) ready.push(id)
      }
    }
  })()
  return ready
}

function carryOut(sqlite: Database.Database, ready: number[]): void {
  const move = sqlite.prepare('UPDATE task SET state = ? WHERE id = ?')
  const unlock = sqlite.prepare<[number], { id: number; unmet: number }>(
    'UPDATE task SET unmet = unmet - 1 WHERE id IN (SELECT task FROM dependency WHERE needed = ?) RETURNING id, unmet',
  )
  let next = 0
  let running: number[] = []
  const turn = sqlite.transaction(() => {
    for (const id of running) {
      move.run('succeeded', id)
      for (const row of unlock.all(id)) if (row.unmet === 0) ready.push(row.id)
    }
    running = ready.slice(next, next + CONCURRENCY)
    next += running.length
    for (const id of running) move.run('running', id)
  })
  do turn()
  while (running.length > 0)
}

function round(shape: string, plans: readonly PlanDocument[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'baton-bench-'))
  try {
    const sqlite = new Database(join(folder, 'straight.db'))
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = FULL')
    sqlite.exec(TABLES)
    const ready = fill(sqlite, plans)
    const began = performance.now()
    carryOut(sqlite, ready)
    const ms = performance.now() - began
    const tasks = plans.reduce((sum, plan) => sum + plan.tasks.length, 0)
    const done = sqlite.prepare<[], number>("SELECT count(*) FROM task WHERE state = 'succeeded'").pluck().get()
    sqlite.close()
    const rss_bytes = process.resourceUsage().maxRSS * 1024
    console.log(JSON.stringify({ shape, tasks, ms, approve_ms: 0, rss_bytes, ok: done === tasks }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const rounds = Number(process.argv[2] ?? 3)
for (let count = 0; count < rounds; count += 1) {
  round('dag', layeredPlans())
  round('flat', flatPlans())
}
