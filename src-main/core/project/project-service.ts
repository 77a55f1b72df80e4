import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join, relative, sep } from 'node:path'
import { and, eq, inArray } from 'drizzle-orm'
import type { z } from 'zod'
import { encodeId } from '#contract/ids.ts'
import type { newProject, Project } from '#contract/project.ts'
import { ok, type Result } from '#contract/result.ts'
import { LOCAL_USER } from '#contract/role.ts'
import type { Core } from '../core.ts'
import type { EventLog } from '../event/event-log.ts'
import type { Failpoint } from '../failpoint.ts'
import type { ModelCatalog } from '../model/catalog.ts'
import { provisionalName } from '../plan/propose-plan.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { runsOfProject } from '../store/runs-of-project.ts'
import { attachment as attachmentTable, project as projectTable, task as taskTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { Steering } from '../task/steering.ts'
import { readyRowOf } from '../task/task-changes.ts'
import type { FileRefusal, Workspace } from '../workspace/workspace.ts'
import { attachedFiles } from './attached-files.ts'
import type { MoveProject } from './project-changes.ts'
import type { ProjectView } from './project-view.ts'

export type ProjectSteering = Pick<
  Core['projects'],
  'create' | 'change' | 'remove' | 'start' | 'pause' | 'resume' | 'cancel'
>

export interface ProjectParts {
  readonly data_dir: string
  readonly store: Store
  readonly events: EventLog
  readonly view: ProjectView
  readonly catalog: ModelCatalog
  readonly steering: Steering
  readonly moveProject: MoveProject
  readonly failpoint: Failpoint
  openWorkspace(root: string): Promise<Result<Workspace, FileRefusal>>
  /** Moves a folder to the system's trash. */
  trash(path: string): Promise<Result<void, string>>
}

const MAKING = 'making_project:'

/** Creates a project whose first rows `fill` writes in the same transaction: a free prompt, with what was handed along. */
export type CreateFilled = (
  input: z.output<typeof newProject>,
  prompt: {
    readonly constraints: Readonly<Record<string, unknown>>
    fill(tx: Tx, project: { readonly id: number; readonly priority: number }): void
  },
) => Promise<Result<Project, Refusal>>

export interface HalfMade {
  /** Removes projects whose making a dead core did not end, so whose attached files are lost; nobody was told of them. */
  takeBackHalfMade(): Promise<void>
}

/** Creates and steers projects (P1, E4, E10). */
export function createProjectService(
  parts: ProjectParts,
): ProjectSteering & HalfMade & { readonly createFilled: CreateFilled } {
  const { store, events, view, catalog, steering, moveProject } = parts
  const { sqlite } = store
  const openTasks = sqlite
    .prepare<[number], number>(
      `SELECT id FROM task WHERE project_id = ? AND state IN ('pending', 'ready', 'running', 'waiting', 'blocked')`,
    )
    .pluck()
  const cancelTasks = sqlite.prepare(
    `UPDATE task SET state = 'cancelled', waiting_on = NULL, resumes_at = NULL, reason = 'The project was cancelled.', ended_at = ?, held = 0
     WHERE id IN (SELECT value FROM json_each(?))`,
  )
  const cancelIdleRuns = sqlite.prepare<{ now: number; project: number }>(
    `UPDATE run SET state = 'cancelled', reason = 'The project was cancelled.', ended_at = @now
     WHERE id IN (${runsOfProject('@project')}) AND state IN ('waiting', 'queued')`,
  )
  const liveRuns = sqlite
    .prepare<[number], number>("SELECT count(*) FROM run WHERE project_id = ? AND state IN ('queued', 'running')")
    .pluck()
  // Where the project waits for anything else, a person who lets it go on means that.
  const letGo = sqlite
    .prepare<{ project: number }, number>(
      `UPDATE task SET held = 0 WHERE project_id = @project AND held = 1 AND state IN ('pending', 'ready', 'waiting')
         AND NOT EXISTS (SELECT 1 FROM task WHERE project_id = @project AND state = 'waiting' AND held = 0)
       RETURNING id`,
    )
    .pluck()
  const hasTasks = sqlite.prepare<[number], number>('SELECT count(*) FROM task WHERE project_id = ?').pluck()

  // A project is whole when its attached files are kept; until then it is noted, for the next core.
  const making = sqlite.prepare("INSERT INTO meta (key, value) VALUES (?, '')")
  const made = sqlite.prepare('DELETE FROM meta WHERE key = ?')
  const halfMade = sqlite.prepare<[], string>(`SELECT key FROM meta WHERE key LIKE '${MAKING}%'`).pluck()

  function checkProfile(name: string | null | undefined, localOnly: boolean): Result<void, Refusal> {
    if (name === null || name === undefined) return ok(undefined)
    const profile = catalog.get(name)
    if (profile === undefined) {
      const names = catalog.list().map((known) => known.name)
      return refuse('bad_request', `There is no model profile "${name}". There are: ${names.join(', ')}.`)
    }
    if (profile.paid && localOnly) {
      return refuse('bad_request', `The model profile "${name}" is paid, so it cannot be used in a local-only project.`)
    }
    return ok(undefined)
  }

  /** A folder of the user's to work in: it must exist, be theirs, and not be Baton's own or a whole home. */
  function checkWorkspace(path: string): Result<string, Refusal> {
    if (!isAbsolute(path)) return refuse('bad_request', `The workspace ${path} must be an absolute path.`)
    if (!existsSync(path) || !statSync(path).isDirectory()) {
      return refuse('bad_request', `The workspace ${path} is not a folder. Create it first.`)
    }
    const real = realpathSync(path)
    const data = realpathSync(parts.data_dir)
    const contains = (outer: string, inner: string): boolean => {
      const way = relative(outer, inner)
      return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
    }
    const workspaces = join(data, 'workspaces')
    if (contains(real, data) || (contains(data, real) && (real === workspaces || !contains(workspaces, real)))) {
      return refuse(
        'bad_request',
        `The workspace ${path} holds Baton's own data. Choose a folder of its own for the project.`,
      )
    }
    if (contains(real, existsSync(homedir()) ? realpathSync(homedir()) : homedir())) {
      return refuse(
        'bad_request',
        `${path} is too wide a workspace: models may change every file in it. Choose a folder of its own for the project.`,
      )
    }
    return ok(real)
  }

  async function create(
    input: z.output<typeof newProject>,
    prompt?: Parameters<CreateFilled>[1],
  ): Promise<Result<Project, Refusal>> {
    const profile = checkProfile(input.profile, input.local_only)
    if (!profile.ok) return profile
    const given = input.workspace === undefined ? null : checkWorkspace(input.workspace)
    if (given !== null && !given.ok) return given
    const names = new Set(input.attachments.map((file) => file.name.toLowerCase()))
    if (names.size !== input.attachments.length) return refuse('bad_request', 'Two attached files have the same name.')

    const now = Date.now()
    const id = await store.tryWrite((tx) => {
      const row = tx.orm
        .insert(projectTable)
        .values({
          name: input.name ?? provisionalName(input.requirements),
          requirements: input.requirements,
          // Whoever asks for it has it.
          owner: tx.actor?.id ?? LOCAL_USER,
          state: 'draft',
          workspace: given?.value ?? '',
          workspace_owned: given === null,
          budget_micros: input.budget_micros ?? null,
          local_only: input.local_only,
          can_wait: input.can_wait,
          profile: input.profile ?? null,
          priority: input.priority,
          constraints: prompt?.constraints ?? null,
          allowed_hosts: input.allowed_hosts ?? [],
          tool_policy: input.tool_policy ?? {},
          created_at: now,
          updated_at: now,
        })
        .returning({ id: projectTable.id, name: projectTable.name, priority: projectTable.priority })
        .get()
      const workspace = given?.value ?? join(parts.data_dir, 'workspaces', encodeId('project', row.id))
      tx.orm.update(projectTable).set({ workspace }).where(eq(projectTable.id, row.id)).run()
      // Before the commit, so that no crash leaves a project without its folder.
      if (given === null) mkdirSync(workspace, { recursive: true, mode: 0o700 })
      parts.failpoint('after-workspace-made')
      events.append(tx, 'project.created', { project_id: row.id }, { name: row.name })
      if (input.attachments.length > 0) making.run(`${MAKING}${row.id}`)
      prompt?.fill(tx, row)
      return row.id
    })
    const publicId = encodeId('project', id)
    const placed = await placeFiles(id, input.attachments)
    if (!placed.ok) return takeBack(id, placed)
    if (input.attachments.length > 0) await store.write(() => made.run(`${MAKING}${id}`))
    return view.get(publicId)
  }

  /** A project whose files cannot be kept was never made: its row and its new folder go. */
  async function takeBack(id: number, refusal: { ok: false; error: Refusal }): Promise<Result<never, Refusal>> {
    const row = view.row(encodeId('project', id))
    await store.write((tx) => {
      tx.orm.delete(projectTable).where(eq(projectTable.id, id)).run()
      made.run(`${MAKING}${id}`)
      events.append(tx, 'project.changed', { project_id: id }, { fields: ['deleted'] })
    })
    if (!row.ok || !row.value.workspace_owned || !existsSync(row.value.workspace)) return refusal
    const trashed = await parts.trash(row.value.workspace)
    if (trashed.ok) return refusal
    const left = `Its empty folder ${row.value.workspace} is left; delete it by hand.`
    return refuse(refusal.error.code, `${refusal.error.message} ${left} ${trashed.error}`)
  }

  async function placeFiles(
    id: number,
    files: z.output<typeof newProject>['attachments'],
  ): Promise<Result<void, Refusal>> {
    const row = view.row(encodeId('project', id))
    if (!row.ok) return row
    const workspace = await parts.openWorkspace(row.value.workspace)
    if (!workspace.ok) return refuse('bad_request', `The workspace cannot be used. ${workspace.error.message}`)
    const notKept = (name: string, why: FileRefusal): { ok: false; error: Refusal } =>
      refuse('bad_request', `The attached file "${name}" cannot be kept. ${why.message}`)
    const inputs = await attachedFiles(files)
    // All are looked at before any is written, so that a refusal leaves nothing behind in a folder of the user's.
    for (const { name, path, sha256 } of inputs) {
      const there = await workspace.value.hash(path)
      if (!there.ok) return notKept(name, there.error)
      if (there.value !== null && there.value !== sha256) {
        return refuse(
          'conflict',
          `The workspace already has another ${path}. Rename the attached file, or use another workspace.`,
        )
      }
    }
    for (const { name, path, content, sha256 } of inputs) {
      const written = await workspace.value.write(path, content)
      if (!written.ok) return notKept(name, written.error)
      await store.write((tx) =>
        tx.orm.insert(attachmentTable).values({ project_id: id, name, path, bytes: content.byteLength, sha256 }).run(),
      )
    }
    return ok(undefined)
  }

  async function steer(
    id: string,
    change: (tx: Tx, key: number) => boolean,
    refusal: (state: string) => string,
  ): Promise<Result<Project, Refusal>> {
    const found = view.row(id)
    if (!found.ok) return found
    const moved = await store.tryWrite((tx) => change(tx, found.value.id))
    if (!moved) {
      const now = view.row(id)
      return refuse('conflict', refusal(now.ok ? now.value.state.replaceAll('_', ' ') : 'gone'))
    }
    steering.wake(found.value.id)
    return view.get(id)
  }

  const goOn = (id: string): Promise<Result<Project, Refusal>> =>
    steer(
      id,
      (tx, key) => {
        const state = tx.orm
          .select({ state: projectTable.state })
          .from(projectTable)
          .where(eq(projectTable.id, key))
          .get()?.state
        if (state !== 'paused' && state !== 'waiting' && state !== 'executing') return false
        const freed = state === 'waiting' ? letGo.all({ project: key }) : []
        for (const task_id of freed)
          events.append(tx, 'task.changed', { project_id: key, task_id }, { fields: ['held'] })
        const ready = tx.orm
          .select()
          .from(taskTable)
          .where(and(inArray(taskTable.id, freed), eq(taskTable.state, 'ready')))
          .all()
        const planned = (hasTasks.get(key) ?? 0) > 0
        if (state !== 'executing') moveProject(tx, key, planned ? 'executing' : 'planning', '')
        tx.afterCommit(() => {
          steering.takeUp(key)
          steering.enqueue(ready.map(readyRowOf))
          steering.retryWaiting('resource')
          steering.retryWaiting('budget')
        })
        return true
      },
      (state) =>
        `A project that is ${state} cannot go on. ${state === 'awaiting approval' ? 'Approve its plan first.' : ''}`.trim(),
    )

  return {
    create: (input) => create(input),
    createFilled: create,
    async takeBackHalfMade() {
      const unanswered = refuse('unavailable', 'Baton was stopped while the project was made. Create it again.')
      for (const key of halfMade.all()) await takeBack(Number(key.slice(MAKING.length)), unanswered)
    },
    start: goOn,
    resume: goOn,
    pause: (id) =>
      steer(
        id,
        (tx, key) => {
          if (!moveProject(tx, key, 'paused', 'Paused by you.')) return false
          tx.afterCommit(() => steering.pauseRuns({ project_id: key }))
          return true
        },
        (state) => `A project that is ${state} cannot be paused.`,
      ),
    cancel: (id) =>
      steer(
        id,
        (tx, key) => {
          if (!moveProject(tx, key, 'cancelled', 'Cancelled by you.')) return false
          const open = openTasks.all(key)
          cancelTasks.run(Date.now(), JSON.stringify(open))
          cancelIdleRuns.run({ now: Date.now(), project: key })
          for (const task_id of open) {
            const data = { state: 'cancelled' as const, waiting_on: null, reason: 'The project was cancelled.' }
            events.append(tx, 'task.state', { project_id: key, task_id }, data)
          }
          tx.afterCommit(() => steering.cancelRuns({ project_id: key }))
          return true
        },
        (state) => `A project that is ${state} cannot be cancelled.`,
      ),
    async change(id, { id: _, ...change }: Parameters<Core['projects']['change']>[1] & { id?: string }) {
      const found = view.row(id)
      if (!found.ok) return found
      if (change.profile !== undefined || change.local_only === true) {
        const wanted = change.profile === undefined ? found.value.profile : change.profile
        const profile = checkProfile(wanted, change.local_only ?? found.value.local_only)
        if (!profile.ok) return profile
      }
      const fields = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
      if (Object.keys(fields).length === 0) return view.get(id)
      await store.tryWrite((tx) => {
        // A person who sets the project's budget authorises it: what was approved with the plan no longer limits.
        const authorised = 'budget_micros' in fields ? { authorised_micros: null } : {}
        tx.orm
          .update(projectTable)
          .set({ ...fields, ...authorised, updated_at: Date.now() })
          .where(eq(projectTable.id, found.value.id))
          .run()
        events.append(tx, 'project.changed', { project_id: found.value.id }, { fields: Object.keys(fields) })
        if ('budget_micros' in fields) {
          const limit_micros = change.budget_micros ?? null
          events.append(
            tx,
            'budget.changed',
            { project_id: found.value.id },
            { scope: `project:${found.value.id}`, limit_micros },
          )
        }
      })
      if ('budget_micros' in fields) steering.retryWaiting('budget')
      if ('profile' in fields || 'local_only' in fields) steering.retryWaiting('resource')
      steering.wake(found.value.id)
      return view.get(id)
    },
    async remove(id) {
      const found = view.row(id)
      if (!found.ok) return found
      const { id: key, workspace, workspace_owned } = found.value
      const trouble = store.trouble()
      if (trouble !== null) return refuse('unavailable', `The project was not deleted. ${trouble.message}`)
      // Looked at where it is deleted: it may have been set going since.
      const kept = await store.tryWrite((tx) => {
        const now = view.row(id)
        if (!now.ok) return now
        const { state } = now.value
        if (['planning', 'executing', 'waiting', 'paused'].includes(state)) {
          return refuse('conflict', `The project is ${state}. Cancel it before you delete it.`)
        }
        if ((liveRuns.get(key) ?? 0) > 0 || steering.isAtWork(key)) {
          return refuse('conflict', 'The last step of the project is still ending. Try again in a moment.')
        }
        tx.orm.delete(projectTable).where(eq(projectTable.id, key)).run()
        events.append(tx, 'project.changed', { project_id: key }, { fields: ['deleted'] })
        return null
      })
      if (kept !== null) return kept
      // Behind the commit, so that whatever goes wrong the files are there at least as long as the project.
      if (workspace_owned && existsSync(workspace)) {
        const trashed = await parts.trash(workspace)
        if (!trashed.ok) {
          return refuse(
            'unavailable',
            `The project was deleted, but its folder ${workspace} could not be moved to the trash and is left. ${trashed.error}`,
          )
        }
      }
      return ok(undefined)
    },
  }
}
