import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { and, asc, eq, inArray, isNull } from 'drizzle-orm'
import type { z } from 'zod'
import { decodeId, encodeId } from '#contract/ids.ts'
import { ok, type Result } from '#contract/result.ts'
import type { checkpointKind, RunState } from '#contract/states.ts'
import type { Log } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Failpoint } from '../failpoint.ts'
import type { Finder } from '../finder.ts'
import type { Children } from '../process/children.ts'
import {
  checkpoint as checkpointTable,
  type FileChangeRow,
  fileChange,
  project as projectTable,
  run as runTable,
  task as taskTable,
} from '../store/schema.ts'
import { steady } from '../store/steady.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { inTurn } from '../tool/in-turn.ts'
import { netChanges } from './checkpoint-changes.ts'
import type { GitAnswer } from './checkpoint-git.ts'
import {
  branchLock,
  type CheckpointRepository,
  contentName,
  openCheckpointRepository,
} from './checkpoint-repository.ts'
import { type ChangeKeeper, contentNow, watchWorkspace } from './checkpoint-workspace.ts'
import type { FileRefusal, Workspace } from './workspace.ts'

/** Who changes files: a run of a task, or (both null) a person who puts files back. */
export interface ChangeSubject {
  readonly project_id: number
  readonly task_id: number | null
  readonly run_id: number | null
}

export interface NewCheckpoint {
  readonly project_id: number
  readonly task_id: number | null
  readonly run_id: number | null
  readonly kind: z.output<typeof checkpointKind>
  readonly title: string
  readonly outcome: RunState | null
  /** The changes that it holds; asked when nothing else is being committed in the project. */
  changes(): FileChangeRow[]
  /** Joins the transaction that records it. */
  alongside?(tx: Tx, id: number): void
}

/**
 * Keeps what tasks do to the files of workspaces (E10): each write with the content before it, and at the end of each run a
 * commit of exactly what that run wrote. The database is the truth; the commit's own branch only follows it, so a crash
 * anywhere between leaves either changes without a commit, which get one later, or a commit that nobody counts.
 */
export interface CheckpointRecorder {
  /** Why there are no checkpoints on this machine and what to do; null where there are. */
  readonly unavailable: string | null
  /** To be called before a history is read or written: where git could not be looked for, it is now. */
  needed(): Promise<void>
  watch(workspace: Workspace, subject: ChangeSubject): Workspace
  keeper(subject: ChangeSubject): ChangeKeeper
  /** Commits what a run wrote, when it has ended this way. Faults go to the log; the changes are committed later. */
  commitRun(
    workspace: Workspace,
    run: { id: number; project_id: number; task_id: number | null },
    outcome: RunState,
  ): Promise<void>
  /** Commits what ended runs left uncommitted: those of one project, or of all. */
  commitEnded(projectId?: number): Promise<void>
  /**
   * At a start: gives the branches of histories their last commit where a core died as it did so. Nothing else would open
   * the history of a project whose work is done.
   */
  publishBrokenOff(): Promise<void>
  /** Nothing to hold gives a checkpoint on the newest commit. */
  commit(made: NewCheckpoint): GitAnswer<number>
  /** Decides by the files themselves which of the begun changes happened. Only for changes that nobody is making now. */
  settle(workspace: Workspace, changes: readonly FileChangeRow[]): Promise<void>
  repository(projectId: number): GitAnswer<CheckpointRepository>
  /** Removes the private history of a project that is gone. */
  forget(projectId: number): Promise<void>
}

export interface RecorderParts {
  readonly data_dir: string
  /** Where git is looked for. */
  readonly path: string
  readonly children: Pick<Children, 'start'>
  readonly git: Pick<Finder, 'unavailable' | 'needed'>
  readonly store: Store
  readonly events: EventLog
  readonly log: Log
  readonly failpoint: Failpoint
  openWorkspace(root: string): Promise<Result<Workspace, FileRefusal>>
}

