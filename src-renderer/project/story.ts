import type { Run } from '#contract/run.ts'
import type { Task } from '#contract/task.ts'
import { duration } from '../texts/figures.ts'
import { costWords, PHASE_WORDS } from './words.ts'

/** One paragraph of a task's story: an attempt, or what holds the task now. */
export type StoryPart = { attempt: number | null; sentences: string[] }

/**
 * Tells in sentences what happened to a task: one part for each attempt, oldest first, and one for what it waits for.
 * `now` is the current time in milliseconds.
 */
export function tellStory(task: Task, runs: readonly Run[], now: number): StoryPart[] {
  const attempts = [...runs]
    .sort((one, two) => one.attempt - two.attempt)
    // The task knows how far the batch is that its attempt waits for.
    .map((run) => (task.waiting_on === 'batch' && run.state === 'waiting' ? { ...run, reason: task.reason } : run))
  const parts: StoryPart[] = attempts.map((run) => ({ attempt: run.attempt, sentences: tellRun(run, now) }))
  // A waiting attempt has said already why the task waits.
  const isSaid =
    task.state === 'waiting' && attempts.at(-1)?.state === 'waiting' && attempts.at(-1)?.reason === task.reason
  const today = isSaid ? [] : tellState(task, attempts.length > 0)
  return today.length > 0 ? [...parts, { attempt: null, sentences: today }] : parts
}

function tellRun(run: Run, now: number): string[] {
  const place = run.paid ? 'paid' : 'local'
  const model = run.profile ?? 'a model that is not chosen yet'
  if (run.state === 'queued') return [`Attempt ${run.attempt} is queued for ${model} (${place}).`]
  const sentences = [`${run.state === 'running' ? 'Running' : 'Tried'} on ${model} (${place}).`]
  // The reason of a failure often repeats what was found.
  const findings = run.violations.filter((violation) => !run.reason.includes(violation))
  for (const finding of findings.slice(0, 3)) sentences.push(sentence(finding))
  if (findings.length > 3) sentences.push(`${findings.length - 3} more findings.`)
  if (run.repairs > 0) sentences.push(run.repairs === 1 ? 'Repaired once.' : `Repaired ${run.repairs} times.`)
  sentences.push(...tellOutcome(run))
  const figures = tellFigures(run, now)
  if (figures !== '') sentences.push(figures)
  return sentences
}

function tellOutcome(run: Run): string[] {
  switch (run.state) {
    case 'succeeded':
      return ['Verified.']
    case 'failed':
      return [run.reason === '' ? 'Failed.' : `Failed: ${sentence(run.reason, false)}`]
    case 'cancelled':
      return [run.reason === '' ? 'Cancelled.' : `Cancelled: ${sentence(run.reason, false)}`]
    case 'waiting':
      return [run.reason === '' ? 'Waiting.' : `Waiting: ${sentence(run.reason, false)}`]
    case 'running':
      return run.phase === null ? [] : [`Now ${PHASE_WORDS[run.phase]}.`]
    case 'queued':
      return []
  }
}

function tellFigures(run: Run, now: number): string {
  if (run.started_at === null) return ''
  const end = run.ended_at === null ? now : Date.parse(run.ended_at)
  const elapsed = duration(end - Date.parse(run.started_at))
  return `${elapsed}, ${costWords(run.cost_micros, run.paid)}.`
}

function tellState(task: Task, hasRuns: boolean): string[] {
  const reason = task.reason === '' ? [] : [sentence(task.reason)]
  switch (task.state) {
    case 'pending':
      return ['Not started.', ...(reason.length > 0 ? reason : ['It waits for the tasks it depends on.'])]
    case 'ready':
      return [...(hasRuns ? ['Queued for another attempt.'] : ['Queued.']), ...reason]
    case 'waiting':
    case 'blocked':
    case 'skipped':
    case 'cancelled':
      return reason.length > 0 ? reason : [sentence(task.state)]
    case 'failed':
    case 'running':
    case 'succeeded':
      return hasRuns ? [] : reason
  }
}

/** `text` as a sentence: a capital (unless told otherwise) and a full stop. */
function sentence(text: string, capital = true): string {
  const trimmed = text.trim()
  const first = trimmed.charAt(0)
  const start = capital ? first.toUpperCase() : first
  return `${start}${trimmed.slice(1)}${/[.!?…]$/.test(trimmed) ? '' : '.'}`
}
