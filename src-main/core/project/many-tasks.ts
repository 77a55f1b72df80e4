import { and, asc, eq, inArray } from 'drizzle-orm'
import { encodeId } from '#contract/ids.ts'
import type { Core } from '../core.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { project as projectTable, task as taskTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { ProjectView } from './project-view.ts'

type Projects = Pick<Core['projects'], 'retry' | 'skip'>

/** Steers what failed in a whole project at once, and everything at once (E4), by the same steps as for one task. */
export function createManyTasks(
  store: Store,
  view: ProjectView,
  tasks: Pick<Core['tasks'], 'retry' | 'skip'>,
  cancelProject: Core['projects']['cancel'],
): { projects: Projects; cancelAll(): Promise<string[]> } {
  /** Tasks that ended without success, in the order of the plan. */
  function undone(projectId: number): string[] {
    return (
      store.orm
        .select({ id: taskTable.id })
        .from(taskTable)
        .innerJoin(projectTable, eq(projectTable.id, taskTable.project_id))
        // What a change of the plan removed is not to be done.
        .where(
          and(
            eq(taskTable.project_id, projectId),
            eq(taskTable.plan_id, projectTable.plan_id),
            inArray(taskTable.state, ['failed', 'cancelled']),
          ),
        )
        .orderBy(asc(taskTable.position))
        .all()
        .map(({ id }) => encodeId('task', id))
    )
  }

  async function each(
    id: string,
    verb: string,
    steer: (task: string) => Promise<{ ok: true } | { ok: false; error: Refusal }>,
  ): ReturnType<Core['projects']['retry']> {
    const found = view.row(id)
    if (!found.ok) return found
    if (found.value.state === 'cancelled') {
      return refuse('conflict', `The project was cancelled, so there is nothing to ${verb}; its tasks are over.`)
    }
    const ids = undone(found.value.id)
    if (ids.length === 0)
      return refuse('conflict', `No task of this project has failed or was cancelled, so there is nothing to ${verb}.`)
    for (const task of ids) {
      const steered = await steer(task)
      // What another steer changed meanwhile is no failure of this one.
      if (!steered.ok && steered.error.code !== 'conflict') return steered
    }
    return view.get(id)
  }

  return {
    projects: {
      retry: (id, from) => each(id, 'retry', (task) => tasks.retry(task, from)),
      skip: (id) => each(id, 'skip', (task) => tasks.skip(task)),
    },
    async cancelAll() {
      const open = store.orm
        .select({ id: projectTable.id })
        .from(projectTable)
        .where(inArray(projectTable.state, ['planning', 'awaiting_approval', 'executing', 'paused', 'waiting']))
        .all()
      const cancelled: string[] = []
      for (const { id } of open) {
        const publicId = encodeId('project', id)
        if ((await cancelProject(publicId)).ok) cancelled.push(publicId)
      }
      return cancelled
    },
  }
}
