import { ORPCError } from '@orpc/client'
import type { Api } from '../baton-client.ts'

type Projects = Pick<Api['projects'], 'get' | 'plan' | 'resume' | 'start'>

/**
 * Sets a project going again; one that has ended, or that a person has yet to decide on, is left alone. Another process
 * may have moved it since it was read: what it has become is then read anew, and what ended meanwhile is no fault.
 */
export async function setGoing(projects: Projects, id: string): Promise<void> {
  for (;;) {
    const { state, plan_id } = await projects.get({ id })
    try {
      if (state === 'draft' && plan_id === null) await projects.plan({ id })
      else if (state === 'paused') await projects.resume({ id })
      else if (state === 'waiting' || state === 'executing') await projects.start({ id })
      return
    } catch (fault) {
      const overtaken = fault instanceof ORPCError && fault.status === 409
      if (!overtaken || (await projects.get({ id })).state === state) throw fault
    }
  }
}
