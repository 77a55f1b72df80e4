import { join } from 'node:path'
import Database from 'better-sqlite3'
import { encodeId } from '#contract/ids.ts'
import { layeredPlans } from '../graph-shapes.ts'
import { createInstantEngine } from '../instant-engine.ts'
import { approve, openCore, start } from '../prepared-core.ts'

/** Each copy of the plan hangs behind the one before it. */
const COPIES = 10
/** So many of them are finished; the next one begins. */
const FINISHED = 6
const EVENTS = 100_000

/** A project in the middle of its work, at the size that the page must stay smooth with. Answers with its public id. */
export async function growProject(dataDir: string): Promise<string> {
  const [plan] = layeredPlans()
  if (plan === undefined) throw new Error('There is no plan to grow')
  const core = await openCore(dataDir, createInstantEngine(true))
  await approve(core, { ...plan, title: 'Ten thousand tasks' })
  await start(core)
  await core.idle()
  // What is grown waits until the page is there.
  await core.system.pauseAll()
  await core.close()
  const sqlite = new Database(join(dataDir, 'baton.db'))
  try {
    return encodeId('project', sqlite.transaction(() => grow(sqlite))())
  } finally {
    sqlite.close()
  }
}

/** Plans have a thousand tasks at most, so the rest are copies of their rows. */
function grow(sqlite: Database.Database): number {
  const project = sqlite.prepare<[], number>('SELECT id FROM project').pluck().get()
  const tasks = sqlite.prepare<[], number>('SELECT count(*) FROM task').pluck().get()
  if (project === undefined || tasks === undefined) throw new Error('The plan left no project')
  const columns = columnsOf(sqlite, 'task')
  const changed: Readonly<Record<string, string>> = {
    id: `id + ${tasks} * @copy`,
    key: `'c' || @copy || '-' || key`,
    title: `'Chapter ' || @copy || ', part ' || key`,
    position: `position + ${tasks} * @copy`,
  }
  const copyTasks = sqlite.prepare(
    `INSERT INTO task (${columns.join()}) SELECT ${columns.map((name) => changed[name] ?? name).join()} FROM task WHERE id <= ${tasks}`,
  )
  const copyLinks = sqlite.prepare(
    `INSERT INTO task_dependency SELECT task_id + ${tasks} * @copy, depends_on_id + ${tasks} * @copy FROM task_dependency WHERE task_id <= ${tasks}`,
  )
  // The first layer of a copy needs the last one of the copy before it.
  const chain = sqlite.prepare(
    `INSERT INTO task_dependency SELECT head.id, tail.id FROM task head, task tail
     WHERE head.id BETWEEN ${tasks} * @copy + 1 AND ${tasks} * @copy + 100 AND tail.id = head.id - 100`,
  )
  for (let copy = 1; copy < COPIES; copy += 1) {
    copyTasks.run({ copy })
    copyLinks.run({ copy })
    chain.run({ copy })
  }
  const open = tasks * FINISHED
  sqlite
    .prepare(
      `UPDATE task SET state = 'pending', run_id = NULL, attempts = 0, started_at = NULL, ended_at = NULL, ready_at = NULL, output = '',
         unmet_dependencies = (SELECT count(*) FROM task_dependency WHERE task_id = task.id AND depends_on_id > ${open})
       WHERE id > ${open}`,
    )
    .run()
  sqlite
    .prepare(`UPDATE task SET state = 'ready', ready_at = created_at WHERE id > ${open} AND unmet_dependencies = 0`)
    .run()
  sqlite.prepare(`UPDATE project SET state = 'executing', reason = '', result = NULL, ended_at = NULL`).run()
  growEvents(sqlite)
  return project
}

function growEvents(sqlite: Database.Database): void {
  const columns = columnsOf(sqlite, 'event').filter((name) => name !== 'seq')
  const copyEvents = sqlite.prepare(
    `INSERT INTO event (${columns.join()}) SELECT ${columns.join()} FROM event ORDER BY seq LIMIT ?`,
  )
  for (;;) {
    const missing = EVENTS - (sqlite.prepare<[], number>('SELECT count(*) FROM event').pluck().get() ?? 0)
    if (missing <= 0) return
    copyEvents.run(missing)
  }
}

function columnsOf(sqlite: Database.Database, table: string): string[] {
  return sqlite.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
}
