import type { GuardEnd } from './call-guard.ts'
import type { ModelFault } from './fault.ts'

/** The fault for a call that our own guard ended. `maybe_billed` is whether the request may have been delivered. */
export function guardFault(
  why: GuardEnd,
  who: string,
  limits: { readonly silence_ms: number; readonly max_bytes: number },
  maybe_billed: boolean,
): ModelFault {
  switch (why) {
    case 'aborted':
      return { kind: 'aborted', message: `The call of ${who} was cancelled.`, maybe_billed }
    case 'timeout':
      return {
        kind: 'timeout',
        message: `${who} gave no answer in time (a step's limit was reached, or nothing came for ${Math.round(limits.silence_ms / 1_000)} s). Try again, or raise the timeout.`,
        maybe_billed,
      }
    case 'too_large':
      return {
        kind: 'invalid',
        message: `${who} sent more than ${Math.round(limits.max_bytes / 1_048_576)} MB in one answer, so the call was ended. Lower the output limit, or use another model.`,
        maybe_billed,
      }
  }
}
