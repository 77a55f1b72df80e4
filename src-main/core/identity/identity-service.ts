import type { z } from 'zod'
import type {
  ApiToken,
  AuditEntry,
  changePassword,
  changeUser,
  Invite,
  login,
  Me,
  madeApiToken,
  madeInvite,
  newApiToken,
  newInvite,
  register,
  Session,
  User,
} from '#contract/identity.ts'
import { encodeId } from '#contract/ids.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { LOCAL_USER } from '#contract/role.ts'
import type { AuditLog, AuditQuery } from '../event/audit-log.ts'
import { type Refusal, refuse } from '../refusal.ts'
import type { UserRow } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { AccessTokens } from './access-tokens.ts'
import { API_TOKEN_PREFIX, type ApiTokens } from './api-tokens.ts'
import { type Caller, SCOPES_OF } from './caller.ts'
import type { Invites } from './invites.ts'
import type { Lockout } from './lockout.ts'
import { hashPassword, isPassword } from './passwords.ts'
import { createRightsWatch } from './rights-watch.ts'
import { type LiveSession, type Sessions, userOf } from './sessions.ts'
import type { Users } from './users.ts'

type Answer<T> = Promise<Result<T, Refusal>>

/** Users, logins, tokens and the audit trail (S1, S2, S7). */
export interface Identity {
  /** Whose bearer this is; null where it is nobody's, or not good any more. */
  callerOf(bearer: string): Promise<Caller | null>
  /** What somebody who was let in before may do now; null where they are not let in any more. */
  again(caller: Caller): Caller | null
  /** Has `look` called whenever {@link again} may answer otherwise than before; answers how to stop that. */
  watch(caller: Caller, look: () => void): () => void
  /** `asOwner`: the caller has shown that the data folder is theirs, which the first user must. */
  register(input: z.output<typeof register>, asOwner: boolean, address: string | null): Answer<User>
  login(input: z.output<typeof login>, address: string | null): Answer<Session>
  refresh(refreshToken: string, address: string | null): Answer<Session>
  /** Ends the caller's session; a bearer without one has nothing to end. */
  logout(caller: Caller): Answer<void>
  changePassword(caller: Caller, input: z.output<typeof changePassword>): Answer<void>
  me(caller: Caller): Me
  users(): User[]
  changeUser(input: z.output<typeof changeUser>): Answer<User>
  invites(): Invite[]
  invite(input: z.output<typeof newInvite>, by: Caller): Answer<z.infer<typeof madeInvite>>
  removeInvite(id: string): Answer<void>
  tokens(): ApiToken[]
  createToken(input: z.output<typeof newApiToken>, by: Caller): Answer<z.infer<typeof madeApiToken>>
  revokeToken(id: string): Answer<ApiToken>
  audit(query: AuditQuery): AuditEntry[]
  auditAll(): Generator<AuditEntry>
}

export interface IdentityParts {
  readonly store: Store
  readonly audit: AuditLog
  readonly users: Users
  readonly sessions: Sessions
  readonly invites: Invites
  readonly apiTokens: ApiTokens
  readonly accessTokens: AccessTokens
  readonly lockout: Lockout
  /** Whether an admin lets anybody register, as a viewer. */
  isOpen(): boolean
  /** How long an access token is good, in seconds (S2). */
  accessSeconds(): number
  /** Is told, after the commit, of a change of users. */
  onUsers(): void
  /** Is told, within the change, that a user (by their public id) is switched off or let in again. */
  readonly onSwitched: (tx: Tx, owner: string, isActive: boolean) => void
}

const BAD_LOGIN = 'The e-mail address or the password is wrong.'
const BAD_REFRESH = 'This session has ended. Log in again.'

