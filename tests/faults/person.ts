import type { Project } from '../../src-contract/project.ts'
import type { Result } from '../../src-contract/result.ts'
import type { Task } from '../../src-contract/task.ts'
import type { Core } from '../../src-main/core/core.ts'
import type { Seeded } from './seeded.ts'

/** What a person does now and then: to one project what changes its course, to any what only holds it up. */
export const ACTS = ['cancel', 'undo', 'retry', 'hold', 'at_once', 'pause', 'pause_all', 'lock'] as const
export type Act = (typeof ACTS)[number]

/** Somebody who meddles a few times and then lets everything be done. */
export interface Person {
  /** Does perhaps one thing. `steered` is the project whose tasks may be cancelled, undone and retried. */
  meddle(all: readonly Project[], steered: Project): Promise<void>
  /** Has done all that was in mind, and nothing is left paused, cancelled or locked by it. */
  isContent(): boolean
}

interface Refused {
  readonly code: string
}

const OWNER = 'person'
const LOCK = { resource: 'gpu:7', purpose: 'a look', priority: 1, ttl_ms: 60_000, capacity: 1, wait_ms: 0 }
const OPEN = ['pending', 'ready', 'running', 'waiting', 'blocked']

/** `acts` are done one after the other; one that cannot be done yet is waited for. */
export function createPerson(core: Core, random: Seeded, acts: readonly Act[]): Person {
  const left = [...acts]
  let isContent = false

  /** Between the look and the act things move on, so an act may be refused; and the disk of a test is well. */
  function took(result: Result<unknown, Refused>): boolean {
    if (!result.ok && !['conflict', 'not_found'].includes(result.error.code))
      throw new Error(JSON.stringify(result.error))
    return result.ok
  }

  async function retry({ id }: Task): Promise<boolean> {
    return took(await core.tasks.retry(id, random.pick(['step', 'start'])))
  }

  async function act(what: Act, all: readonly Project[], tasks: readonly Task[]): Promise<boolean> {
    const some = (...states: string[]): Task | undefined => {
      const found = tasks.filter((task) => states.includes(task.state))
      return found.length === 0 ? undefined : random.pick(found)
    }
    switch (what) {
      case 'cancel': {
        const task = some(...OPEN)
        return task === undefined || took(await core.tasks.cancel(task.id))
      }
      case 'undo': {
        const task = some('succeeded')
        // Where all is paused nothing will ever have succeeded.
        if (task === undefined) await makeUp(all, tasks)
        return task !== undefined && took(await core.tasks.undo(task.id))
      }
      case 'retry': {
        const task = some('failed', 'cancelled')
        return task === undefined || retry(task)
      }
      case 'hold': {
        const task = some('pending', 'ready', 'running')
        return task === undefined || took(await core.tasks.pause(task.id))
      }
      case 'at_once': {
        const task = some(...OPEN)
        return task === undefined || took(await core.tasks.atOnce(task.id))
      }
      case 'pause':
        took(await core.projects.pause(random.pick(all).id))
        return true
      case 'pause_all':
        took(await core.system.pauseAll())
        return true
      case 'lock': {
        const lock = await core.locks.acquire({ ...LOCK, owner: OWNER })
        // One that a dead core had given is still there: it is gone on with.
        const id = lock.ok ? lock.value.id : core.locks.list().find(({ owner }) => owner === OWNER)?.id
        return id !== undefined && took(await core.locks.extend(id, OWNER, LOCK.ttl_ms))
      }
    }
  }

  /** Lets everything go on that was held up, and done again what was taken back. Answers whether nothing was left to do. */
  async function makeUp(all: readonly Project[], tasks: readonly Task[]): Promise<boolean> {
    const todo: Promise<unknown>[] = []
    if (core.system.status().paused) todo.push(core.system.resumeAll().then(took))
    for (const { id, state } of all) if (state === 'paused') todo.push(core.projects.resume(id).then(took))
    for (const task of tasks) {
      if (['failed', 'cancelled'].includes(task.state)) todo.push(retry(task))
      else if (task.held && OPEN.includes(task.state)) todo.push(core.tasks.resume(task.id).then(took))
    }
    for (const { id, owner } of core.locks.list())
      if (owner === OWNER) todo.push(core.locks.release(id, owner).then(took))
    await Promise.all(todo)
    return todo.length === 0
  }

  return {
    async meddle(all, steered) {
      const page = core.projects.tasks(steered.id, { limit: 100 })
      const tasks = page.ok ? page.value.items : []
      const [next] = left
      if (next === undefined) isContent = await makeUp(all, tasks)
      else if (random.chance(0.1) && (await act(next, all, tasks))) left.shift()
    },
    isContent: () => isContent,
  }
}
