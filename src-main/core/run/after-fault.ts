import { later } from '../later.ts'
import { breakerLimits } from '../model/breaker.ts'
import { canHeal, isTrouble, type ModelFault } from '../model/fault.ts'
import { type StepPlace, wasLost } from './journal.ts'
import { type Ending, failedRun, suspendedRun } from './outcome.ts'
import { retryAt } from './retry.ts'
import type { RunFrame } from './run-frame.ts'

/** How often a model is asked that found no room: what was in its way is often gone a moment later. */
const MEMORY_TRIES = 3

/**
 * What becomes of a run whose model gave no answer: it waits for a person, for a moment or for another model, or it ends.
 * What the fault says of the provider goes to its board; `isTold`: its breaker knows already, as one fault may end many calls.
 */
export function afterFault(frame: RunFrame, place: StepPlace, fault: ModelFault, isTold = false): Ending {
  const { services, provider, control, run } = frame
  const stop = control.end()
  if (stop !== null && stop.kind !== 'suspended') return { ok: false, outcome: stop }
  if (fault.kind === 'aborted') return { ok: false, outcome: stop ?? { kind: 'failed', reason: fault.message } }

  if (fault.model_missing === true) {
    services.board.worked(provider.id, false)
    services.board.miss(provider.id, frame.profile.model)
    // Another model of the tier may take a task; routing says so, or that there is none.
    return run.task_id === null ? failedRun(fault.message) : suspendedRun(null, fault.message)
  }
  // What only a person or a started server can mend is waited for, not tried again and again.
  const gone = fault.kind === 'unavailable' && !provider.paid
  if (gone || fault.kind === 'auth' || fault.kind === 'billing') {
    services.board.worked(provider.id, false)
    services.board.report(provider.id, { state: 'down', detail: fault.message, models: [] })
    if (gone) services.board.want(provider.id)
    return suspendedRun('resource', fault.message)
  }
  const settings = services.settings.settings()
  if (!isTold) noteFault(frame, fault)
  if (!canHeal(fault)) return failedRun(fault.message)

  const tries = services.journal.attempts(run.id, place).filter((attempt) => !wasLost(attempt)).length
  if (fault.out_of_memory === true && tries >= MEMORY_TRIES)
    return restModel(frame, fault, breakerLimits(settings).cap_ms)
  const { max_retries } = settings
  if (fault.retry_after_ms === undefined && tries > max_retries) {
    return failedRun(`${fault.message} It was tried ${tries} times.`)
  }
  const at = retryAt(settings, tries, fault.retry_after_ms)
  if (fault.kind === 'rate_limit') {
    services.board.hold(provider.id, at, fault.message)
    return suspendedRun('rate_limit', later('Goes on', at, fault.message), at)
  }
  return suspendedRun('retry', later('Tries again', at, fault.message), at)
}

function noteFault({ services, provider }: RunFrame, fault: ModelFault): void {
  if (!isTrouble(fault)) {
    services.board.worked(provider.id, false)
    return
  }
  const limits = breakerLimits(services.settings.settings())
  const often = `${fault.message} It failed ${limits.failures} times or more in a row.`
  services.board.failed(provider.id, often, limits)
}

/** A model for which there is no room is left alone for a while: another of its tier takes the task, or it waits. */
function restModel({ services, provider, profile, run }: RunFrame, fault: ModelFault, rest_ms: number): Ending {
  const until = Date.now() + rest_ms
  services.board.rest(provider.id, { model: profile.model, until, reason: fault.message })
  return run.task_id === null ? failedRun(fault.message) : suspendedRun(null, fault.message)
}
