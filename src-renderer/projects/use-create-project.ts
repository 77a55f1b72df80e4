import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Project } from '#contract/project.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { toastFault } from '../parts/toast.tsx'
import { navigate } from '../route.ts'
import { toNewProject } from './check-draft.ts'
import { clearDraft, type NewProjectDraft } from './new-project-draft.ts'

/** Creates the project, starts its planning and opens the place where its plan will be. */
export function useCreateProject() {
  const client = useClient()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (draft: NewProjectDraft) => client.projects.create(toNewProject(draft)),
    onSuccess: async (created) => {
      clearDraft()
      let project: Project = created
      let isPlanned = true
      try {
        project = await client.projects.plan({ id: created.id })
      } catch (error) {
        // The project is there and can be planned from its own page, which also says what is missing.
        toastFault(error)
        isPlanned = false
      }
      queries.setQueryData(keys.project(project.id), project)
      // A fast planner may have ended before this answer came; then it is out of date already.
      void queries.invalidateQueries({ queryKey: keys.project(project.id) })
      void queries.invalidateQueries({ queryKey: keys.plans(project.id) })
      void queries.invalidateQueries({ queryKey: keys.projects })
      const projectId = project.id
      navigate(isPlanned ? { page: 'plan', projectId } : { page: 'project', projectId, taskId: null })
    },
  })
}
