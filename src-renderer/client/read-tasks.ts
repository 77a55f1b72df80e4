import type { QueryClient } from '@tanstack/react-query'
import type { Task } from '#contract/task.ts'
import { FIRST_PAGE } from './ask-ahead.ts'
import type { Client } from './client.ts'
import { keys } from './keys.ts'

const PAGE = 1_000
/** As many tasks as a page can be about. */
const MAX_PAGES = 20

/**
 * All tasks of a project, by position. At the first reading, the first of them are shown while the rest is read: showing each
 * page would draw everything ten times.
 */
export async function readTasks(client: Client, queries: QueryClient, projectId: string): Promise<readonly Task[]> {
  const key = keys.tasks(projectId)
  const isFirst = queries.getQueryData(key) === undefined
  let tasks: readonly Task[] = []
  let cursor: { cursor?: string } = {}
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const limit = isFirst && page === 0 ? FIRST_PAGE : PAGE
    const answer = await client.projects.tasks({ id: projectId, limit, ...cursor })
    tasks = tasks.length === 0 ? answer.items : [...tasks, ...answer.items]
    if (answer.next_cursor === null) break
    if (isFirst) {
      queries.setQueryData(keys.tasksRead(projectId), tasks.length)
      if (page === 0) queries.setQueryData(key, tasks)
    }
    cursor = { cursor: answer.next_cursor }
  }
  return tasks
}
