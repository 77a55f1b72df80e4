import { ORPCError } from '@orpc/client'
import { faultTexts } from '../texts/fault.ts'

/** What went wrong in words for a person: what happened, and why or what to do. */
export interface Fault {
  readonly what: string
  readonly why: string
  /** Named in a report of the fault; null where Baton itself was not reached. */
  readonly correlation_id: string | null
  /** Whether trying the same again can help. */
  readonly may_heal: boolean
}

/** Turns whatever a call rejected with into words. */
export function toFault(error: unknown): Fault {
  // 502 and 504 come from a tunnel or proxy in between that found nobody behind it.
  if (error instanceof TypeError || (error instanceof ORPCError && (error.status === 502 || error.status === 504))) {
    return { what: faultTexts.unreachable, why: faultTexts.unreachableWhy, correlation_id: null, may_heal: true }
  }
  if (error instanceof ORPCError) {
    const data: unknown = error.data
    const id = typeof data === 'object' && data !== null && 'correlation_id' in data ? data.correlation_id : null
    return {
      what: faultTexts.byCode[error.code] ?? faultTexts.refused,
      why: error.message,
      correlation_id: typeof id === 'string' ? id : null,
      may_heal: error.status >= 500,
    }
  }
  return {
    what: faultTexts.unexpected,
    why: error instanceof Error ? error.message : String(error),
    correlation_id: null,
    may_heal: true,
  }
}

/** Whether what was asked for is not there: never was, or not any more. */
export function isGone(error: unknown): boolean {
  return error instanceof ORPCError && error.status === 404
}

/** The fault in one sentence, for a toast. */
export function faultText(error: unknown): string {
  const fault = toFault(error)
  return fault.why === '' ? fault.what : `${fault.what} ${fault.why}`
}
