import { expect, test } from 'vitest'
import { type TaskState, taskState } from '#contract/states.ts'
import { progressOf } from './project-progress.ts'
import { projectTexts } from './texts.ts'

const none = Object.fromEntries(taskState.options.map((state) => [state, 0])) as Record<TaskState, number>

test('U2 what was skipped is told beside what is done, everywhere', () => {
  const counts = { ...none, succeeded: 2, skipped: 1, blocked: 1, failed: 1, pending: 3 }
  const progress = progressOf({ task_counts: counts })
  expect(progress).toEqual({ total: 8, done: 2, skipped: 1, running: 0, failed: 2 })
  expect(projectTexts.progress(progress)).toBe('2 of 8 done, 1 skipped')
  expect(projectTexts.progress({ ...progress, skipped: 0 })).toBe('2 of 8 done')
})
