import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Setup } from '#contract/setup.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { useModelPulls, useSetup } from '../client/queries.ts'

const ASK_AGAIN_MS = 4_000

/**
 * What this machine offers, looked for anew when something of it has changed: Ollama and ComfyUI, where they are missing, are
 * asked every few seconds while the page is looked at. `isAllowed`: for an admin; nobody else is told of the machine.
 */
export function useLiveSetup(isAllowed: boolean) {
  const client = useClient()
  const queries = useQueryClient()
  const setup = useSetup(isAllowed)
  const absent = setup.data === undefined ? [] : absentServers(setup.data)
  const came = useQuery({
    queryKey: [...keys.setup, 'watch', absent.join()],
    queryFn: async () => {
      const asked = await Promise.all(absent.map((name) => client.services.check({ name })))
      return asked.some(({ state }) => state === 'healthy' || state === 'degraded')
    },
    enabled: absent.length > 0,
    refetchInterval: ASK_AGAIN_MS,
    staleTime: 0,
  })
  const hasCome = came.data === true
  const ended = useModelPulls().data?.filter(({ state }) => state !== 'running').length ?? 0
  const look = setup.refetch
  useEffect(() => {
    if (!hasCome && ended === 0) return
    void look()
    for (const queryKey of [keys.models, keys.services, keys.status]) void queries.invalidateQueries({ queryKey })
  }, [hasCome, ended, look, queries])
  return setup
}

function absentServers({ items }: Setup): string[] {
  return items
    .filter(({ name, state }) => state === 'missing' && (name === 'ollama' || name === 'comfyui'))
    .map(({ name }) => name)
}
