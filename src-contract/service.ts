import { z } from 'zod'
import { budgetScope } from './budget.ts'
import { ownService } from './service-start.ts'
import { timestamp } from './time.ts'

export const serviceState = z.enum(['healthy', 'degraded', 'down', 'not_configured', 'unknown'])

/** A service that Baton depends on and did not necessarily start. */
export const service = z.object({
  name: z.string(),
  label: z.string(),
  paid: z.boolean(),
  state: serviceState,
  detail: z.string(),
  since: timestamp.nullable(),
  checked_at: timestamp.nullable(),
  /** Whether it is looked at until it is well; not so a paid one that refused its key or has none: that takes a person. */
  heals: z.boolean(),
  /** What went wrong last since Baton's start, also where it is well again (H1). */
  last_error: z.object({ at: timestamp, message: z.string() }).nullable(),
  /** Null where Baton neither started it nor knows how to (H4). */
  own: ownService.nullable(),
})
export type Service = z.infer<typeof service>

/** What keeps Baton from writing (D4). While there is one, work is paused, changes are refused, and reading goes on. */
export const storageTrouble = z.object({
  /** `busy`: another program holds the database. `damaged`: it does not heal by itself. */
  kind: z.enum(['full', 'read_only', 'io', 'busy', 'damaged']),
  /** What happened and what to do. */
  message: z.string(),
  since: timestamp,
})
export type StorageTrouble = z.infer<typeof storageTrouble>

/** What the strip at the top of every screen shows (U1). */
export const status = z.object({
  version: z.string(),
  paused: z.boolean(),
  local_only: z.boolean(),
  day: budgetScope,
  month: budgetScope,
  services: z.array(service),
  running: z.number().int(),
  /** Tasks that run when their turn comes. Those of paused projects do not; while everything is paused, they are counted on. */
  queued: z.number().int(),
  waiting: z.number().int(),
  needs_you: z.number().int(),
  storage: storageTrouble.nullable(),
  last_event_id: z.string(),
})
export type Status = z.infer<typeof status>

export const health = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  timestamp,
  version: z.string(),
  components: z.record(z.string(), z.object({ status: z.string(), detail: z.string() })),
  metrics: z.object({
    uptime_seconds: z.number(),
    total_requests: z.number().int(),
    active_tasks: z.number().int(),
    active_locks: z.number().int(),
  }),
})
export type Health = z.infer<typeof health>

export const keyStatus = z.object({
  provider: z.string(),
  source: z.enum(['environment', 'keychain', 'vault', 'none']),
  /** Why a key cannot be kept here; empty where it can. */
  keychain: z.string(),
})

/** The encrypted file that keeps keys where no keychain of the system answers (S8). */
export const vaultStatus = z.object({
  /** `none`: this Baton has none. A locked one is opened once after each start. */
  state: z.enum(['none', 'absent', 'locked', 'open']),
})
export type VaultStatus = z.infer<typeof vaultStatus>

/** `create` makes a new vault; without it, the one that is there is opened. */
export const openVault = z.strictObject({
  passphrase: z.string().min(8).max(1_000),
  create: z.boolean().default(false),
})
