import type { Sqlite } from '../store/connection.ts'
import { runsOfProject } from '../store/runs-of-project.ts'

const RUNS = runsOfProject('@project')
const INTERRUPTED = 'It was under way when the project was exported, so it ended there.'

/**
 * Puts rows that were just imported into states that are true here, inside the transaction that wrote them: nothing of them
 * is under way, nothing begins by itself, and money that was spent elsewhere lowers what an approval still allows.
 */
export function settleImported(
  sqlite: Sqlite,
  project: number,
  place: { readonly owner: string; readonly workspace: string; readonly import_key: string; readonly now: number },
): void {
  const facts = { project, now: place.now, why: INTERRUPTED }
  sqlite
    .prepare(
      `UPDATE step SET state = 'unknown', error = @why, ended_at = @now
       WHERE state = 'sent' AND run_id IN (${RUNS})`,
    )
    .run(facts)
  // What such an attempt had finished is not done again: the next one takes its finished steps over.
  sqlite
    .prepare(
      `UPDATE task SET carry_run_id = run_id WHERE project_id = @project AND state IN ('ready', 'running', 'waiting')
         AND (SELECT state FROM run WHERE id = run_id) IN ('queued', 'running', 'waiting')`,
    )
    .run({ project })
  sqlite
    .prepare(
      `UPDATE run SET state = 'cancelled', reason = @why, ended_at = @now, resumes_at = NULL
       WHERE id IN (${RUNS}) AND state IN ('queued', 'running', 'waiting')`,
    )
    .run(facts)
  // Whom its work may reach is for somebody here to say.
  sqlite.prepare(`UPDATE task SET hosts = '' WHERE project_id = @project`).run({ project })
  // The count is made anew, because what stands in a file is nobody's word for it.
  sqlite
    .prepare(
      `UPDATE task SET unmet_dependencies = (
         SELECT count(*) FROM task_dependency d JOIN task t ON t.id = d.depends_on_id
         WHERE d.task_id = task.id AND t.state NOT IN ('succeeded', 'skipped'))
       WHERE project_id = @project`,
    )
    .run({ project })
  sqlite
    .prepare(
      `UPDATE task SET state = iif(unmet_dependencies = 0, 'ready', 'pending'), waiting_on = NULL, resumes_at = NULL, reason = '',
         ready_at = iif(unmet_dependencies = 0, @now, NULL)
       WHERE project_id = @project AND state IN ('pending', 'ready', 'running', 'waiting')`,
    )
    .run({ project, now: place.now })
  sqlite
    .prepare(
      `UPDATE project SET owner = @owner, allowed_hosts = '[]', tool_policy = '{}', workspace = @workspace, workspace_owned = 1, import_key = @import_key, updated_at = @now,
         authorised_micros = max(0, authorised_micros - (SELECT coalesce(sum(cost_micros), 0) FROM imported_usage WHERE project_id = @project))
       WHERE id = @project`,
    )
    .run({ project, ...place })
  const state = stateHere(sqlite, project)
  if (state === null) return
  sqlite
    .prepare('UPDATE project SET state = @state, reason = @reason, ended_at = NULL WHERE id = @project')
    .run({ project, ...state })
}

/** Where a project stands that was at work when it was exported; null where it was not. */
function stateHere(sqlite: Sqlite, project: number): { state: string; reason: string } | null {
  const was = sqlite.prepare<[number], string>('SELECT state FROM project WHERE id = ?').pluck().get(project) ?? ''
  if (!['planning', 'executing', 'waiting'].includes(was)) return null
  const has = (sql: string): boolean => sqlite.prepare(sql).get(project) !== undefined
  if (has('SELECT 1 FROM task WHERE project_id = ?')) {
    return { state: 'paused', reason: 'It was at work when it was exported. Resume it to go on here.' }
  }
  if (has("SELECT 1 FROM plan WHERE project_id = ? AND state = 'proposed'"))
    return { state: 'awaiting_approval', reason: '' }
  return { state: 'draft', reason: 'It was being planned when it was exported. Plan it again here.' }
}
