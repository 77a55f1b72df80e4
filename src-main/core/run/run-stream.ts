import type { RunEvent, RunStreamItem } from '#contract/run.ts'
import type { RunState } from '#contract/states.ts'
import { toTimestamp } from '#contract/time.ts'
import type { EventLog } from '../event/event-log.ts'

/** What a stream of one run reads. */
export interface RunSource {
  readonly run_id: string
  readonly project_id: string
  /** How the run stands; undefined where it was deleted. */
  state(): RunState | undefined
  /** Its events behind a number in the log, oldest first, each with its own. */
  after(seen: number): { readonly seq: number; readonly event: RunEvent }[]
}

const ENDED: readonly (RunState | undefined)[] = ['succeeded', 'failed', 'cancelled', undefined]

/**
 * The events of a run behind `from`, then those that come, then its end (G6). Pushed: a change wakes the reader, which
 * takes from the log what it has not had, so there is no gap, no repeat, and nothing is kept in memory for a reader that is
 * slow. Ends after `done`, when `signal` aborts, or without `done` where the run was deleted.
 *
 * @param from the number in the log of the last one that the reader has; 0 for none
 */
export async function* streamRun(
  log: Pick<EventLog, 'onEvent' | 'onBeat'>,
  source: RunSource,
  from: number,
  heartbeatMs: number,
  signal: AbortSignal,
): AsyncGenerator<RunStreamItem, void, undefined> {
  let changed = true
  let beats = false
  let wake: () => void = () => undefined
  const onChange = (): void => {
    changed = true
    wake()
  }
  const offEvent = log.onEvent((event) => {
    const ofRun = event.run_id === source.run_id && (event.type === 'run.phase' || event.type === 'run.state')
    // Cancelling a project, or deleting it, ends runs of it that only wait without a word of their own.
    const ofProject = event.type === 'project.state' || event.type === 'project.changed'
    if (ofRun || (ofProject && event.project_id === source.project_id)) onChange()
  })
  const onBeat = (): void => {
    beats = true
    wake()
  }
  const offBeat = log.onBeat(onBeat)
  const heartbeat = setInterval(onBeat, heartbeatMs)
  const onAbort = (): void => wake()
  signal.addEventListener('abort', onAbort, { once: true })
  let seen = from

  try {
    while (!signal.aborted) {
      if (changed) {
        changed = false
        // Before the events: those of a run that has ended are all written.
        const state = source.state()
        for (const { seq, event } of source.after(seen)) {
          seen = seq
          yield { kind: 'run_event', event }
          if (signal.aborted) return
        }
        if (state === undefined) return
        if (ENDED.includes(state)) {
          yield { kind: 'done', status: state }
          return
        }
      }
      if (beats) {
        beats = false
        yield { kind: 'heartbeat', ts: toTimestamp(Date.now()) }
        continue
      }
      await new Promise<void>((resolve) => {
        wake = resolve
        if (changed || beats || signal.aborted) resolve()
      })
    }
  } finally {
    clearInterval(heartbeat)
    offBeat()
    signal.removeEventListener('abort', onAbort)
    offEvent()
  }
}
