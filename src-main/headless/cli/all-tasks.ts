import type { Task } from '#contract/task.ts'
import type { Api } from '../baton-client.ts'

/** Every task of a project, however many pages they fill. */
export async function allTasks(projects: Pick<Api['projects'], 'tasks'>, id: string): Promise<Task[]> {
  const tasks: Task[] = []
  let cursor: string | undefined
  do {
    const page = await projects.tasks(cursor === undefined ? { id } : { id, cursor })
    tasks.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return tasks
}
