import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EventData, EventType, StoredEvent } from '#contract/event.ts'
import type { Project } from '#contract/project.ts'
import type { Notice } from './notice.ts'
import { createNotices } from './notices.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

let seq = 0
function event<T extends EventType>(type: T, data: EventData<T>, task_id: string | null = null): StoredEvent {
  seq++
  const ids = { project_id: type.startsWith('backup') ? null : 'prj_1', task_id, run_id: null }
  return { v: 1, id: `a-${seq}`, seq, ts: '2026-11-21T00:00:00.000Z', type, ...ids, data } as StoredEvent
}

function project(change: Partial<Project>): Project {
  const usual = { id: 'prj_1', name: 'Birds', state: 'executing', reason: '', waiting_on: null, spent_micros: 0 }
  return { ...usual, task_counts: { succeeded: 0 }, ...change } as Project
}

/** A window that is (not) looked at, on a project that is as a test says. */
function bench() {
  const shown: Notice[] = []
  const now = { project: project({}) as Project | null, open: 0, looksAt: '', unwanted: '' }
  const notices = createNotices({
    view: { project: () => now.project, openApprovals: () => now.open },
    wants: (kind) => kind !== now.unwanted,
    isLookedAt: (place) => place === now.looksAt,
    show: (notice) => shown.push(notice),
  })
  return { shown, now, notices }
}

const taskFailed = (id: string, reason = 'Its tests fail.') =>
  event('task.state', { state: 'failed', waiting_on: null, reason }, id)
const projectIs = (state: Project['state'], reason = '') => event('project.state', { state, reason })
const asked = () => event('approval.state', { approval_id: 'apr_1', tool: 'run_command', state: 'open' })

test('U4 a project that is done, fails, or needs a person is told, and leads there', () => {
  const { shown, now, notices } = bench()
  const steps: [Partial<Project>, StoredEvent, Partial<Notice>][] = [
    [
      { state: 'awaiting_approval' },
      projectIs('awaiting_approval'),
      { kind: 'needs_you', title: 'Birds needs you', place: '/projects/prj_1/plan' },
    ],
    [
      { state: 'waiting', waiting_on: 'resource', reason: 'Ollama is down.' },
      projectIs('waiting'),
      { kind: 'needs_you', body: 'Ollama is down.', place: '/projects/prj_1' },
    ],
    [
      { state: 'failed', reason: 'Two tasks failed.' },
      projectIs('failed'),
      { kind: 'failure', title: 'Birds failed', body: 'Two tasks failed.', place: '/projects/prj_1' },
    ],
    [
      { state: 'succeeded', spent_micros: 1_250_000, task_counts: { succeeded: 3 } as Project['task_counts'] },
      projectIs('succeeded'),
      { kind: 'done', title: 'Birds is done', body: '3 tasks, $1.25.', place: '/projects/prj_1' },
    ],
  ]
  for (const [change, happened, told] of steps) {
    now.project = project(change)
    notices.take(happened)
    vi.runAllTimers()
    notices.looked()
    expect(shown.at(-1)).toMatchObject(told)
  }
  expect(shown).toHaveLength(steps.length)
})

test('U4 questions of one project are told together and lead to the inbox; what was answered meanwhile is not told', () => {
  const { shown, now, notices } = bench()
  now.open = 3
  for (let n = 0; n < 3; n++) notices.take(asked())
  vi.runAllTimers()
  expect(shown).toMatchObject([
    { title: 'Birds needs you', body: '3 questions wait for your answer.', place: '/inbox' },
  ])
  notices.looked()
  notices.take(asked())
  now.open = 0
  vi.runAllTimers()
  expect(shown).toHaveLength(1)
})

test('U4 a stop by the budget is told as that, and not also as a wait', () => {
  const { shown, now, notices } = bench()
  now.project = project({ state: 'waiting', waiting_on: 'budget', reason: 'The budget of today is used up.' })
  const figures = { used_micros: 4_900_000, limit_micros: 5_000_000 }
  notices.take(event('budget.warning', { scope: 'day:2026-11-21', ...figures }))
  notices.take(event('budget.stopped', { scope: 'day:2026-11-21', ...figures, wanted_micros: 400_000 }))
  notices.take(projectIs('waiting'))
  vi.runAllTimers()
  expect(shown).toMatchObject([{ kind: 'budget', title: 'The budget stops Birds', place: '/projects/prj_1' }])
  notices.take(event('budget.warning', { scope: 'month:2026-11', ...figures }))
  vi.runAllTimers()
  expect(shown.at(-1)).toMatchObject({ title: 'This month: most of the budget is used', place: '/usage' })
})

test('U4 a failed backup is told', () => {
  const { shown, now, notices } = bench()
  now.project = null
  notices.take(event('backup.failed', { reason: 'The disk is full.' }))
  vi.runAllTimers()
  expect(shown).toMatchObject([{ kind: 'failure', title: 'The backup failed', body: 'The disk is full.' }])
})

test('U4 a night of 300 tasks that fail makes no storm: each telling takes the place of the last, and they thin out', () => {
  const { shown, notices } = bench()
  for (let n = 1; n <= 300; n++) {
    notices.take(taskFailed(`tsk_${n}`))
    vi.advanceTimersByTime(96_000)
  }
  vi.runAllTimers()
  // Eight hours: after 0, 1, 3, 7, 15, 31 and 63 minutes, then once an hour.
  expect(shown.length).toBeGreaterThan(7)
  expect(shown.length).toBeLessThan(16)
  expect(new Set(shown.map(({ key }) => key)).size).toBe(1)
  expect(shown[0]).toMatchObject({ title: '1 task of Birds failed', place: '/projects/prj_1/tasks/tsk_1' })
  expect(shown.at(-1)?.title).toMatch(/^\d+ tasks of Birds failed$/)
})

test('U4 300 tasks that fail at once are one notice, and none where the project itself fails with them', () => {
  const { shown, now, notices } = bench()
  for (let n = 1; n <= 300; n++) notices.take(taskFailed(`tsk_${n}`))
  now.project = project({ state: 'failed', reason: '300 tasks failed.' })
  notices.take(projectIs('failed'))
  vi.runAllTimers()
  expect(shown).toMatchObject([{ title: 'Birds failed', body: '300 tasks failed.' }])
})

test('U4 what somebody looks at, or does not want to be told, is not told', () => {
  const { shown, now, notices } = bench()
  now.project = project({ state: 'succeeded' })
  now.looksAt = '/projects/prj_1'
  notices.take(projectIs('succeeded'))
  vi.runAllTimers()
  now.looksAt = '/inbox'
  now.unwanted = 'done'
  notices.take(projectIs('succeeded'))
  vi.runAllTimers()
  expect(shown).toEqual([])
  now.unwanted = 'failure'
  notices.take(projectIs('succeeded'))
  vi.runAllTimers()
  expect(shown).toHaveLength(1)
})

test('U4 projects that failed count until somebody looks, or they go on', () => {
  const { notices } = bench()
  notices.take(projectIs('failed'))
  expect(notices.failures()).toBe(1)
  notices.take(projectIs('executing'))
  expect(notices.failures()).toBe(0)
  notices.take(projectIs('failed'))
  notices.looked()
  expect(notices.failures()).toBe(0)
})

test('U4 nothing is told after the end', () => {
  const { shown, notices } = bench()
  notices.take(taskFailed('tsk_1'))
  notices.close()
  vi.runAllTimers()
  expect(shown).toEqual([])
})
