import type { Project } from '#contract/project.ts'
import { passes } from '#contract/waiting.ts'

/**
 * Whether a person can let a project that waits go on. An answer is given in the inbox; what a provider, a lock or a batch
 * holds back comes by itself, and not sooner for being asked.
 */
export function canGoOn({ state, waiting_on }: Pick<Project, 'state' | 'waiting_on'>): boolean {
  return state === 'waiting' && waiting_on !== 'approval' && !passes(waiting_on)
}
