import type { QueryClient } from '@tanstack/react-query'
import type { Client } from '../client/client.ts'
import { keys } from '../client/keys.ts'

/** Has the first run not come by itself again. Where the configuration file says whether it does, that stays. For admins. */
export async function storeFirstRunDone(client: Client, queries: QueryClient): Promise<void> {
  const fixed = await client.settings.fixed()
  if (fixed.settings.includes('first_run_done')) return
  queries.setQueryData(keys.settings, await client.settings.change({ first_run_done: true }))
}
