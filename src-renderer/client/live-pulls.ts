import type { QueryClient } from '@tanstack/react-query'
import type { ModelPull } from '#contract/model.ts'
import { keys } from './keys.ts'

/** Puts the last word on a pull among those that are known; one that has come changes which models there are. */
export function notePull(queries: QueryClient, pull: ModelPull): void {
  queries.setQueryData<readonly ModelPull[]>(
    keys.modelPulls,
    (pulls) => pulls && [pull, ...pulls.filter((other) => other.model !== pull.model)],
  )
  if (pull.state === 'running') return
  void queries.invalidateQueries({ queryKey: keys.models })
  void queries.invalidateQueries({ queryKey: keys.services })
}
