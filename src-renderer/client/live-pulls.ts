import type { QueryClient } from '@tanstack/react-query'
import type { ModelPull } from '#contract/model.ts'
import { keys } from './keys.ts'

/**
 * Puts a word on a pull among those that are known; one that has ended changes which models there are. The answer to
 * "pull this" may come after the stream has told how that pull ended, so an end is never taken back.
 */
export function notePull(queries: QueryClient, pull: ModelPull): void {
  queries.setQueryData<readonly ModelPull[]>(keys.modelPulls, (pulls) => {
    if (pulls === undefined) return undefined
    if (pulls.some((known) => isEndOf(known, pull))) return pulls
    return [pull, ...pulls.filter((other) => other.model !== pull.model)]
  })
  // A list that is being read for the first time may have been read before this word.
  if (queries.getQueryData(keys.modelPulls) === undefined) {
    void queries.invalidateQueries({ queryKey: keys.modelPulls })
  }
  if (pull.state === 'running') return
  void queries.invalidateQueries({ queryKey: keys.models })
  void queries.invalidateQueries({ queryKey: keys.services })
}

function isEndOf(known: ModelPull, pull: ModelPull): boolean {
  return (
    known.state !== 'running' &&
    pull.state === 'running' &&
    known.model === pull.model &&
    known.started_at === pull.started_at
  )
}
