import { z } from 'zod'

/** The one shape of every error on the wire (A3). */
export const wireError = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.unknown().optional(),
    correlation_id: z.string(),
  }),
})
export type WireError = z.infer<typeof wireError>

/** Errors that any route may answer with; oRPC maps the code to the HTTP status. */
export const ROUTE_ERRORS = {
  BAD_REQUEST: { status: 400, data: z.unknown().optional() },
  UNAUTHORIZED: { status: 401 },
  FORBIDDEN: { status: 403 },
  NOT_FOUND: { status: 404 },
  CONFLICT: { status: 409, data: z.unknown().optional() },
  PAYMENT_REQUIRED: { status: 402, data: z.unknown().optional() },
  TOO_LARGE: { status: 413 },
  /** An Idempotency-Key that stands for another call. */
  UNPROCESSABLE: { status: 422 },
  TOO_MANY_REQUESTS: { status: 429, data: z.unknown().optional() },
  UNAVAILABLE: { status: 503 },
} as const
export type RouteErrorCode = keyof typeof ROUTE_ERRORS
