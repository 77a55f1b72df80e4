import type { Phase, TaskState } from '#contract/states.ts'
import { phase } from '#contract/states.ts'
import type { Task } from '#contract/task.ts'
import { stateTexts } from '../texts/states.ts'
import { taskTexts } from './texts.ts'
import { PHASE_WORDS } from './words.ts'

/** Whether a task waits for a decision of a person. */
export function needsYou(task: Task): boolean {
  return task.state === 'waiting' && (task.waiting_on === 'budget' || task.waiting_on === 'approval')
}

/** Whether a task stands still because a person paused it; one that runs lets its step finish first. */
export function isPaused(task: Task): boolean {
  return task.held && task.state !== 'running' && !isEnded(task.state)
}

export function isFinished(state: TaskState): boolean {
  return state === 'succeeded' || state === 'skipped'
}

export function isEnded(state: TaskState): boolean {
  return isFinished(state) || state === 'failed' || state === 'cancelled'
}

/** One line on a task: what it does now, or why it does not run; empty where its state says it all. */
export function taskLine(task: Task): string {
  if (task.state === 'running' && task.held) return taskTexts.pausing
  if (task.state === 'running') return sentenceOf(phase.safeParse(task.run_phase).data)
  if (task.held && task.reason === '') return 'Paused'
  return task.state === 'succeeded' ? '' : task.reason
}

function sentenceOf(now: Phase | undefined): string {
  if (now === undefined) return 'starting'
  return PHASE_WORDS[now]
}

/** What a screen reader says of a task on the board and in the graph. */
export function taskName(task: Task): string {
  const line = taskLine(task)
  return `${task.title}: ${needsYou(task) ? stateTexts.needs_you : stateTexts[task.state]}${line === '' ? '' : `, ${line}`}`
}

/** What is typed into a field of search, as `fits` looks for it. */
export function searchOf(typed: string): string {
  return typed.trim().toLowerCase()
}

/** Whether a task contains what is searched for (`searchOf`): in title, key, state, model or reason. */
export function fits(task: Task, search: string): boolean {
  return search === '' || searchedText(task).includes(search)
}

/** Kept, because each letter that is typed looks at all tasks. */
const searchedTexts = new WeakMap<Task, string>()

function searchedText(task: Task): string {
  const known = searchedTexts.get(task)
  if (known !== undefined) return known
  const text = [task.title, task.key, stateTexts[task.state], task.profile ?? '', task.reason].join('\n').toLowerCase()
  searchedTexts.set(task, text)
  return text
}

/** The colour of a task in the small map. */
export function taskColour(task: Task): string {
  if (needsYou(task)) return 'var(--color-needs)'
  if (task.state === 'failed' || task.state === 'blocked') return 'var(--color-bad)'
  if (task.state === 'running') return task.paid ? 'var(--color-paid-fill)' : 'var(--color-local-fill)'
  return isFinished(task.state) ? 'var(--color-good)' : 'var(--color-line-strong)'
}
