import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { InstantEngine } from './instant-engine.ts'
import { CALL } from './recorded-call.ts'

/** What must have come out. */
export interface Expected {
  readonly projects: number
  readonly tasks: number
  readonly dependencies: number
  readonly concurrency: number
}

interface Turn {
  readonly seq: number
  readonly task_id: number
  readonly state: string
}

/** What the event log tells of tasks: the places at which each began and ended, and how many ran at once at most. */
function readTurns(sqlite: Database.Database): {
  began: Map<number, number[]>
  ended: Map<number, number[]>
  atOnce: number
} {
  const began = new Map<number, number[]>()
  const ended = new Map<number, number[]>()
  let open = 0
  let atOnce = 0
  const turns = sqlite.prepare<[], Turn>(
    `SELECT seq, task_id, json_extract(data, '$.state') AS state FROM event WHERE type = 'task.state' ORDER BY seq`,
  )
  for (const { seq, task_id, state } of turns.all()) {
    if (state !== 'running' && state !== 'succeeded') continue
    const places = state === 'running' ? began : ended
    places.set(task_id, [...(places.get(task_id) ?? []), seq])
    open += state === 'running' ? 1 : -1
    atOnce = Math.max(atOnce, open)
  }
  return { began, ended, atOnce }
}

const once = (places: ReadonlyMap<number, readonly number[]>): number =>
  [...places.values()].filter((seqs) => seqs.length === 1).length

/**
 * Whether every task ran exactly once and after what it needs: by the rows and the event log, read anew from the disk, and
 * by the engine's own count. Answers with what is wrong; nothing where all is right.
 */
export function verifyGraph(dataDir: string, engine: InstantEngine, expected: Expected): string[] {
  const sqlite = new Database(join(dataDir, 'baton.db'), { readonly: true })
  const number = (sql: string): number => sqlite.prepare<[], number>(sql).pluck().get() ?? 0
  const { began, ended, atOnce } = readTurns(sqlite)
  const edges = sqlite
    .prepare<[], { task_id: number; depends_on_id: number }>('SELECT task_id, depends_on_id FROM task_dependency')
    .all()
  const inOrder = edges.filter(
    ({ task_id, depends_on_id }) =>
      Math.min(...(began.get(task_id) ?? [])) > Math.max(...(ended.get(depends_on_id) ?? [Infinity])),
  )
  const succeeded = number("SELECT count(*) FROM task WHERE state = 'succeeded' AND attempts = 1")
  const facts: readonly (readonly [string, number, number])[] = [
    ['projects that succeeded', number("SELECT count(*) FROM project WHERE state = 'succeeded'"), expected.projects],
    ['tasks', number('SELECT count(*) FROM task'), expected.tasks],
    ['tasks that succeeded at once', succeeded, expected.tasks],
    ['runs of tasks', number('SELECT count(*) FROM run WHERE task_id IS NOT NULL'), expected.tasks],
    ['tasks with a run', number("SELECT count(DISTINCT task_id) FROM run WHERE state = 'succeeded'"), expected.tasks],
    ['tasks begun once', once(began), expected.tasks],
    ['tasks ended once', once(ended), expected.tasks],
    ['tasks at once', atOnce, expected.concurrency],
    ['dependencies', edges.length, expected.dependencies],
    ['dependencies that were heeded', inOrder.length, expected.dependencies],
    ['calls that are settled', number("SELECT count(*) FROM reservation WHERE state = 'settled'"), expected.tasks],
    ['usage rows', number('SELECT count(*) FROM usage_log'), expected.tasks],
    [
      'micro-dollars booked',
      number("SELECT settled_micros FROM budget_account WHERE scope = 'global'"),
      expected.tasks * CALL.cost_micros,
    ],
    ['micro-dollars reserved', number('SELECT sum(reserved_micros) FROM budget_account'), 0],
    ['runs that the engine saw', engine.submitted.size, number('SELECT count(*) FROM run')],
    [
      'runs that it saw once',
      [...engine.submitted.values()].filter((times) => times === 1).length,
      engine.submitted.size,
    ],
  ]
  sqlite.close()
  return facts.filter(([, is, should]) => is !== should).map(([what, is, should]) => `${what}: ${is}, not ${should}`)
}
