import { err } from '#contract/result.ts'

/** Why core did not do what it was asked, as a value. The message says what happened, why and what to do. */
export interface Refusal {
  readonly code:
    | 'bad_request'
    | 'unauthorized'
    | 'too_many_requests'
    | 'forbidden'
    | 'not_found'
    | 'conflict'
    | 'payment_required'
    | 'too_large'
    | 'unprocessable'
    | 'unavailable'
  readonly message: string
  readonly details?: unknown
}

export function refuse(code: Refusal['code'], message: string, details?: unknown): { ok: false; error: Refusal } {
  return err(details === undefined ? { code, message } : { code, message, details })
}
