import { create } from 'zustand'
import type { ToolProgress, TransientEvent } from '#contract/stream-item.ts'

export type ProgressEvent = Extract<TransientEvent, { type: 'run.progress' }>

/** How far a run's tool call is, with the last picture that came. */
export interface LiveProgress {
  readonly tool: string
  readonly progress: ToolProgress
}

const MAX_RUNS = 64

interface LiveProgressStore {
  readonly runs: Readonly<Record<string, LiveProgress>>
}

/** Progress by run id. It is never stored by Baton. */
export const useLiveProgresses = create<LiveProgressStore>(() => ({ runs: {} }))

/** Progress of one run's tool call; undefined where none is under way. */
export function useLiveProgress(runId: string | null): LiveProgress | undefined {
  return useLiveProgresses((store) => (runId === null ? undefined : store.runs[runId]))
}

/** `ended`: runs in which a call has ended before `events`, so that what it showed is over. */
export function addProgress(events: readonly ProgressEvent[], ended: readonly string[]): void {
  if (events.length === 0 && ended.length === 0) return
  useLiveProgresses.setState(({ runs }) => {
    const isOver = ended.some((runId) => runs[runId] !== undefined)
    const left = isOver ? Object.fromEntries(Object.entries(runs).filter(([runId]) => !ended.includes(runId))) : runs
    return { runs: withProgress(left, events) }
  })
}

export function clearLiveProgress(): void {
  useLiveProgresses.setState({ runs: {} })
}

/** The last word on each run; a picture stays until there is a newer one of the same call. */
export function withProgress(
  runs: Readonly<Record<string, LiveProgress>>,
  events: readonly ProgressEvent[],
): Readonly<Record<string, LiveProgress>> {
  const next = new Map(Object.entries(runs))
  for (const { run_id, tool, progress } of events) {
    const before = next.get(run_id)
    const isNew = progress.state === 'queued' || before?.tool !== tool
    const preview = progress.preview ?? (isNew ? null : (before?.progress.preview ?? null))
    next.delete(run_id)
    next.set(run_id, { tool, progress: { ...progress, preview } })
  }
  for (const runId of next.keys()) {
    if (next.size <= MAX_RUNS) break
    next.delete(runId)
  }
  return Object.fromEntries(next)
}
