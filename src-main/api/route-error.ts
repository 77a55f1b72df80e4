import { ROUTE_ERRORS, type RouteErrorCode } from '#contract/error.ts'
import type { Refusal } from '#core/refusal.ts'

const CODE: Readonly<Record<Refusal['code'], RouteErrorCode>> = {
  bad_request: 'BAD_REQUEST',
  unauthorized: 'UNAUTHORIZED',
  too_many_requests: 'TOO_MANY_REQUESTS',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  payment_required: 'PAYMENT_REQUIRED',
  too_large: 'TOO_LARGE',
  unprocessable: 'UNPROCESSABLE',
  unavailable: 'UNAVAILABLE',
}

/** What a route answers to a refusal of core, whoever carries it. */
export interface RouteError {
  readonly code: RouteErrorCode
  readonly status: number
  readonly message: string
  readonly data: unknown
}

export function routeErrorOf(refusal: Refusal): RouteError {
  const code = CODE[refusal.code]
  return { code, status: ROUTE_ERRORS[code].status, message: refusal.message, data: refusal.details }
}
