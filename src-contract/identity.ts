import { z } from 'zod'
import { apiTokenId, inviteId, userId } from './ids.ts'
import { LOCAL_USER, role, scope } from './role.ts'
import { timestamp } from './time.ts'

/** Who owns a row: the built-in admin or a registered user. */
export const ownerId = z.union([z.literal(LOCAL_USER), userId])

const email = z
  .email({ error: 'must be an e-mail address' })
  .max(254)
  .transform((text) => text.toLowerCase())
/** Long enough to be no guess, short enough to be no load: argon2id reads all of it. */
const newPassword = z.string().min(10, 'must have at least 10 characters').max(256)
const displayName = z.string().trim().min(1).max(100)

export const user = z.object({
  id: userId,
  email: z.string(),
  display_name: z.string(),
  role,
  is_active: z.boolean(),
  created_at: timestamp,
  last_login_at: timestamp.nullable(),
})
export type User = z.infer<typeof user>

/**
 * `invite`: an invitation's code, or for the very first user the secret in the file "token" of the data folder. May be
 * left out only where an admin has opened registration.
 */
export const register = z.strictObject({
  email,
  password: newPassword,
  display_name: displayName,
  invite: z.string().min(1).max(200).optional(),
})

export const login = z.strictObject({
  email: z.string().max(254).toLowerCase(),
  password: z.string().max(256),
})

const refreshToken = z.string().min(1).max(200)
export const refresh = z.strictObject({ refresh_token: refreshToken })

/** A session's tokens; `expires_in`: seconds for which the access token is good. */
export const session = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  expires_in: z.number().int(),
  user,
})
export type Session = z.infer<typeof session>

/** Who the caller is. `user` is null for the owner of the data folder, who has no login, and for tokens of theirs. */
export const me = z.object({
  id: ownerId,
  name: z.string(),
  role,
  scopes: z.array(scope),
  user: user.nullable(),
})
export type Me = z.infer<typeof me>

export const changePassword = z.strictObject({ current_password: z.string().max(256), new_password: newPassword })

/** `password`: a new one, which ends all of the user's sessions. */
export const changeUser = z.strictObject({
  id: userId,
  role: role.optional(),
  is_active: z.boolean().optional(),
  display_name: displayName.optional(),
  password: newPassword.optional(),
})

const days = (most: number, preset: number) => z.number().int().min(1).max(most).default(preset)

export const invite = z.object({
  id: inviteId,
  role,
  created_at: timestamp,
  expires_at: timestamp,
  used_by: userId.nullable(),
})
export type Invite = z.infer<typeof invite>
export const newInvite = z.strictObject({ role: role.default('operator'), expires_in_days: days(30, 7) })
/** `code` is shown this once; Baton keeps only its hash. */
export const madeInvite = invite.extend({ code: z.string() })

export const apiToken = z.object({
  id: apiTokenId,
  name: z.string(),
  owner: ownerId,
  scopes: z.array(scope),
  /** Requests a minute, to each changing route and of reads, in place of the settings' (S5); null: those. */
  per_minute: z.number().int().nullable(),
  created_at: timestamp,
  expires_at: timestamp.nullable(),
  last_used_at: timestamp.nullable(),
  revoked_at: timestamp.nullable(),
})
export type ApiToken = z.infer<typeof apiToken>
/** `owner`: whom it acts as, by default who makes it. `expires_in_days` null: it never expires by itself. */
export const newApiToken = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(scope).min(1),
  owner: ownerId.optional(),
  per_minute: z.number().int().min(1).max(10_000_000).nullable().default(null),
  expires_in_days: z.number().int().min(1).max(3_650).nullable().default(90),
})
/** `token` is shown this once; Baton keeps only its hash. */
export const madeApiToken = apiToken.extend({ token: z.string() })

/** One line of the audit trail (S7). `actor`: a user's id, `local`, or `baton` for what nobody asked for. */
export const auditEntry = z.object({
  id: z.number().int(),
  at: timestamp,
  actor: z.string(),
  action: z.string(),
  /** What it was done to, such as an id. */
  subject: z.string(),
  details: z.record(z.string(), z.unknown()),
  /** Where a login or its failure came from. */
  address: z.string().nullable(),
  correlation_id: z.string().nullable(),
})
export type AuditEntry = z.infer<typeof auditEntry>
