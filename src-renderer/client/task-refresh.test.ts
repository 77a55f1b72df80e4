import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Task } from '#contract/task.ts'
import { keys } from './keys.ts'
import { createTaskRefresh } from './task-refresh.ts'

const PROJECT = 'prj_1'

/** A long list that is shown, and tasks whose answers are held back until the test gives them. */
async function longList() {
  const queries = new QueryClient()
  const lists: ((tasks: readonly Task[]) => void)[] = []
  const observer = new QueryObserver<readonly Task[]>(queries, {
    queryKey: keys.tasks(PROJECT),
    queryFn: () => new Promise((resolve) => lists.push(resolve)),
    staleTime: Number.POSITIVE_INFINITY,
  })
  onTestFinished(observer.subscribe(() => {}))
  await vi.waitFor(() => expect(lists).toHaveLength(1))
  const tasks = Array.from({ length: 300 }, (_, index) => ({ id: `tsk_${index}`, output: '' }) as Task)
  lists[0]?.(tasks)
  await vi.waitFor(() => expect(observer.getCurrentResult().data).toHaveLength(300))
  const asked: { id: string; answer(output: string): void }[] = []
  const refresh = createTaskRefresh(
    queries,
    (id) => new Promise((resolve) => asked.push({ id, answer: (output) => resolve({ id, output } as Task) })),
  )
  onTestFinished(refresh.close)
  const output = (index: number) => observer.getCurrentResult().data?.[index]?.output
  return { queries, lists, tasks, asked, refresh, output }
}

test('U5 an older answer about a task is not put over a newer one', async () => {
  const { asked, refresh, output } = await longList()
  refresh.take(PROJECT, new Set(['tsk_1', 'tsk_7']))
  expect(refresh.run()).toBe(true)
  refresh.take(PROJECT, new Set(['tsk_1']))
  refresh.run()
  expect(asked.map(({ id }) => id)).toEqual(['tsk_1', 'tsk_7', 'tsk_1'])
  asked[2]?.answer('newer')
  await vi.waitFor(() => expect(output(1)).toBe('newer'))
  asked[0]?.answer('older')
  asked[1]?.answer('only one')
  await vi.waitFor(() => expect(output(7)).toBe('only one'))
  expect(output(1)).toBe('newer')
  await vi.waitFor(() => expect(refresh.run()).toBe(false))
})

test('U5 a task is asked for once more where the whole list was read meanwhile', async () => {
  const { queries, lists, tasks, asked, refresh, output } = await longList()
  refresh.take(PROJECT, new Set(['tsk_1']))
  refresh.run()
  void queries.invalidateQueries({ queryKey: keys.tasks(PROJECT) })
  await vi.waitFor(() => expect(lists).toHaveLength(2))
  lists[1]?.(tasks.map((task) => ({ ...task, output: 'of the list' })))
  await vi.waitFor(() => expect(output(1)).toBe('of the list'))
  asked[0]?.answer('before the list')
  await vi.waitFor(() => {
    refresh.run()
    expect(asked).toHaveLength(2)
  })
  expect(output(1)).toBe('of the list')
  asked[1]?.answer('after the list')
  await vi.waitFor(() => expect(output(1)).toBe('after the list'))
})
