import { QueryClient } from '@tanstack/react-query'
import { expect, onTestFinished, test } from 'vitest'
import type { Connection } from './client.ts'
import { followEvents } from './events.ts'
import { keys } from './keys.ts'
import { readAhead, statusQuery } from './queries.ts'

const PROJECT = 'prj_1'

/** A project whose task ends at the moment the status is answered, when the last event is `e-11`. */
function open(queries: QueryClient) {
  let state = 'running'
  const asked: string[] = []
  const streams: string[] = []
  const client = {
    projects: {
      get: async () => ({ id: PROJECT, reason: '' }),
      tasks: async () => {
        asked.push('tasks')
        return { items: [{ id: 'tsk_1', state, reason: '' }], next_cursor: null }
      },
    },
    approvals: {
      list: async () => {
        asked.push('approvals')
        return state
      },
    },
    system: {
      status: async () => {
        asked.push('status')
        await expect.poll(() => queries.getQueryData(keys.approvals)).toBe('running')
        state = 'succeeded'
        return { last_event_id: 'e-11' }
      },
    },
    events: {
      stream: async ({ after }: { after: string }) => {
        streams.push(after)
        // A stream in which nothing happens any more.
        return (async function* () {
          await new Promise(() => {})
        })()
      },
    },
  }
  return { asked, streams, connection: { kind: 'port', client } as unknown as Connection, client }
}

test('U1 what is read before the stream of events has a beginning is read once more, what is read ahead only after it', async () => {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
  const { asked, streams, connection, client } = open(queries)
  const left = new AbortController()
  onTestFinished(() => left.abort())
  const status = queries.fetchQuery(statusQuery(connection.client))
  // The frame asks as soon as it stands.
  await queries.fetchQuery({ queryKey: keys.approvals, queryFn: client.approvals.list })
  void followEvents(connection, queries, left.signal, {
    status,
    onKnown: () => readAhead({ page: 'project', projectId: PROJECT, taskId: null }, connection.client, queries),
  })
  await expect.poll(() => queries.getQueryData(keys.tasks(PROJECT))).toMatchObject([{ state: 'succeeded' }])
  await expect.poll(() => queries.getQueryState(keys.approvals)?.isInvalidated).toBe(true)
  expect(queries.getQueryState(keys.tasks(PROJECT))?.isInvalidated).toBe(false)
  expect(asked).toEqual(['status', 'approvals', 'tasks'])
  expect(streams).toEqual(['e-11'])
})
