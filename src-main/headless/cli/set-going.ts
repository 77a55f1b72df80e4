import type { Project } from '#contract/project.ts'
import type { Api } from '../baton-client.ts'

/** Sets a project going again; one that has ended, or that a person has yet to decide on, is left alone. */
export async function setGoing(api: Api, project: Project): Promise<void> {
  if (project.state === 'draft' && project.plan_id === null) await api.projects.plan({ id: project.id })
  else if (project.state === 'paused') await api.projects.resume({ id: project.id })
  else if (project.state === 'waiting' || project.state === 'executing') await api.projects.start({ id: project.id })
}
