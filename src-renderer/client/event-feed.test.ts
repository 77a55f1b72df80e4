import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'
import { createEventFeed } from './event-feed.ts'
import { keys } from './keys.ts'

const PROJECT = 'prj_1'

test('U1 what was read before an event is read once more when its answer has come', async () => {
  const answers: ((value: string) => void)[] = []
  const queries = new QueryClient()
  const observer = new QueryObserver(queries, {
    queryKey: keys.project(PROJECT),
    queryFn: () => new Promise<string>((resolve) => answers.push(resolve)),
  })
  const stop = observer.subscribe(() => {})
  const feed = createEventFeed(queries)
  feed.add({
    kind: 'event',
    event: {
      v: 1,
      id: '1-1',
      seq: 1,
      ts: '2026-11-21T06:00:00.000Z',
      type: 'project.state',
      project_id: PROJECT,
      task_id: null,
      run_id: null,
      data: { state: 'executing', reason: '' },
    },
  })
  try {
    // The first answer is held back until the feed has asked for what the event changed.
    await vi.waitFor(() => expect(queries.getQueryState(keys.project(PROJECT))?.isInvalidated).toBe(true))
    answers[0]?.('before the event')
    await vi.waitFor(() => expect(answers).toHaveLength(2), { timeout: 5_000 })
    answers[1]?.('after the event')
    await vi.waitFor(() => expect(queries.getQueryData(keys.project(PROJECT))).toBe('after the event'))
  } finally {
    feed.close()
    stop()
  }
})