export function createCheckpointRecorder(parts: RecorderParts): CheckpointRecorder {
  const { store, events, log } = parts
  const unavailable = (): string | null => parts.git.unavailable
  const { orm, sqlite } = store
  const opened = new Map<number, GitAnswer<CheckpointRepository>>()
  const newest = sqlite
    .prepare<[number], string>('SELECT commit_oid FROM checkpoint WHERE project_id = +? ORDER BY id DESC LIMIT 1')
    .pluck()
  const known = sqlite
    .prepare<[number, string], string | null>(
      `SELECT after FROM file_change WHERE project_id = +? AND path = +? AND checkpoint_id IS NOT NULL
       ORDER BY checkpoint_id DESC, id DESC LIMIT 1`,
    )
    .pluck()
  const later = sqlite.prepare<[number, string, number], number>(
    'SELECT 1 FROM file_change WHERE project_id = ? AND path = ? AND id > ? AND checkpoint_id IS NOT NULL LIMIT 1',
  )
  // Asked several times of each run: to build its SQL each time costs more than to answer it.
  const openChanges = orm
    .select()
    .from(fileChange)
    .where(and(eq(fileChange.run_id, steady('run')), isNull(fileChange.checkpoint_id)))
    .orderBy(asc(fileChange.id))
    .prepare()
  // A change that a dead process had begun is settled by the content that the next one finds. One file has one writer.
  const neverHappened = sqlite.prepare(
    "DELETE FROM file_change WHERE project_id = @project AND path = @path AND state = 'sent' AND before IS @now",
  )
  const happened = sqlite.prepare(
    "UPDATE file_change SET state = 'done' WHERE project_id = @project AND path = @path AND state = 'sent'",
  )
  const uncommittedRuns = sqlite.prepare<{ project: number | null }, { run_id: number }>(
    `SELECT DISTINCT f.run_id FROM file_change f JOIN run r ON r.id = +f.run_id
     WHERE f.checkpoint_id IS NULL AND (@project IS NULL OR f.project_id = @project)
       AND r.state IN ('succeeded', 'failed', 'cancelled')`,
  )

  const folderOf = (projectId: number): string => join(parts.data_dir, 'git', `${encodeId('project', projectId)}.git`)

  function repository(projectId: number): GitAnswer<CheckpointRepository> {
    const already = opened.get(projectId)
    if (already !== undefined) return already
    const opening = openCheckpointRepository(folderOf(projectId), { ...parts, project_id: projectId }).then(
      (answer) => {
        // What cannot be opened now may be later.
        if (!answer.ok) opened.delete(projectId)
        return answer
      },
    )
    opened.set(projectId, opening)
    return opening
  }

  function keeper(subject: ChangeSubject): ChangeKeeper {
    return {
      async begin(path, before, after) {
        const history = await repository(subject.project_id)
        if (!history.ok) return history
        const names: (string | null)[] = []
        for (const content of [before, after]) {
          const kept = content === null ? ok(null) : await history.value.put(content)
          if (!kept.ok) return kept
          names.push(kept.value)
        }
        parts.failpoint('before-change-kept')
        const [was = null, willBe = null] = names
        const id = await store.write((tx) => {
          neverHappened.run({ project: subject.project_id, path, now: was })
          happened.run({ project: subject.project_id, path })
          return tx.orm
            .insert(fileChange)
            .values({ ...subject, path, before: was, after: willBe, state: 'sent', created_at: Date.now() })
            .returning({ id: fileChange.id })
            .get().id
        })
        parts.failpoint('after-change-kept')
        return ok(id)
      },
      async done(id) {
        parts.failpoint('before-change-done')
        await store.write((tx) => tx.orm.update(fileChange).set({ state: 'done' }).where(eq(fileChange.id, id)).run())
        parts.failpoint('after-change-done')
      },
    }
  }

  async function settle(workspace: Workspace, changes: readonly FileChangeRow[]): Promise<void> {
    for (const { id, path, before, after, state } of changes) {
      if (state === 'done') continue
      const now = await contentNow(workspace, path)
      const name = now.ok && now.value !== null ? contentName(now.value) : null
      // Neither of both: it happened and was changed since, or never happened; taking it back is refused either way.
      const isUndisturbed = now.ok && name === before && name !== after
      await store.write((tx) => {
        const row = eq(fileChange.id, id)
        if (!isUndisturbed) tx.orm.update(fileChange).set({ state: 'done' }).where(row).run()
        else tx.orm.delete(fileChange).where(row).run()
      })
    }
  }

  function changesOf(runId: number): FileChangeRow[] {
    return openChanges.all({ run: runId })
  }

  /** Whether a later write of the file is in the history already: a run that a crash broke off commits after others. */
  function isOvertaken(projectId: number, path: string, changes: readonly FileChangeRow[]): boolean {
    const last = changes.findLast((change) => change.path === path)?.id ?? 0
    return later.get(projectId, path, last) !== undefined
  }

  function commit(made: NewCheckpoint): GitAnswer<number> {
    const { project_id, task_id, run_id, kind, title, outcome } = made
    return inTurn(folderOf(project_id), '', async () => {
      const changes = made.changes()
      const history = await repository(project_id)
      if (!history.ok) return history
      const net = netChanges(changes)
      const own = net.filter((change) => !isOvertaken(project_id, change.path, changes))
      const parent = newest.get(project_id) ?? null
      const found = own.filter((change) => (known.get(project_id, change.path) ?? null) !== change.before)
      const committed =
        own.length === 0 && parent !== null
          ? ok(parent)
          : await history.value.commit({
              parent,
              found: new Map(found.map(({ path, before }) => [path, before])),
              after: new Map(own.map(({ path, after }) => [path, after])),
              message: messageOf(made),
            })
      if (!committed.ok) return committed
      parts.failpoint('before-checkpoint')
      const id = await store.write((tx) => {
        const row = tx.orm
          .insert(checkpointTable)
          .values({
            ...{ project_id, task_id, run_id, kind, title, outcome },
            files: net.length,
            commit_oid: committed.value,
            created_at: Date.now(),
          })
          .returning({ id: checkpointTable.id })
          .get()
        const ids = changes.map((change) => change.id)
        if (ids.length > 0) {
          tx.orm.update(fileChange).set({ checkpoint_id: row.id }).where(inArray(fileChange.id, ids)).run()
        }
        made.alongside?.(tx, row.id)
        const data = { checkpoint_id: encodeId('checkpoint', row.id), kind, title, files: net.length }
        events.append(tx, 'checkpoint.created', { project_id, task_id, run_id }, data)
        return row.id
      })
      parts.failpoint('after-checkpoint')
      const published = await history.value.publish(committed.value)
      if (!published.ok) log.warn('The branch of a private history lags behind', { fault: published.error })
      parts.failpoint('after-checkpoint-published')
      return ok(id)
    })
  }

  async function commitRun(
    workspace: Workspace,
    run: { id: number; project_id: number; task_id: number | null },
    outcome: RunState,
  ): Promise<void> {
    if (unavailable() !== null) return
    await settle(workspace, changesOf(run.id))
    if (changesOf(run.id).length === 0) return
    const task =
      run.task_id === null ? undefined : orm.select().from(taskTable).where(eq(taskTable.id, run.task_id)).get()
    const committed = await commit({
      project_id: run.project_id,
      task_id: run.task_id,
      run_id: run.id,
      kind: 'task',
      title: task?.title ?? 'A run',
      outcome,
      changes: () => changesOf(run.id),
    })
    if (!committed.ok) {
      log.error('The work of a run could not be committed to the private history; that is tried again', {
        run_id: run.id,
        fault: committed.error,
      })
    }
  }

  async function commitEnded(projectId?: number): Promise<void> {
    if (unavailable() !== null) return
    for (const { run_id } of uncommittedRuns.all({ project: projectId ?? null })) {
      const run = orm.select().from(runTable).where(eq(runTable.id, run_id)).get()
      const project =
        run === undefined ? undefined : orm.select().from(projectTable).where(eq(projectTable.id, run.project_id)).get()
      if (run === undefined || project === undefined) continue
      const workspace = await parts.openWorkspace(project.workspace)
      if (workspace.ok) await commitRun(workspace.value, run, run.state)
      else log.warn('A workspace cannot be opened to commit what was done in it', { fault: workspace.error.message })
    }
  }

  async function publishBrokenOff(): Promise<void> {
    if (unavailable() !== null) return
    const folder = join(parts.data_dir, 'git')
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      const projectId = decodeId('project', name.replace(/\.git$/, ''))
      if (projectId === null || !existsSync(branchLock(folderOf(projectId)))) continue
      await inTurn(folderOf(projectId), '', async () => {
        const last = newest.get(projectId)
        // Opening it takes the lock away.
        const history = await repository(projectId)
        const published = history.ok && last !== undefined ? await history.value.publish(last) : history
        if (!published.ok) log.warn('The branch of a private history lags behind', { fault: published.error })
      })
    }
  }

  return {
    get unavailable() {
      return unavailable()
    },
    needed: parts.git.needed,
    keeper,
    watch: (workspace, subject) => (unavailable() === null ? watchWorkspace(workspace, keeper(subject)) : workspace),
    commitRun,
    commitEnded,
    publishBrokenOff,
    commit,
    settle,
    repository,
    async forget(projectId) {
      opened.delete(projectId)
      await inTurn(folderOf(projectId), '', () => rm(folderOf(projectId), { recursive: true, force: true }))
    },
  }
}

/** The title on one line, and whose work it is, in the form that git calls trailers. */
function messageOf({ kind, title, outcome, task_id, run_id }: NewCheckpoint): string {
  const ended = outcome === null || outcome === 'succeeded' ? '' : ` (${outcome})`
  const trailers = [
    `Baton-Kind: ${kind}`,
    ...(task_id === null ? [] : [`Baton-Task: ${encodeId('task', task_id)}`]),
    ...(run_id === null ? [] : [`Baton-Run: ${encodeId('run', run_id)}`]),
  ]
  return `${title.replaceAll(/\s+/g, ' ').trim()}${ended}\n\n${trailers.join('\n')}`
}
