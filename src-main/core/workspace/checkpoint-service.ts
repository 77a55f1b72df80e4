import { and, asc, desc, eq, gt, isNull, lt } from 'drizzle-orm'
import type { Checkpoint, TaskDiff } from '#contract/checkpoint.ts'
import { decodeId, encodeId } from '#contract/ids.ts'
import { ok, type Result } from '#contract/result.ts'
import { toTimestamp } from '#contract/time.ts'
import type { Core } from '../core.ts'
import type { Failpoint } from '../failpoint.ts'
import type { MoveProject } from '../project/project-changes.ts'
import type { ProjectView } from '../project/project-view.ts'
import { type Refusal, refuse } from '../refusal.ts'
import {
  type CheckpointRow,
  checkpoint as checkpointTable,
  type FileChangeRow,
  fileChange,
  type ProjectRow,
} from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { CloseWaitingRun } from '../task/close-run.ts'
import type { Steering } from '../task/steering.ts'
import type { TaskChanges } from '../task/task-changes.ts'
import type { TaskView } from '../task/task-view.ts'
import { inTurn } from '../tool/in-turn.ts'
import { type NetChange, netChanges } from './checkpoint-changes.ts'
import type { CheckpointRecorder, NewCheckpoint } from './checkpoint-recorder.ts'
import { lookAtAll, type NotPutBack, putBack } from './checkpoint-undo.ts'
import type { FileRefusal, Workspace } from './workspace.ts'

export type CheckpointService = Pick<Core['projects'], 'checkpoints' | 'restore' | 'previewRestore'> &
  Pick<Core['tasks'], 'diff' | 'undo'>

export interface CheckpointServiceParts {
  readonly store: Store
  readonly recorder: CheckpointRecorder
  readonly projects: ProjectView
  readonly tasks: TaskView
  readonly changes: TaskChanges
  readonly steering: Steering
  readonly moveProject: MoveProject
  readonly closeWaitingRun: CloseWaitingRun
  readonly failpoint: Failpoint
  openWorkspace(root: string): Promise<Result<Workspace, FileRefusal>>
  trash(path: string): Promise<Result<void, string>>
}

const MAX_DIFF_CHARACTERS = 400_000
const ENDED = ['succeeded', 'failed', 'cancelled', 'skipped']
/** What puts files back, as the rows name it: nobody's task. */
const BY_A_PERSON = { task_id: null, run_id: null, outcome: null }

