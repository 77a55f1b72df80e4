import { getTableColumns } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { runsOfProject } from '../store/runs-of-project.ts'
import {
  attachment,
  checkpoint,
  event,
  fileChange,
  importedUsage,
  plan,
  planComment,
  project,
  run,
  runContextTable,
  step,
  task,
  taskDependency,
} from '../store/schema.ts'

/** Tables whose rows have keys of their own, which other rows of the archive name. */
export type Keyed = 'project' | 'plan' | 'task' | 'run' | 'step' | 'checkpoint' | 'attachment'

export interface ArchiveTable {
  /** Name in the archive and in the database. */
  readonly name: string
  readonly table: SQLiteTable
  /** Its rows' own key, which an import gives anew; null where a row is known by what it refers to. */
  readonly key: string | null
  /** Columns that name rows of another table. */
  readonly refers: Readonly<Record<string, Keyed>>
  /** Columns that only mean something on the machine they come from; an import leaves them empty. */
  readonly left_out: readonly string[]
  /** References to rows that come later; set when all are there. */
  readonly later: readonly string[]
  /** All rows of one project, in the order in which they are to be made. */
  readonly select: string
}

const OF_PROJECT = { project_id: 'project' } as const
const OF_RUN = { ...OF_PROJECT, task_id: 'task', run_id: 'run' } as const
const RUNS = runsOfProject('@project')
const NOTHING = { left_out: [], later: [] } as const

/** What an archive holds of the database, in the order of an import. Money is history only: no reservation leaves a machine. */
export const ARCHIVE_TABLES: readonly ArchiveTable[] = [
  {
    ...{ name: 'project', table: project, key: 'id', refers: { plan_id: 'plan' }, later: ['plan_id'] },
    // The log that it leads to stays where it was written.
    left_out: ['source_id', 'import_key', 'correlation_id', 'working_since'],
    select: 'SELECT * FROM project WHERE id = @project',
  },
  {
    ...{ name: 'attachment', table: attachment, key: 'id', refers: OF_PROJECT, ...NOTHING },
    select: 'SELECT * FROM attachment WHERE project_id = @project ORDER BY id',
  },
  {
    ...{ name: 'plan', table: plan, key: 'id', refers: OF_PROJECT, ...NOTHING },
    select: 'SELECT * FROM plan WHERE project_id = @project ORDER BY id',
  },
  {
    ...{ name: 'plan_comment', table: planComment, key: 'id', ...NOTHING },
    refers: { ...OF_PROJECT, plan_id: 'plan' },
    select: 'SELECT * FROM plan_comment WHERE project_id = @project ORDER BY id',
  },
  {
    ...{ name: 'task', table: task, key: 'id' },
    refers: { ...OF_PROJECT, plan_id: 'plan', run_id: 'run', carry_run_id: 'run' },
    ...{ left_out: ['source_id', 'carry_run_id'], later: ['run_id'] },
    select: 'SELECT * FROM task WHERE project_id = @project ORDER BY id',
  },
  {
    ...{ name: 'task_dependency', table: taskDependency, key: null, ...NOTHING },
    refers: { task_id: 'task', depends_on_id: 'task' },
    select: `SELECT d.* FROM task_dependency d JOIN task t ON t.id = d.task_id WHERE t.project_id = @project
             ORDER BY d.task_id, d.depends_on_id`,
  },
  {
    ...{ name: 'run', table: run, key: 'id', refers: { ...OF_PROJECT, task_id: 'task' }, later: [] },
    left_out: ['correlation_id'],
    select: `SELECT * FROM run WHERE id IN (${RUNS}) ORDER BY id`,
  },
  {
    ...{ name: 'run_context', table: runContextTable, key: null, refers: { run_id: 'run' }, ...NOTHING },
    select: `SELECT * FROM run_context WHERE run_id IN (${RUNS}) ORDER BY run_id`,
  },
  {
    ...{ name: 'step', table: step, key: 'id', refers: { run_id: 'run' }, later: [] },
    // What recovery needs of a half done effect, and the money behind it, stay where the effect was.
    left_out: ['reservation_id', 'note'],
    select: `SELECT * FROM step WHERE run_id IN (${RUNS}) ORDER BY +id`,
  },
  {
    ...{ name: 'imported_usage', table: importedUsage, key: 'id', ...NOTHING },
    refers: { ...OF_RUN, step_id: 'step' },
    select: `WITH used AS (
        SELECT 0 AS made_here, * FROM imported_usage WHERE project_id = @project
        UNION ALL
        SELECT 1, id, ts, day_key, provider, model, profile, project_id, task_id, run_id, step_id, tier, attempt, input_tokens,
          output_tokens, cache_write_tokens, cache_read_tokens, cost_micros, saved_micros, latency_ms, outcome, unconfirmed
        FROM usage_log WHERE project_id = @project)
      SELECT row_number() OVER (ORDER BY made_here, id) AS id, ts, day_key, provider, model, profile, project_id, task_id, run_id,
        step_id, tier, attempt, input_tokens, output_tokens, cache_write_tokens, cache_read_tokens, cost_micros, saved_micros,
        latency_ms, outcome, unconfirmed FROM used ORDER BY made_here, id`,
  },
  {
    ...{ name: 'checkpoint', table: checkpoint, key: 'id', refers: OF_RUN, ...NOTHING },
    select: 'SELECT * FROM checkpoint WHERE project_id = @project ORDER BY id',
  },
  {
    ...{ name: 'file_change', table: fileChange, key: 'id', ...NOTHING },
    refers: { ...OF_RUN, checkpoint_id: 'checkpoint', undone_by: 'checkpoint' },
    select: 'SELECT * FROM file_change WHERE project_id = @project ORDER BY id',
  },
  {
    ...{ name: 'event', table: event, key: 'seq', refers: OF_RUN, ...NOTHING },
    select: 'SELECT * FROM event WHERE project_id = @project ORDER BY seq',
  },
]

type Columns = ReturnType<typeof getTableColumns>

const COLUMNS: ReadonlyMap<ArchiveTable, Columns> = new Map(
  ARCHIVE_TABLES.map((archived) => [
    archived,
    Object.fromEntries(Object.values(getTableColumns(archived.table)).map((column) => [column.name, column])),
  ]),
)

/** A table's columns by their names in the database. */
export function columnsOf(archived: ArchiveTable): Columns {
  return COLUMNS.get(archived) ?? {}
}
