import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { routeErrorOf } from '#api/route-error.ts'
import { ROUTE_ERRORS, type RouteErrorCode, type WireError } from '#contract/error.ts'
import type { Refusal } from '#core/refusal.ts'
import { correlationId } from './correlation.ts'

const retrying = z.object({ retry_after_s: z.number() })
const refused = z.object({ error: z.object({ details: retrying }) })

/** The body of every error answer (A3). */
export function wireErrorBody(code: string, message: string, details?: unknown): WireError {
  const error = { code, message, correlation_id: correlationId() }
  return { error: details === undefined ? error : { ...error, details } }
}

/** What a bug looks like from outside: never its own text, always the id by which the log names it. */
export function bugMessage(): string {
  return `Baton failed in a way it should not have. The log has the cause under ${correlationId()}; please report it.`
}

/** An error answer of a route outside of oRPC. `message` says what happened, why and what to do. */
export function errorResponse(code: RouteErrorCode, message: string, headers: Record<string, string> = {}): Response {
  const status: ContentfulStatusCode = ROUTE_ERRORS[code].status
  return Response.json(wireErrorBody(code, message), { status, headers })
}

export function refusalResponse(refusal: Refusal): Response {
  const fault = routeErrorOf(refusal)
  const { retry_after_s } = retrying.safeParse(fault.data).data ?? {}
  const headers = retry_after_s === undefined ? undefined : { 'retry-after': String(retry_after_s) }
  const body = wireErrorBody(fault.code, fault.message, fault.data)
  return Response.json(body, { status: fault.status, ...(headers && { headers }) })
}

/** For how long (s) the body of a refusal says to wait; null where it does not. */
export function retryAfter(body: unknown): number | null {
  return refused.safeParse(body).data?.error.details.retry_after_s ?? null
}
