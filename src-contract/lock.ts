import { z } from 'zod'
import { lockId, projectId, runId } from './ids.ts'
import { timestamp } from './time.ts'

/** What a lock is on: `gpu:0`, `worktree:/srv/a`, `write:prj_1/birds/`. The part before the first colon is its kind. */
export const lockResource = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}:[^\p{C}]{1,900}$/u, 'a kind, a colon and a name: gpu:0, worktree:/srv/a')

/** A lease, or a request for one that waits in the queue. */
export const lock = z.object({
  id: lockId,
  resource: z.string(),
  /** How many may hold the resource at once. */
  capacity: z.number().int(),
  owner: z.string(),
  purpose: z.string(),
  project_id: projectId.nullable(),
  run_id: runId.nullable(),
  priority: z.number().int(),
  state: z.enum(['held', 'waiting']),
  /** Grows with each grant: whoever guards the resource refuses a smaller one than it has seen. Null while waiting. */
  token: z.number().int().nullable(),
  requested_at: timestamp,
  granted_at: timestamp.nullable(),
  expires_at: timestamp.nullable(),
})
export type Lock = z.infer<typeof lock>

/** How long a lock is held without a word of its owner. */
const ttl = z.number().int().min(100).max(86_400_000).default(60_000)
const owner = z.string().min(1).max(200)

export const acquireLock = z.strictObject({
  resource: lockResource,
  /** Who asks; the same name releases and extends. */
  owner,
  purpose: z.string().max(300).default(''),
  priority: z.number().int().min(0).max(9).default(1),
  ttl_ms: ttl,
  /** How long to wait for it; 0: answer at once. */
  wait_ms: z.number().int().min(0).max(600_000).default(0),
  capacity: z.number().int().min(1).max(1_000).default(1),
})

/** In parts, because a DELETE has no body: who asks stands in the query. */
export const releaseLock = z.object({ params: z.strictObject({ id: lockId }), query: z.strictObject({ owner }) })
/** Prolongs from now. */
export const extendLock = z.strictObject({ id: lockId, owner, ttl_ms: ttl })

export const lockStats = z.object({
  active: z.number().int(),
  waiting: z.number().int(),
  kinds: z.array(
    z.object({
      kind: z.string(),
      granted: z.number().int(),
      waited: z.number().int(),
      wait_ms_total: z.number().int(),
      wait_ms_max: z.number().int(),
      timeouts: z.number().int(),
      expired: z.number().int(),
    }),
  ),
})
export type LockStats = z.infer<typeof lockStats>