/** Shows what tasks did to files, and takes it back (E10). */
export function createCheckpointService(parts: CheckpointServiceParts): CheckpointService {
  const { store, recorder, projects, tasks, changes, steering } = parts
  const { orm, sqlite } = store
  const runningDependants = sqlite
    .prepare<[string], string>(
      `SELECT DISTINCT t.title FROM task t JOIN task_dependency d ON d.task_id = t.id
       WHERE t.state = 'running' AND d.depends_on_id IN (SELECT value FROM json_each(?))`,
    )
    .pluck()
  const unfinished = sqlite
    .prepare<[number], string>(
      `SELECT DISTINCT t.title FROM task t WHERE t.project_id = ? AND (t.state = 'running'
         OR EXISTS (SELECT 1 FROM file_change f WHERE f.task_id = t.id AND f.checkpoint_id IS NULL))`,
    )
    .pluck()
  const stateOf = sqlite.prepare<[number], string>('SELECT state FROM project WHERE id = ?').pluck()
  const runOf = sqlite.prepare<[number], number | null>('SELECT run_id FROM task WHERE id = ?').pluck()
  const markUndone = sqlite.prepare('UPDATE file_change SET undone_by = ? WHERE id IN (SELECT value FROM json_each(?))')

  // What was taken back after a checkpoint stands again when the files go back to it.
  const standAgain = sqlite.prepare(
    'UPDATE file_change SET undone_by = NULL WHERE project_id = @project AND undone_by > @id AND checkpoint_id <= @id',
  )

  function changesOfTask(taskId: number): FileChangeRow[] {
    return orm
      .select()
      .from(fileChange)
      .where(and(eq(fileChange.task_id, taskId), isNull(fileChange.undone_by)))
      .orderBy(asc(fileChange.id))
      .all()
      .filter((change) => change.state === 'done')
  }

  function changesSince(row: CheckpointRow): FileChangeRow[] {
    return orm
      .select()
      .from(fileChange)
      .where(and(eq(fileChange.project_id, row.project_id), gt(fileChange.checkpoint_id, row.id)))
      .orderBy(asc(fileChange.id))
      .all()
  }

  /** What a person who puts files back has done and not committed: this time, or before a crash. */
  function openUndo(projectId: number): FileChangeRow[] {
    return orm
      .select()
      .from(fileChange)
      .where(and(eq(fileChange.project_id, projectId), isNull(fileChange.task_id), isNull(fileChange.checkpoint_id)))
      .orderBy(asc(fileChange.id))
      .all()
  }

  /** Puts these changes back, and commits and records that. Nothing else puts back in the project meanwhile. */
  async function takeBack(
    project: ProjectRow,
    taken: readonly FileChangeRow[],
    made: Pick<NewCheckpoint, 'kind' | 'title'> & { task_id: number | null; alongside(tx: Tx): void },
  ): Promise<Result<void, Refusal>> {
    const workspace = await parts.openWorkspace(project.workspace)
    if (!workspace.ok) return refuse('unavailable', `The workspace cannot be used. ${workspace.error.message}`)
    const repository = await recorder.repository(project.id)
    if (!repository.ok) return refuse('unavailable', `The private history cannot be used. ${repository.error}`)
    await recorder.settle(workspace.value, openUndo(project.id))
    parts.failpoint('before-put-back')
    const keeper = recorder.keeper({ project_id: project.id, task_id: null, run_id: null })
    const back = await putBack(
      { workspace: workspace.value, repository: repository.value, keeper, trash: parts.trash },
      netChanges(taken),
    )
    parts.failpoint('after-put-back')
    await recorder.settle(workspace.value, openUndo(project.id))
    if (!back.ok) return refuseConflicts(back.error)
    const committed = await recorder.commit({
      ...BY_A_PERSON,
      ...{ project_id: project.id, task_id: made.task_id, kind: made.kind, title: made.title },
      changes: () => openUndo(project.id),
      alongside(tx, id) {
        markUndone.run(
          id,
          JSON.stringify(taken.filter(({ undone_by }) => undone_by === null).map((change) => change.id)),
        )
        made.alongside(tx)
      },
    })
    if (committed.ok) return ok(undefined)
    return refuse(
      'unavailable',
      `The files are back, but that could not be committed. ${committed.error} Try again: what is back stays so.`,
    )
  }

  /** A project that had ended is looked at again: what it said of its tasks is no longer so. */
  function cancel(tx: Tx, projectId: number, taskIds: readonly number[], reason: string): void {
    changes.takeBack(tx, taskIds, reason)
    // Somebody may have set them going while the files went back.
    for (const task_id of taskIds) {
      parts.closeWaitingRun(tx, { id: task_id, project_id: projectId, run_id: runOf.get(task_id) ?? null }, reason)
      tx.afterCommit(() => steering.cancelRuns({ task_id }))
    }
    const state = stateOf.get(projectId) ?? ''
    if (taskIds.length > 0 && ['succeeded', 'failed'].includes(state)) parts.moveProject(tx, projectId, 'executing', '')
  }

  function available(): Result<void, Refusal> {
    return recorder.unavailable === null ? ok(undefined) : refuse('unavailable', recorder.unavailable)
  }

  function checkpointOf(
    id: string,
    checkpointId: string,
  ): Result<{ project: ProjectRow; row: CheckpointRow }, Refusal> {
    const project = projects.row(id)
    const on = available()
    if (!project.ok) return project
    if (!on.ok) return on
    const key = decodeId('checkpoint', checkpointId)
    const row = key === null ? undefined : orm.select().from(checkpointTable).where(eq(checkpointTable.id, key)).get()
    if (row === undefined || row.project_id !== project.value.id) {
      return refuse('not_found', `The project has no checkpoint ${checkpointId}.`)
    }
    return ok({ project: project.value, row })
  }

  /** What lies between now and a checkpoint, and the tasks whose work goes on the way back. */
  function wayBack(row: CheckpointRow): { taken: FileChangeRow[]; net: NetChange[]; lost: number[] } {
    const taken = changesSince(row)
    const net = netChanges(taken)
    // A task whose files stay as it left them stays as it is, also where they were taken back and made again since.
    const touched = new Set(net.map((change) => change.path))
    const lost = taken.filter((change) => change.undone_by === null && touched.has(change.path))
    return { taken, net, lost: [...new Set(lost.flatMap((change) => change.task_id ?? []))] }
  }

  function refuseRunning(taskIds: readonly number[]): Result<void, Refusal> {
    const running = runningDependants.all(JSON.stringify(taskIds))
    if (running.length === 0) return ok(undefined)
    return refuse('conflict', `${quote(running)} builds on it and is running. Cancel it first, or wait until it ends.`)
  }

  return {
    async checkpoints(id, { limit, cursor }) {
      await recorder.needed()
      const found = projects.row(id)
      if (!found.ok) return found
      const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : (decodeId('checkpoint', cursor) ?? 0)
      const rows = orm
        .select()
        .from(checkpointTable)
        .where(and(eq(checkpointTable.project_id, found.value.id), lt(checkpointTable.id, before)))
        .orderBy(desc(checkpointTable.id))
        .limit(limit + 1)
        .all()
      const last = rows[limit - 1]
      return ok({
        items: rows.slice(0, limit).map(viewOf),
        next_cursor: rows.length > limit && last !== undefined ? encodeId('checkpoint', last.id) : null,
        unavailable: recorder.unavailable,
      })
    },

    async diff(id) {
      await recorder.needed()
      const found = tasks.row(id)
      if (!found.ok) return found
      const nothing = { checkpoint_id: null, files: [], text: '', truncated: false }
      const none: TaskDiff = { ...nothing, unavailable: recorder.unavailable }
      await recorder.commitEnded(found.value.project_id)
      const changes = changesOfTask(found.value.id)
      const newest = Math.max(...changes.map((change) => change.checkpoint_id ?? 0))
      const net = netChanges(changes)
      if (net.length === 0) return ok(none)
      if (recorder.unavailable !== null) return ok(none)
      const repository = await recorder.repository(found.value.project_id)
      const compared = repository.ok
        ? await repository.value.diff(
            new Map(net.map(({ path, before }) => [path, before])),
            new Map(net.map(({ path, after }) => [path, after])),
          )
        : repository
      if (!compared.ok) return refuse('unavailable', `The private history cannot be read. ${compared.error}`)
      const { files, text } = compared.value
      return ok({
        checkpoint_id: newest > 0 ? encodeId('checkpoint', newest) : null,
        files,
        text: text.slice(0, MAX_DIFF_CHARACTERS),
        truncated: text.length > MAX_DIFF_CHARACTERS,
        unavailable: null,
      })
    },

    async undo(id) {
      await recorder.needed()
      const found = tasks.row(id)
      const on = available()
      if (!found.ok) return found
      if (!on.ok) return on
      const project = projects.row(encodeId('project', found.value.project_id))
      if (!project.ok) return project
      return inTurn('undo', String(project.value.id), async () => {
        await recorder.commitEnded(project.value.id)
        const now = tasks.row(id)
        if (!now.ok) return now
        const { id: key, state, title } = now.value
        if (!ENDED.includes(state)) {
          return refuse('conflict', `A task that is ${state} cannot be undone. Cancel it first, or wait until it ends.`)
        }
        const free = refuseRunning([key])
        if (!free.ok) return free
        const taken = changesOfTask(key)
        if (taken.length === 0) return refuse('conflict', 'The task left no changes to undo.')
        const back = await takeBack(project.value, taken, {
          ...{ kind: 'undo', task_id: key, title: `Undo of "${title}"` },
          alongside: (tx) => cancel(tx, project.value.id, [key], 'Undone by you.'),
        })
        if (!back.ok) return back
        steering.wake(project.value.id)
        return tasks.get(id)
      })
    },

    async previewRestore(id, checkpointId) {
      await recorder.needed()
      const named = checkpointOf(id, checkpointId)
      if (!named.ok) return named
      const { project, row } = named.value
      await recorder.commitEnded(project.id)
      const { net, lost } = wayBack(row)
      const workspace = await parts.openWorkspace(project.workspace)
      if (!workspace.ok) return refuse('unavailable', `The workspace cannot be used. ${workspace.error.message}`)
      const { todo, conflicts } = await lookAtAll(workspace.value, net)
      const repository = await recorder.repository(project.id)
      const compared = repository.ok
        ? await repository.value.diff(
            new Map(todo.map(({ path, after }) => [path, after])),
            new Map(todo.map(({ path, before }) => [path, before])),
          )
        : repository
      if (!compared.ok) return refuse('unavailable', `The private history cannot be read. ${compared.error}`)
      const cancelled = lost.flatMap((key) => {
        const task = tasks.row(encodeId('task', key))
        return task.ok ? [{ task_id: encodeId('task', key), title: task.value.title }] : []
      })
      const { files } = compared.value
      return ok({ checkpoint: viewOf(row), files, conflicts, cancelled, unfinished: unfinished.all(project.id) })
    },

    async restore(id, checkpointId) {
      await recorder.needed()
      const named = checkpointOf(id, checkpointId)
      if (!named.ok) return named
      const { project, row } = named.value
      return inTurn('undo', String(project.id), async () => {
        await recorder.commitEnded(project.id)
        const open = unfinished.all(project.id)
        if (open.length > 0) {
          return refuse('conflict', `${quote(open)} is not finished. Cancel it first, or wait until it ends.`)
        }
        const { taken, lost } = wayBack(row)
        const title = `Back to "${row.title}"`
        const back = await takeBack(project, taken, {
          ...{ kind: 'restore', task_id: null, title },
          alongside(tx) {
            standAgain.run({ project: project.id, id: row.id })
            cancel(tx, project.id, lost, `Put back by you: ${title}.`)
          },
        })
        if (!back.ok) return back
        steering.wake(project.id)
        return projects.get(id)
      })
    },
  }
}

function viewOf(row: CheckpointRow): Checkpoint {
  return {
    id: encodeId('checkpoint', row.id),
    project_id: encodeId('project', row.project_id),
    task_id: row.task_id === null ? null : encodeId('task', row.task_id),
    kind: row.kind,
    title: row.title,
    outcome: row.outcome,
    files: row.files,
    commit: row.commit_oid,
    created_at: toTimestamp(row.created_at),
  }
}

const NAMED = 5

function refuseConflicts({ conflicts, others_are_back }: NotPutBack): { ok: false; error: Refusal } {
  const named = conflicts.slice(0, NAMED).map(({ path, reason }) => `${path}: ${reason}`)
  const more = conflicts.length > NAMED ? ` And ${conflicts.length - NAMED} more.` : ''
  const what = others_are_back
    ? 'Not all files could be put back; the others are.'
    : 'Nothing was put back, because not all files can be.'
  return refuse(
    'conflict',
    `${what} ${named.join(' ')}${more} Undo what came later first, or mend these files by hand; then try again.`,
    { conflicts },
  )
}

function quote(titles: readonly string[]): string {
  return titles.map((title) => `"${title}"`).join(', ')
}
