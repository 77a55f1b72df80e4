import { z } from 'zod'

/**
 * Why a model gave no usable answer.
 *
 * - `auth`: the key is missing, wrong or not allowed to use the model
 * - `billing`: no credit, or a spend limit at the provider is reached; waiting does not heal it
 * - `rate_limit`: too many requests; `retry_after_ms` says when it heals, where the provider told
 * - `overloaded`: the provider is busy
 * - `timeout`: no answer in time
 * - `invalid`: the request, or the answer, cannot be understood
 * - `context_too_long`: the prompt does not fit the model
 * - `truncated`: the stream ended before the answer did; what it cost is not known
 * - `unavailable`: nothing answers there, or the model is not present
 * - `refused`: the model declined
 * - `aborted`: we cancelled the call
 */
export const modelFaultKind = z.enum([
  'auth',
  'billing',
  'rate_limit',
  'overloaded',
  'timeout',
  'invalid',
  'context_too_long',
  'truncated',
  'unavailable',
  'refused',
  'aborted',
])
export type ModelFaultKind = z.infer<typeof modelFaultKind>

export const modelFault = z.lazy(() =>
  z.object({
    kind: modelFaultKind,
    /** What happened, why and what to do, for the user. */
    message: z.string(),
    /** Milliseconds from now after which the provider wants to be asked again. */
    retry_after_ms: z.number().int().nonnegative().optional(),
    /** Whether the request may have reached the provider and be billed although no usage came back. */
    maybe_billed: z.boolean(),
    /** Tokens that the provider reported before it failed, where it did. */
    usage: z
      .object({
        input: z.number(),
        output: z.number(),
        cache_write_5m: z.number(),
        cache_write_1h: z.number(),
        cache_read: z.number(),
      })
      .optional(),
    /** The provider is there, but the model is not: another may take the work. */
    model_missing: z.boolean().optional(),
    /** The provider is there, but has no memory for this model: others may take the work. */
    out_of_memory: z.boolean().optional(),
    /** What the provider says it charged, in micro-dollars. */
    cost_micros: z.number().int().nonnegative().optional(),
  }),
)
export type ModelFault = z.infer<typeof modelFault>

/** Faults that may pass by themselves, so that asking again later is worth it (E3). */
const HEALING: ReadonlySet<ModelFaultKind> = new Set([
  'rate_limit',
  'overloaded',
  'timeout',
  'truncated',
  'unavailable',
])

/** Faults that are the provider's own, so that asking at once again would only hammer it (H2). */
const TROUBLE: ReadonlySet<ModelFaultKind> = new Set(['overloaded', 'timeout', 'truncated', 'unavailable'])

export function isTrouble(fault: ModelFault): boolean {
  return TROUBLE.has(fault.kind) && fault.model_missing !== true && fault.out_of_memory !== true
}

export function canHeal(fault: ModelFault): boolean {
  return HEALING.has(fault.kind)
}
