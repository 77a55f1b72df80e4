import type { Project } from '#contract/project.ts'
import type { Api } from '../baton-client.ts'

/** Sets a project going again where it stands still; one that moves, or has ended, is left alone. */
export async function setGoing(api: Api, project: Project): Promise<void> {
  if (project.state === 'paused') await api.projects.resume({ id: project.id })
  else if (project.state === 'waiting') await api.projects.start({ id: project.id })
}
