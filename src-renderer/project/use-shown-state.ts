import type { Project } from '#contract/project.ts'
import type { ProjectState } from '#contract/states.ts'
import { useStatus } from '../client/queries.ts'

/** The state in which a project is shown: one that would run while everything is paused, and has nothing under way, is paused too. */
export function useShownState(): (project: Pick<Project, 'state' | 'task_counts'>) => ProjectState {
  const isPaused = useStatus().data?.paused === true
  return ({ state, task_counts }) => (isPaused && state === 'executing' && task_counts.running === 0 ? 'paused' : state)
}
