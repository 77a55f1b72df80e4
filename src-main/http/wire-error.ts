import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { toRouteError } from '#api/unwrap.ts'
import { ROUTE_ERRORS, type RouteErrorCode, type WireError } from '#contract/error.ts'
import type { Refusal } from '#core/refusal.ts'
import { correlationId } from './correlation.ts'

/** The body of every error answer (A3). */
export function wireErrorBody(code: string, message: string, details?: unknown): WireError {
  const error = { code, message, correlation_id: correlationId() }
  return { error: details === undefined ? error : { ...error, details } }
}

/** An error answer of a route outside of oRPC. `message` says what happened, why and what to do. */
export function errorResponse(code: RouteErrorCode, message: string, headers: Record<string, string> = {}): Response {
  const status: ContentfulStatusCode = ROUTE_ERRORS[code].status
  return Response.json(wireErrorBody(code, message), { status, headers })
}

export function refusalResponse(refusal: Refusal): Response {
  const fault = toRouteError(refusal)
  return Response.json(wireErrorBody(fault.code, fault.message, fault.data), { status: fault.status })
}