export function createIdentityService(parts: IdentityParts): Identity {
  const { store, audit, users, sessions, invites, apiTokens, accessTokens, lockout } = parts
  const rights = createRightsWatch(({ token, session }) => {
    if (token !== null) return apiTokens.endsAt(token)
    return session === null ? null : sessions.endsAt(session)
  }, store.report)

  function callerOfSession(session: LiveSession): Caller {
    const { display_name: name, role, id } = session
    return {
      id: userOf(session),
      name,
      role,
      scopes: new Set(SCOPES_OF[role]),
      session: id,
      token: null,
      per_minute: null,
    }
  }

  async function tokensFor(sessionId: number, refresh_token: string, row: UserRow): Answer<Session> {
    const expires_in = parts.accessSeconds()
    const access = await accessTokens.sign({ sub: encodeId('user', row.id), sid: sessionId }, expires_in)
    if (!access.ok) return refuse('unavailable', access.error)
    return ok({ access_token: access.value, refresh_token, expires_in, user: users.view(row) })
  }

  /** The role that a registration gives, or why there is none. */
  function roleFor(code: string | undefined, asOwner: boolean): Result<UserRow['role'], Refusal> {
    if (users.count() === 0) {
      if (asOwner) return ok('admin')
      return refuse(
        'forbidden',
        'The first user becomes admin, so they must show that this Baton is theirs: give the secret from the file "token" in Baton\'s data folder as "invite".',
      )
    }
    const invited = code === undefined ? null : invites.roleOf(code)
    if (invited !== null) return ok(invited)
    if (code !== undefined) {
      return refuse('forbidden', 'This invitation is unknown, used or expired. Ask an admin for a new one.')
    }
    return parts.isOpen()
      ? ok('viewer')
      : refuse('forbidden', 'Registration is closed. Ask an admin for an invitation.')
  }

  return {
    async callerOf(bearer) {
      if (bearer.startsWith(`${API_TOKEN_PREFIX}_`)) return apiTokens.callerOf(bearer)
      const claims = await accessTokens.read(bearer)
      const session = claims === null ? null : sessions.live(claims.sid)
      return session === null || claims?.sub !== userOf(session) ? null : callerOfSession(session)
    },

    again(caller) {
      if (caller.token !== null) return apiTokens.again(caller.token)
      if (caller.session === null) return caller
      const session = sessions.live(caller.session)
      return session === null ? null : callerOfSession(session)
    },
    watch: rights.watch,

    async register({ email, password, display_name, invite }, asOwner, address) {
      const allowed = roleFor(invite, asOwner)
      if (!allowed.ok) return allowed
      const password_hash = await hashPassword(password)
      return store.tryWrite((tx): Result<User, Refusal> => {
        // Looked at once more: another may have registered while the password was hashed.
        const role = roleFor(invite, asOwner)
        if (!role.ok) return role
        const row = users.add(tx, { email, display_name, password_hash, role: role.value })
        if (row === null) return refuse('conflict', `${email} is registered already. Log in instead.`)
        if (invite !== undefined) invites.use(tx, invite, row.id)
        const subject = encodeId('user', row.id)
        const details = { email, role: role.value }
        audit.append(tx, { action: 'user.registered', subject, details, actor: subject, address })
        return ok(users.view(row))
      })
    },

    async login({ email, password }, address) {
      const waits = lockout.waits(email)
      if (waits > 0) {
        const seconds = Math.ceil(waits / 1_000)
        const message = `Too many wrong passwords for ${email}. Try again in ${seconds} s.`
        return refuse('too_many_requests', message, { retry_after_s: seconds })
      }
      const known = users.byEmail(email)
      // Counted before the answer is known: guesses that are made side by side all count.
      lockout.failed(email)
      const isRight = await isPassword(password, known?.password_hash ?? null)
      if (known === undefined || !isRight || !known.is_active) {
        const subject = known === undefined ? 'nobody' : encodeId('user', known.id)
        // What is no address may be a password that was typed into the wrong field.
        const details = email.includes('@') ? { email } : {}
        await store.tryWrite((tx) =>
          audit.append(tx, { action: 'login.failed', subject, details, actor: 'nobody', address }),
        )
        if (known !== undefined && isRight) return refuse('forbidden', 'This user was switched off by an admin.')
        return refuse('unauthorized', BAD_LOGIN)
      }
      lockout.succeeded(email)
      const begun = await store.tryWrite((tx) => {
        const session = sessions.begin(tx, known.id)
        const row = users.change(tx, known.id, { last_login_at: Date.now() })
        const actor = encodeId('user', known.id)
        audit.append(tx, { action: 'login.succeeded', subject: actor, actor, address })
        return { ...session, row }
      })
      return tokensFor(begun.id, begun.refresh_token, begun.row)
    },

    async refresh(token, address) {
      const exchanged = await store.tryWrite((tx) => {
        const outcome = sessions.exchange(tx, token)
        if (outcome.kind === 'reused') {
          const actor = encodeId('user', outcome.user_id)
          const details = { session: outcome.session_id }
          audit.append(tx, { action: 'session.reused', subject: actor, details, actor, address })
        }
        return outcome
      })
      if (exchanged.kind === 'reused') rights.changed()
      if (exchanged.kind !== 'exchanged') return refuse('unauthorized', BAD_REFRESH)
      const row = users.row(userOf(exchanged.session))
      return row.ok ? tokensFor(exchanged.session.id, exchanged.refresh_token, row.value) : err(row.error)
    },

    async logout({ id, session }) {
      if (session === null) return ok(undefined)
      await store.tryWrite((tx) => {
        if (sessions.end(tx, session)) audit.append(tx, { action: 'logout', subject: id })
      })
      rights.changed()
      return ok(undefined)
    },

    async changePassword({ id, token }, { current_password, new_password }) {
      if (id === LOCAL_USER) {
        return refuse('bad_request', 'The owner of this machine has no password: the token file is their login.')
      }
      // Whoever has found one could guess with it, and lock its owner out.
      if (token !== null) return refuse('forbidden', 'An API token changes no password. Log in to change yours.')
      const known = users.row(id)
      if (!known.ok) return known
      const { email } = known.value
      if (lockout.waits(email) > 0) return refuse('too_many_requests', 'Too many wrong passwords. Try again later.')
      lockout.failed(email)
      if (!(await isPassword(current_password, known.value.password_hash))) {
        await store.tryWrite((tx) => audit.append(tx, { action: 'password.refused', subject: id }))
        return refuse('forbidden', 'The current password is wrong.')
      }
      lockout.succeeded(email)
      const password_hash = await hashPassword(new_password)
      await store.tryWrite((tx) => {
        users.change(tx, known.value.id, { password_hash })
        sessions.endAllOf(tx, known.value.id)
        audit.append(tx, { action: 'password.changed', subject: id })
      })
      rights.changed()
      return ok(undefined)
    },

    me({ id, name, role, scopes }) {
      const known = users.row(id)
      return { id, name, role, scopes: [...scopes], user: known.ok ? users.view(known.value) : null }
    },

    users: users.list,
    async changeUser({ id, password, ...change }) {
      const known = users.row(id)
      if (!known.ok) return known
      if (password === undefined && Object.values(change).every((value) => value === undefined)) {
        return ok(users.view(known.value))
      }
      const password_hash = password === undefined ? undefined : await hashPassword(password)
      const row = await store.tryWrite((tx) => {
        if (password !== undefined || change.is_active === false) sessions.endAllOf(tx, known.value.id)
        const details = { ...change, ...(password === undefined ? {} : { password: 'set anew' }) }
        audit.append(tx, { action: 'user.changed', subject: id, details })
        // By the one spelling of the id: projects are not found by another.
        if (change.is_active !== undefined) parts.onSwitched(tx, encodeId('user', known.value.id), change.is_active)
        return users.change(tx, known.value.id, { ...change, password_hash })
      })
      rights.changed()
      parts.onUsers()
      return ok(users.view(row))
    },

    invites: invites.list,
    invite: invites.create,
    removeInvite: invites.remove,
    tokens: apiTokens.list,
    createToken: apiTokens.create,
    async revokeToken(id) {
      const revoked = await apiTokens.revoke(id)
      rights.changed()
      return revoked
    },
    audit: audit.list,
    auditAll: audit.all,
  }
}
