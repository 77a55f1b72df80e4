import { setTimeout as sleep } from 'node:timers/promises'
import type { StoredEvent } from '#contract/event.ts'
import type { Project } from '#contract/project.ts'
import type { Task } from '#contract/task.ts'
import type { BatonClient } from '../baton-client.ts'
import { allTasks } from './all-tasks.ts'

/** A project and its tasks as they were at one moment. */
export interface ProjectView {
  readonly project: Project
  readonly tasks: readonly Task[]
}

export interface ProjectWatch {
  /** The state of things, once something may have changed since the last call. Rejects where the core is gone. */
  next(): Promise<ProjectView>
  /** Resolves when no event is under way any more. */
  close(): Promise<void>
}

/** Events come in bursts; one look at the tasks serves them all. */
const COALESCE_MS = 60

/**
 * Follows one project from event `after` on. `onEvent` gets each of its events once, in order; `onBeat` is told of each sign
 * of life, which also comes when something changes of which no event can be kept, such as trouble with the disk.
 */
export function watchProject(
  client: BatonClient,
  id: string,
  after: string,
  onEvent: (event: StoredEvent) => void,
  onBeat: () => void = () => undefined,
): ProjectWatch {
  const ended = new AbortController()
  let changed = true
  let failure: unknown = null
  let wake: () => void = () => undefined

  async function listen(): Promise<void> {
    try {
      for await (const item of client.events({ after, project_id: id }, ended.signal)) {
        if (item.kind === 'heartbeat') onBeat()
        else if (item.kind === 'event') onEvent(item.event)
        else continue
        // What holds a project up is not always an event of its own: all may be paused, a service mended.
        changed = true
        wake()
      }
    } catch (fault) {
      failure = fault
      wake()
    }
  }
  const listening = listen()

  return {
    async next() {
      if (!changed && failure === null) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      if (failure !== null) throw failure
      await sleep(COALESCE_MS)
      changed = false
      const [project, tasks] = await Promise.all([client.api.projects.get({ id }), allTasks(client.api.projects, id)])
      return { project, tasks }
    },
    async close() {
      ended.abort()
      await listening
    },
  }
}
