import type { WaitingOn } from './states.ts'

/** What passes by itself: a lock of other work, a pause that a provider asks for, a failed call's next try, a batch. */
const PASSING: ReadonlySet<WaitingOn | null> = new Set<WaitingOn>(['lock', 'rate_limit', 'retry', 'batch'])

/** Whether what is waited for passes by itself, so that nobody has to do anything about it, or could. */
export function passes(waitingOn: WaitingOn | null): boolean {
  return PASSING.has(waitingOn)
}
