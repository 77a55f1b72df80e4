import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import type { Task } from '#contract/task.ts'
import { createEventFeed } from './event-feed.ts'
import { keys } from './keys.ts'
import { clearLiveProgress, useLiveProgresses } from './live-progress.ts'

const PROJECT = 'prj_1'

test('U1 what was read before an event is read once more when its answer has come', async () => {
  const answers: ((value: string) => void)[] = []
  const queries = new QueryClient()
  const observer = new QueryObserver(queries, {
    queryKey: keys.project(PROJECT),
    queryFn: () => new Promise<string>((resolve) => answers.push(resolve)),
  })
  const stop = observer.subscribe(() => {})
  const feed = createEventFeed(queries, () => Promise.reject(new Error('No task is asked for')))
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
    await expect.poll(() => queries.getQueryState(keys.project(PROJECT))?.isInvalidated).toBe(true)
    answers[0]?.('before the event')
    await expect.poll(() => answers).toHaveLength(2)
    answers[1]?.('after the event')
    await expect.poll(() => queries.getQueryData(keys.project(PROJECT))).toBe('after the event')
  } finally {
    feed.close()
    stop()
  }
})

test('U5 of ten thousand tasks only those that changed are read again', async () => {
  const queries = new QueryClient()
  const tasks = Array.from({ length: 10_000 }, (_, index) => ({ id: `tsk_${index}`, output: '' }) as Task)
  let lists = 0
  const observer = new QueryObserver<readonly Task[]>(queries, {
    queryKey: keys.tasks(PROJECT),
    queryFn: () => {
      lists += 1
      return Promise.resolve(tasks)
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
  const stop = observer.subscribe(() => {})
  const asked: string[] = []
  const feed = createEventFeed(queries, (_, ids) => {
    asked.push(...ids)
    return Promise.resolve(ids.map((id) => ({ id, output: 'Done.' }) as Task))
  })
  try {
    await expect.poll(() => observer.getCurrentResult().data).toHaveLength(10_000)
    for (const index of [7, 4_711, 7]) {
      feed.add({
        kind: 'event',
        event: {
          v: 1,
          id: `1-${index}`,
          seq: index,
          ts: '2026-11-21T06:00:00.000Z',
          type: 'task.state',
          project_id: PROJECT,
          task_id: `tsk_${index}`,
          run_id: null,
          data: { state: 'succeeded', waiting_on: null, reason: '' },
        },
      })
    }
    const now = () => observer.getCurrentResult().data ?? []
    await expect.poll(() => now()[4_711]?.output).toBe('Done.')
    expect(now()[7]?.output).toBe('Done.')
    expect(asked).toEqual(['tsk_7', 'tsk_4711'])
    expect(now()[8]).toBe(tasks[8])
    expect(lists).toBe(1)
  } finally {
    feed.close()
    stop()
  }
})

test("U1 progress of a run's next call shows at once, though the end of the call before has just come", async () => {
  const queries = new QueryClient()
  queries.setQueryData(keys.budget, 'before')
  const feed = createEventFeed(queries, () => Promise.reject(new Error('No task is asked for')))
  const shown = () => useLiveProgresses.getState().runs['run_1']?.tool
  const step = (tool: string) =>
    feed.add({
      kind: 'delta',
      delta: {
        type: 'run.progress',
        project_id: PROJECT,
        task_id: 'tsk_1',
        run_id: 'run_1',
        tool,
        progress: { state: 'running', ahead: 0, value: 1, max: 4, label: '', preview: null },
      },
    })
  const seen: (string | undefined)[] = []
  const stop = useLiveProgresses.subscribe(() => seen.push(shown()))
  try {
    step('first_tool')
    await expect.poll(() => shown()).toBe('first_tool')
    feed.add({
      kind: 'event',
      event: {
        v: 1,
        id: '1-1',
        seq: 1,
        ts: '2026-11-21T06:00:00.000Z',
        type: 'step.state',
        project_id: PROJECT,
        task_id: 'tsk_1',
        run_id: 'run_1',
        data: { step_id: 'stp_1', kind: 'tool', name: 'first_tool', state: 'done', summary: '', cost_micros: 0 },
      },
    })
    step('second_tool')
    await expect.poll(() => shown()).toBe('second_tool')
    // The event is applied later than what streams; that must not end the second call.
    await expect.poll(() => queries.getQueryState(keys.budget)?.isInvalidated).toBe(true)
    expect(shown() === 'second_tool' && seen.every((tool) => tool !== undefined)).toBe(true)
  } finally {
    feed.close()
    stop()
    clearLiveProgress()
  }
})
