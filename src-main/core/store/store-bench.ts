import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createEventLog, type EventLog } from '../event/event-log.ts'
import { createSettingsStore, type SettingsStore } from './settings-store.ts'
import { openStore, type Store } from './store.ts'

/** For tests: a real database in a folder of its own, and what stands directly on it. */
export interface StoreBench {
  readonly dataDir: string
  readonly store: Store
  readonly events: EventLog
  readonly settings: SettingsStore
  /** A project to hang rows on; answers with its key. */
  project(fields?: { state?: string; budget_micros?: number; authorised_micros?: number }): number
  /** An approved plan of a project, for tasks to belong to. */
  plan(projectId: number): number
  /** One task for each entry, which lists the indices of the tasks it depends on. Answers with their keys, in order. */
  tasks(projectId: number, dependencies: readonly (readonly number[])[]): number[]
  /** A run of a task, or of the project where there is none. */
  run(projectId: number, taskId: number | null, state?: string): number
}

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'baton-unit-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Opens a store; both it and its folder go when the test ends. */
export function storeBench(dataDir = temporaryFolder()): StoreBench {
  const opened = openStore(dataDir, () => undefined)
  if (!opened.ok) throw new Error(opened.error.message)
  const store = opened.value
  onTestFinished(() => store.close())
  const { sqlite } = store
  const now = Date.now()

  function insert(table: string, row: Readonly<Record<string, string | number | null>>): number {
    const names = Object.keys(row)
    const marks = names.map(() => '?').join(', ')
    const statement = sqlite.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`)
    return Number(statement.run(...Object.values(row)).lastInsertRowid)
  }

  function plan(project_id: number): number {
    return insert('plan', {
      project_id,
      version: 1,
      state: 'approved',
      source: 'user',
      document: '{"title":"A plan","tasks":[]}',
      repairs: '[]',
      created_at: now,
    })
  }

  return {
    dataDir,
    store,
    events: createEventLog(store),
    settings: createSettingsStore(sqlite),
    plan,
    project: ({ state = 'draft', budget_micros, authorised_micros } = {}) =>
      insert('project', {
        name: 'A project',
        requirements: 'Write about owls.',
        owner: 'local',
        state,
        budget_micros: budget_micros ?? null,
        authorised_micros: authorised_micros ?? null,
        created_at: now,
        updated_at: now,
      }),
    tasks(project_id, dependencies) {
      const plan_id = plan(project_id)
      const ids = dependencies.map((needs, position) =>
        insert('task', {
          project_id,
          plan_id,
          key: `t${position}`,
          position,
          title: `Task ${position}`,
          description: '',
          type: 'writing',
          complexity: 'simple',
          tools: '[]',
          acceptance: '[]',
          write_scope: '[]',
          artifacts: '[]',
          priority: 1,
          state: needs.length === 0 ? 'ready' : 'pending',
          unmet_dependencies: needs.length,
          ready_at: needs.length === 0 ? now : null,
          created_at: now,
        }),
      )
      for (const [position, needs] of dependencies.entries()) {
        for (const need of needs) {
          insert('task_dependency', { task_id: ids[position] ?? 0, depends_on_id: ids[need] ?? 0 })
        }
      }
      return ids
    },
    run: (project_id, task_id, state = 'running') =>
      insert('run', {
        kind: task_id === null ? 'plan' : 'task',
        project_id,
        task_id,
        attempt: 1,
        state,
        profile: 'demo',
        created_at: now,
      }),
  }
}
