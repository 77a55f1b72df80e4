import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ModelProfile, type ModelProfileStatus, modelProfile } from '#contract/model.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { toastFault } from '../parts/toast.tsx'

/** Stores and removes model profiles. */
export function useModelChanges() {
  const client = useClient()
  const queries = useQueryClient()
  const reread = () => queries.invalidateQueries({ queryKey: keys.models })
  return {
    put: useMutation({
      mutationFn: (profile: ModelProfile) => client.models.put(profile),
      // A switch must answer at once; what is true is read afterwards either way.
      onMutate: (profile) =>
        queries.setQueryData<ModelProfileStatus[]>(keys.models, (models) =>
          models?.map((model) => (model.name === profile.name ? { ...model, ...profile } : model)),
        ),
      onError: toastFault,
      onSettled: reread,
    }),
    remove: useMutation({
      mutationFn: (name: string) => client.models.remove({ name }),
      onError: toastFault,
      onSettled: reread,
    }),
  }
}

/** The part of a profile that can be stored. */
export function profileOf({
  paid: _paid,
  available: _available,
  reason: _reason,
  ...profile
}: ModelProfileStatus): ModelProfile {
  return profile
}

/** A profile to begin with, when one is added by hand. */
export function newProfile(): ModelProfile {
  return {
    ...modelProfile.parse({ name: 'new', display_name: 'new', provider: 'ollama', model: 'new', tiers: ['local'] }),
    name: '',
    display_name: '',
    model: '',
  }
}
