import { z } from 'zod'
import { checkpointId, projectId, taskId } from './ids.ts'
import { checkpointKind, runState } from './states.ts'
import { timestamp } from './time.ts'

/** A commit in the private history of a project's workspace (E10). */
export const checkpoint = z.object({
  id: checkpointId,
  project_id: projectId,
  task_id: taskId.nullable(),
  kind: checkpointKind,
  title: z.string(),
  /** How the run ended whose work it holds; null where no run did. */
  outcome: runState.nullable(),
  /** Number of files that it changed. */
  files: z.number().int(),
  /** Name of the commit in the private repository. */
  commit: z.string(),
  created_at: timestamp,
})
export type Checkpoint = z.infer<typeof checkpoint>

/** Newest first. */
export const checkpointList = z.object({
  items: z.array(checkpoint),
  next_cursor: z.string().nullable(),
  /** Why this project has no checkpoints, and what to do; null where it has. */
  unavailable: z.string().nullable(),
})
export type CheckpointList = z.infer<typeof checkpointList>

export const fileDiff = z.object({
  path: z.string(),
  change: z.enum(['added', 'changed', 'deleted']),
  /** Lines; null where the content is not text, or too large to compare. */
  added: z.number().int().nullable(),
  removed: z.number().int().nullable(),
})
export type FileDiff = z.infer<typeof fileDiff>

/** What a task did to the workspace: the files as it found them against the files as it left them. */
export const taskDiff = z.object({
  files: z.array(fileDiff),
  /** The newest commit of its work, to which files can go back; null where there is none. */
  checkpoint_id: checkpointId.nullable(),
  /** Unified diff of the files that are text. */
  text: z.string(),
  /** The text was cut at its cap. */
  truncated: z.boolean(),
  /** Why there is no diff, and what to do; null where there is. */
  unavailable: z.string().nullable(),
})
export type TaskDiff = z.infer<typeof taskDiff>

/** What going back to a checkpoint would do, looked at without doing it (E10). */
export const restorePreview = z.object({
  checkpoint: checkpoint,
  /** Files as they are now against how they would be. */
  files: z.array(fileDiff),
  /** Files that are not as Baton left them: while there are any, nothing is put back. */
  conflicts: z.array(z.object({ path: z.string(), reason: z.string() })),
  /** Tasks whose work would go, and which would be cancelled. */
  cancelled: z.array(z.object({ task_id: taskId, title: z.string() })),
  /** Titles of tasks that must end before: nothing is put back while they work. */
  unfinished: z.array(z.string()),
})
export type RestorePreview = z.infer<typeof restorePreview>

/** Why a file was not put back: it is not as the task left it. Details of a refused undo or restore. */
export const undoConflict = z.object({ path: z.string(), reason: z.string() })
export type UndoConflict = z.infer<typeof undoConflict>
