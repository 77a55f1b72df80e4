import { ORPCError } from '@orpc/server'
import type { RouteErrorCode } from '#contract/error.ts'
import { ROUTE_ERRORS } from '#contract/error.ts'
import type { Result } from '#contract/result.ts'
import type { Refusal } from '#core/refusal.ts'

const CODE: Readonly<Record<Refusal['code'], RouteErrorCode>> = {
  bad_request: 'BAD_REQUEST',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  payment_required: 'PAYMENT_REQUIRED',
  too_large: 'TOO_LARGE',
  unavailable: 'UNAVAILABLE',
}

/** The error with which a route answers a refusal of core. */
export function toRouteError(refusal: Refusal): ORPCError<RouteErrorCode, unknown> {
  const code = CODE[refusal.code]
  return new ORPCError(code, { status: ROUTE_ERRORS[code].status, message: refusal.message, data: refusal.details })
}

/** The value of an answer of core; throws the route's error where core refused. Only handlers may call it. */
export function unwrap<T>(result: Result<T, Refusal>): T {
  if (result.ok) return result.value
  throw toRouteError(result.error)
}
