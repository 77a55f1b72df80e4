import { type Ending, failedRun, suspendedRun } from './outcome.ts'

/** Why a run is asked to stop at its next step. */
export type SoftStop = 'pause' | 'shutdown'
/** Why a run is broken off in the middle of a step. */
export type HardStop = 'cancel' | 'timeout' | 'shutdown'

const STOPPED = 'Baton was stopped; it goes on at the next start.'

/** How a run is steered from outside: soft stops wait for the step to end, hard ones abort it. */
export class RunControl {
  readonly #controller = new AbortController()
  #soft: SoftStop | null = null
  #hard: HardStop | null = null

  /** Its reason is the hard stop. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  stopSoon(why: SoftStop): void {
    this.#soft ??= why
  }

  abort(why: HardStop): void {
    if (this.#hard !== null) return
    this.#hard = why
    this.#controller.abort(why)
  }

  /** To be asked before each step: how the run ends here, or null to go on. */
  end(): Ending['outcome'] | null {
    switch (this.#hard) {
      case 'cancel':
        return { kind: 'cancelled', reason: 'Cancelled by you.' }
      case 'timeout':
        return failedRun('It took longer than the time limit of a task. Raise the limit, or split the task.').outcome
      case 'shutdown':
        return suspendedRun(null, STOPPED).outcome
      case null:
        break
    }
    if (this.#soft === 'pause') return suspendedRun(null, 'Paused by you.').outcome
    if (this.#soft === 'shutdown') return suspendedRun(null, STOPPED).outcome
    return null
  }
}
