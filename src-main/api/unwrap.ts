import { ORPCError } from '@orpc/server'
import type { RouteErrorCode } from '#contract/error.ts'
import type { Result } from '#contract/result.ts'
import type { Refusal } from '#core/refusal.ts'
import { routeErrorOf } from './route-error.ts'

/** The error with which a route answers a refusal of core. */
export function toRouteError(refusal: Refusal): ORPCError<RouteErrorCode, unknown> {
  const { code, ...rest } = routeErrorOf(refusal)
  return new ORPCError(code, rest)
}

/** The value of an answer of core; throws the route's error where core refused. Only handlers may call it. */
export function unwrap<T>(result: Result<T, Refusal>): T {
  if (result.ok) return result.value
  throw toRouteError(result.error)
}
