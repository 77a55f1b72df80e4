import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, onTestFinished, test } from 'vitest'
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
  await expect.poll(() => lists).toHaveLength(1)
  const tasks = Array.from({ length: 300 }, (_, index) => ({ id: `tsk_${index}`, output: '' }) as Task)
  lists[0]?.(tasks)
  await expect.poll(() => observer.getCurrentResult().data).toHaveLength(300)
  const asked: { ids: readonly string[]; answer(output: string, of?: readonly string[]): void }[] = []
  const refresh = createTaskRefresh(
    queries,
    (_, ids) =>
      new Promise((resolve) =>
        asked.push({ ids, answer: (output, of = ids) => resolve(of.map((id) => ({ id, output }) as Task)) }),
      ),
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
  expect(asked.map(({ ids }) => ids)).toEqual([['tsk_1', 'tsk_7'], ['tsk_1']])
  asked[1]?.answer('newer')
  await expect.poll(() => output(1)).toBe('newer')
  asked[0]?.answer('older')
  await expect.poll(() => output(7)).toBe('older')
  expect(output(1)).toBe('newer')
  await expect.poll(() => refresh.run()).toBe(false)
})

test('U5 a task is asked for once more where the whole list was read meanwhile', async () => {
  const { queries, lists, tasks, asked, refresh, output } = await longList()
  refresh.take(PROJECT, new Set(['tsk_1']))
  refresh.run()
  void queries.invalidateQueries({ queryKey: keys.tasks(PROJECT) })
  await expect.poll(() => lists).toHaveLength(2)
  lists[1]?.(tasks.map((task) => ({ ...task, output: 'of the list' })))
  await expect.poll(() => output(1)).toBe('of the list')
  asked[0]?.answer('before the list')
  await expect
    .poll(() => {
      refresh.run()
      return asked
    })
    .toHaveLength(2)
  expect(output(1)).toBe('of the list')
  asked[1]?.answer('after the list')
  await expect.poll(() => output(1)).toBe('after the list')
})

test('U5 where a changed task is gone, the list is read again', async () => {
  const { lists, asked, refresh, output } = await longList()
  refresh.take(PROJECT, new Set(['tsk_1', 'tsk_7']))
  refresh.run()
  asked[0]?.answer('still there', ['tsk_7'])
  await expect.poll(() => lists).toHaveLength(2)
  lists[1]?.([{ id: 'tsk_0', output: 'of the list' } as Task])
  await expect.poll(() => output(0)).toBe('of the list')
})
