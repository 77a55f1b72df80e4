import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import type { ModelProfileStatus } from '#contract/model.ts'
import type { SampleProject } from '#contract/setup.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { useMe } from '../client/queries.ts'
import { toastFault } from '../parts/toast.tsx'
import { navigate } from '../route.ts'
import { storeFirstRunDone } from './first-run-done.ts'

/** The local model that the sample would go to first; null where none can be had, so that the demo model does it. */
export function sampleModel(models: readonly ModelProfileStatus[]): ModelProfileStatus | null {
  const local = models.filter(
    (model) =>
      model.available && model.enabled && !model.paid && model.provider !== 'demo' && model.tiers.includes('local'),
  )
  return local.toSorted((a, b) => a.rank - b.rank)[0] ?? null
}

/** Makes the sample project with its plan, and shows that plan: the user's click on it is what starts the work. */
export function useRunSample() {
  const client = useClient()
  const queries = useQueryClient()
  const me = useMe()
  /** A project that was made and has no plan yet, so that another click takes it instead of making one more. */
  const unfinished = useRef<{ id: string; profile: string | null } | null>(null)
  return useMutation({
    mutationFn: async ({ sample, model }: { sample: SampleProject; model: ModelProfileStatus | null }) => {
      const { requirements, document } = sample
      // Local only: whatever the routing says, it can cost nothing.
      const profile = model === null ? 'demo' : null
      if (unfinished.current?.profile !== profile) {
        const project = { requirements, name: document.title, local_only: true }
        const { id } = await client.projects.create({ ...project, ...(profile === null ? {} : { profile }) })
        unfinished.current = { id, profile }
      }
      const { id } = unfinished.current
      await client.projects.addPlan({ id, document, source: 'file' })
      unfinished.current = null
      // The sample is there: that it could not be noted is told, and holds nobody up.
      if (me.data?.scopes.includes('admin') === true) await storeFirstRunDone(client, queries).catch(toastFault)
      return id
    },
    onSuccess: (projectId) => {
      for (const queryKey of [keys.projects, keys.settings, keys.project(projectId), keys.plans(projectId)]) {
        void queries.invalidateQueries({ queryKey })
      }
      navigate({ page: 'plan', projectId })
    },
    onError: (error) => {
      toastFault(error)
      void queries.invalidateQueries({ queryKey: keys.projects })
    },
  })
}
