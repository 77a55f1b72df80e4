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
  /** Its events behind a sequence number, oldest first. */
  after(sequence: number): RunEvent[]
}

const ENDED: readonly (RunState | undefined)[] = ['succeeded', 'failed', 'cancelled', undefined]

/**
 * The events of a run behind `sequence`, then those that come, then its end (G6). Pushed: a change wakes the reader, which
 * takes from the log what it has not had, so there is no gap, no repeat, and nothing is kept in memory for a reader that is
 * slow. Ends after `done`, when `signal` aborts, or without `done` where the run was deleted.
 *
 * @param sequence the last one that the reader has; -1 for none
 */
export async function* streamRun(
  log: Pick<EventLog, 'onEvent' | 'onBeat'>,
  source: RunSource,
  sequence: number,
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
    const ofProject = event.type === 'project.state' || event.type === 'project.changed'
    if (event.run_id === source.run_id || (ofProject && event.project_id === source.project_id)) onChange()
  })
  const onBeat = (): void => {
    beats = true
    wake()
  }
  const offBeat = log.onBeat(onBeat)
  const heartbeat = setInterval(onBeat, heartbeatMs)
  const onAbort = (): void => wake()
  signal.addEventListener('abort', onAbort, { once: true })
  let seen = sequence

  try {
    while (!signal.aborted) {
      if (changed) {
        changed = false
        // Before the events: those of a run that has ended are all written.
        const state = source.state()
        for (const event of source.after(seen)) {
          seen = event.sequence
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
