import type { RunEnd } from '../run/outcome.ts'
import type { SoftStop } from '../run/run-control.ts'

/** What an engine needs to carry a run out. Plain data, so that another engine can sit behind a queue one day. */
export interface RunSpec {
  readonly run_id: number
  /** Time limit of the run in ms. */
  readonly timeout_ms: number
}

export type ReportRun = (runId: number, end: RunEnd) => void

/** Carries runs out. The executor decides which and when; an engine neither claims tasks nor changes their state. */
export interface Engine {
  submit(spec: RunSpec): void
  /** Breaks a run off; its outcome is reported all the same. */
  cancel(runId: number, why: 'cancel' | 'shutdown'): void
  /** Asks a run to stop at its next step. */
  stopSoon(runId: number, why: SoftStop): void
  /** The one listener for ends. Every submitted run is reported exactly once. */
  observe(listener: ReportRun): void
}
