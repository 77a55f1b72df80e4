import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TaskDiff, UndoConflict } from '#contract/checkpoint.ts'
import { encodeId } from '#contract/ids.ts'
import type { Result } from '#contract/result.ts'
import type { RunState } from '#contract/states.ts'
import { createFinder } from '../finder.ts'
import { createChildren } from '../process/children.ts'
import { processStart } from '../process/process-start.ts'
import { createMoveProject } from '../project/project-changes.ts'
import { createProjectView } from '../project/project-view.ts'
import type { Refusal } from '../refusal.ts'
import { type StoreBench, storeBench, temporaryFolder } from '../store/store-bench.ts'
import { createCloseWaitingRun } from '../task/close-run.ts'
import type { Steering } from '../task/steering.ts'
import { createTaskChanges } from '../task/task-changes.ts'
import { createTaskView } from '../task/task-view.ts'
import { findGit } from './checkpoint-git.ts'
import { type CheckpointRecorder, createCheckpointRecorder } from './checkpoint-recorder.ts'
import { type CheckpointService, createCheckpointService } from './checkpoint-service.ts'
import { DEFAULT_FILE_RULES } from './file-rules.ts'
import { openLocalWorkspace } from './local-workspace.ts'
import { moveToTrash } from './trash.ts'
import type { Workspace } from './workspace.ts'

/** For tests: a project with tasks in a folder of the user's, on a real database and with real git. */
export interface CheckpointBench extends StoreBench {
  readonly root: string
  readonly projectId: number
  readonly project_id: string
  readonly recorder: CheckpointRecorder
  readonly service: CheckpointService
  /** Begins a run of a task; its workspace keeps what it replaces. */
  begin(taskId: number): { id: number; workspace: Workspace; end(outcome?: RunState): Promise<void> }
  /** A whole run that writes these files. */
  work(taskId: number, files: Readonly<Record<string, string>>, outcome?: RunState): Promise<void>
  put(path: string, content: string | Uint8Array): void
  look(path: string): string | null
  state(taskId: number): string
  git(...args: string[]): string
}

const NO_STEERING: Steering = {
  wake: () => undefined,
  takeUp: () => undefined,
  enqueue: () => undefined,
  startProjectRun: () => undefined,
  retryWaiting: () => undefined,
  pauseRuns: () => undefined,
  cancelRuns: () => undefined,
  isAtWork: () => false,
  whyNot: () => '',
}

/** `path` is where git is looked for. */
export async function checkpointBench(path: string): Promise<CheckpointBench> {
  const bench = storeBench()
  const { store, events, dataDir } = bench
  const root = temporaryFolder()
  const projectId = bench.project({ state: 'executing' })
  store.sqlite.prepare('UPDATE project SET workspace = ?, workspace_owned = 0 WHERE id = ?').run(root, projectId)
  const openWorkspace = (folder: string): ReturnType<typeof openLocalWorkspace> =>
    openLocalWorkspace(folder, DEFAULT_FILE_RULES)
  const opened = await openWorkspace(root)
  if (!opened.ok) throw new Error(opened.error.message)
  const log = { info: () => undefined, warn: console.error, error: console.error }
  const git = createFinder('', () => findGit(dataDir, path))
  await git.look()
  const recorder = createCheckpointRecorder({
    data_dir: dataDir,
    path,
    children: createChildren(
      store,
      events,
      { pid: process.pid, started: processStart(process.pid) },
      log,
      () => undefined,
    ),
    git,
    store,
    events,
    log,
    failpoint: () => undefined,
    openWorkspace,
  })
  const changes = createTaskChanges(store, events)
  const service = createCheckpointService({
    store,
    recorder,
    projects: createProjectView(store, () => null),
    tasks: createTaskView(
      store,
      () => '',
      () => false,
    ),
    changes,
    steering: NO_STEERING,
    moveProject: createMoveProject(store, events),
    closeWaitingRun: createCloseWaitingRun(store, events),
    failpoint: () => undefined,
    openWorkspace,
    trash: moveToTrash,
  })

  const begin: CheckpointBench['begin'] = (task_id) => {
    store.sqlite.prepare("UPDATE task SET state = 'running' WHERE id = ?").run(task_id)
    const id = bench.run(projectId, task_id)
    const run = { id, project_id: projectId, task_id }
    return {
      id,
      workspace: recorder.watch(opened.value, { project_id: projectId, task_id, run_id: id }),
      async end(outcome = 'succeeded') {
        await recorder.commitRun(opened.value, run, outcome)
        store.sqlite.prepare('UPDATE run SET state = ? WHERE id = ?').run(outcome, id)
        await store.write((tx) => changes.end(tx, [task_id], outcome === 'succeeded' ? outcome : 'failed', ''))
      },
    }
  }

  return {
    ...bench,
    root,
    projectId,
    project_id: encodeId('project', projectId),
    recorder,
    service,
    begin,
    async work(taskId, files, outcome) {
      const run = begin(taskId)
      for (const [name, content] of Object.entries(files)) {
        const written = await run.workspace.write(name, Buffer.from(content))
        if (!written.ok) throw new Error(written.error.message)
      }
      await run.end(outcome)
    },
    put(name, content) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), content)
    },
    look: (name) => (existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : null),
    state: (taskId) =>
      store.sqlite.prepare<[number], string>('SELECT state FROM task WHERE id = ?').pluck().get(taskId) ?? '',
    git: (...args) =>
      execFileSync('git', [
        '--git-dir',
        join(dataDir, 'git', `${encodeId('project', projectId)}.git`),
        ...['-c', 'core.quotePath=false', ...args],
      ]).toString(),
  }
}

/** What a refused undo says about each file. */
export function conflictsOf(answer: Result<unknown, Refusal>): readonly UndoConflict[] {
  if (answer.ok || answer.error.code !== 'conflict') throw new Error('It was not refused')
  return (answer.error.details as { conflicts: UndoConflict[] }).conflicts
}

/** The value of an answer that has to be one. */
export function granted<T>(answer: Result<T, Refusal>): T {
  if (!answer.ok) throw new Error(answer.error.message)
  return answer.value
}

/** `change path` of each file. */
export function changesIn(diff: TaskDiff): string[] {
  return diff.files.map((file) => `${file.change} ${file.path}`)
}

/** Names in a folder; none where it does not exist. */
export function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted() : []
}
