import { and, asc, eq, inArray, isNull } from 'drizzle-orm'
import type { Result } from '#contract/result.ts'
import type { Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import { type FileChangeRow, fileChange, project as projectTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { netChanges } from './checkpoint-changes.ts'
import type { CheckpointRecorder } from './checkpoint-recorder.ts'
import { putBack } from './checkpoint-undo.ts'
import type { ChangeKeeper } from './checkpoint-workspace.ts'
import type { FileRefusal, Workspace } from './workspace.ts'

export interface BrokenOffParts {
  readonly store: Store
  readonly events: EventLog
  readonly recorder: Pick<CheckpointRecorder, 'settle' | 'repository' | 'unavailable'>
  readonly log: Log
  openWorkspace(root: string): Promise<Result<Workspace, FileRefusal>>
  trash(path: string): Promise<Result<void, string>>
}

/** The rows of what is taken back go with it, so this needs none of its own; half of it is done again at the next start. */
const UNKEPT: ChangeKeeper = { begin: async () => ({ ok: true, value: 0 }), done: async () => undefined }

/**
 * A person's undo or restore that a dead core was in the middle of (E5): some files were back, but no task said so. They are
 * put where they were, so that tasks that count as done have their files; whoever asked may ask again. To be done before
 * anything runs.
 */
export async function takeBackBrokenOff(parts: BrokenOffParts): Promise<void> {
  const { store, recorder, log } = parts
  if (recorder.unavailable !== null) return
  for (const { id, workspace: root } of projectsWithOpen(store)) {
    const workspace = await parts.openWorkspace(root)
    const repository = await recorder.repository(id)
    if (!workspace.ok || !repository.ok) {
      const fault = workspace.ok ? (repository.ok ? '' : repository.error) : workspace.error.message
      log.warn('An undo that was broken off cannot be taken back now', { project_id: id, fault })
      continue
    }
    await recorder.settle(workspace.value, openOf(store, id))
    const open = openOf(store, id)
    const putting = { workspace: workspace.value, repository: repository.value, keeper: UNKEPT, trash: parts.trash }
    const back = await putBack(putting, netChanges(open))
    if (back.ok) await forget(parts, id, open)
    else log.warn('An undo that was broken off cannot be taken back: files were changed since', { ...back.error })
  }
}

/** Changes of files by nobody's task, in no commit. */
const OPEN = and(isNull(fileChange.task_id), isNull(fileChange.run_id), isNull(fileChange.checkpoint_id))

function projectsWithOpen({ orm }: Store): { id: number; workspace: string }[] {
  return orm
    .selectDistinct({ id: projectTable.id, workspace: projectTable.workspace })
    .from(fileChange)
    .innerJoin(projectTable, eq(projectTable.id, fileChange.project_id))
    .where(OPEN)
    .all()
}

function openOf({ orm }: Store, projectId: number): FileChangeRow[] {
  return orm
    .select()
    .from(fileChange)
    .where(and(OPEN, eq(fileChange.project_id, projectId)))
    .orderBy(asc(fileChange.id))
    .all()
}

async function forget(
  { store, events, log }: BrokenOffParts,
  project_id: number,
  rows: FileChangeRow[],
): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.map(({ id }) => id)
  await store.write((tx) => {
    tx.orm.delete(fileChange).where(inArray(fileChange.id, ids)).run()
    events.append(tx, 'checkpoint.broken_off', { project_id }, { files: rows.length })
  })
  log.warn('An undo that was broken off was taken back; it can be asked for again', { project_id, files: rows.length })
}
