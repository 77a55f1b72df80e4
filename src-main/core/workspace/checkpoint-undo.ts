import { lstat, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { UndoConflict } from '#contract/checkpoint.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { inTurn } from '../tool/in-turn.ts'
import type { NetChange } from './checkpoint-changes.ts'
import type { CheckpointRepository } from './checkpoint-repository.ts'
import { contentName } from './checkpoint-repository.ts'
import { type ChangeKeeper, contentNow, watchWorkspace } from './checkpoint-workspace.ts'
import { attempt } from './refusal.ts'
import type { Workspace } from './workspace.ts'

export interface PutBackParts {
  readonly workspace: Workspace
  readonly repository: CheckpointRepository
  /** Keeps what is put back as changes of its own, so that nothing is lost by undoing either. */
  readonly keeper: ChangeKeeper
  /** Moves a file to the system's trash. Nothing is ever deleted. */
  trash(path: string): Promise<Result<void, string>>
}

/** Why not all files were put back. */
export interface NotPutBack {
  readonly conflicts: readonly UndoConflict[]
  /** The others were. Otherwise nothing was touched. */
  readonly others_are_back: boolean
}

type Seen = 'to put back' | 'already so' | UndoConflict

/**
 * Puts files back from `after` to `before`. First looks at all of them: where one is no longer as it was left, nothing is
 * touched and all such files are named. Can be repeated after a crash: what is back already stays.
 */
export async function putBack(parts: PutBackParts, changes: readonly NetChange[]): Promise<Result<void, NotPutBack>> {
  const { todo, conflicts } = await lookAtAll(parts.workspace, changes)
  if (conflicts.length > 0) return err({ conflicts, others_are_back: false })
  for (const change of todo) {
    // In the turn of the tools, so that none is between its read and its write.
    const conflict = await inTurn(parts.workspace.root, change.path, () => putFileBack(parts, change))
    if (conflict !== null) conflicts.push(conflict)
  }
  return conflicts.length > 0 ? err({ conflicts, others_are_back: conflicts.length < changes.length }) : ok(undefined)
}

/** Which files would be put back, and which keep all from it. */
export async function lookAtAll(
  workspace: Workspace,
  changes: readonly NetChange[],
): Promise<{ todo: NetChange[]; conflicts: UndoConflict[] }> {
  const todo: NetChange[] = []
  const conflicts: UndoConflict[] = []
  for (const change of changes) {
    const seen = await look(workspace, change)
    if (seen === 'to put back') todo.push(change)
    else if (seen !== 'already so') conflicts.push(seen)
  }
  return { todo, conflicts }
}

async function look(workspace: Workspace, { path, before, after, mixed }: NetChange): Promise<Seen> {
  const now = await contentNow(workspace, path)
  if (!now.ok) return { path, reason: now.error.message }
  const name = now.value === null ? null : contentName(now.value)
  if (mixed) return { path, reason: 'Somebody else changed it while the task worked on it.' }
  if (name === after) return 'to put back'
  if (name === before) return 'already so'
  return { path, reason: name === null ? 'It was removed since.' : 'It was changed since.' }
}

async function putFileBack(parts: PutBackParts, change: NetChange): Promise<UndoConflict | null> {
  const { workspace, repository, keeper } = parts
  const { path, before } = change
  const seen = await look(workspace, change)
  if (seen === 'already so') return null
  if (seen !== 'to put back') return seen
  if (before === null) return removeFile(parts, path)
  const content = await repository.get(before)
  if (!content.ok) return { path, reason: `Its earlier content cannot be read. ${content.error}` }
  const written = await watchWorkspace(workspace, keeper).write(path, content.value)
  return written.ok ? null : { path, reason: written.error.message }
}

/** Takes away a file that the task made, as a person would: into the trash. */
async function removeFile({ workspace, keeper, trash }: PutBackParts, path: string): Promise<UndoConflict | null> {
  return inTurn(`${workspace.root}\0kept`, path, async () => {
    const now = await contentNow(workspace, path)
    if (!now.ok) return { path, reason: now.error.message }
    if (now.value === null) return null
    const place = join(workspace.root, path)
    // A link that came to stand on the way must not lead the trash to a file elsewhere.
    const real = await attempt(path, async () => [await realpath(dirname(place)), await lstat(place)] as const)
    if (!real.ok) return { path, reason: real.error.message }
    const [folder, stats] = real.value
    if (folder !== dirname(place) || !stats.isFile()) return { path, reason: 'A part of its path is a link now.' }
    const kept = await keeper.begin(path, now.value, null)
    if (!kept.ok) return { path, reason: kept.error }
    const trashed = await trash(place)
    if (!trashed.ok) return { path, reason: `It could not be moved to the trash. ${trashed.error}` }
    await keeper.done(kept.value)
    return null
  })
}
