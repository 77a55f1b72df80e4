import { LOCAL_USER, type Role, type Scope } from '#contract/role.ts'

/** Who makes a call, as far as it was proven. */
export interface Caller {
  /** A user's public id, or `local`: the owner of the data folder. */
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly scopes: ReadonlySet<Scope>
  /** The session behind an access token; null for API tokens and for the owner of the data folder. */
  readonly session: number | null
  /** The API token that acts as `id`; null where they act themselves. */
  readonly token: number | null
  /** Requests a minute that an API token carries; null: those of the settings. */
  readonly per_minute: number | null
}

const ALL: readonly Scope[] = ['read', 'write', 'admin', 'work', 'metrics']

/** What each role may do (S1). */
export const SCOPES_OF: { readonly [R in Role]: readonly Scope[] } = {
  admin: ALL,
  operator: ['read', 'write', 'work'],
  viewer: ['read'],
  system: ['work', 'metrics'],
}

/** The built-in admin: whoever can open the data folder, as the window, the command line and the token file can. */
export const LOCAL_CALLER: Caller = {
  id: LOCAL_USER,
  name: 'Owner of this machine',
  role: 'admin',
  scopes: new Set(ALL),
  session: null,
  token: null,
  per_minute: null,
}

/** Who has shown nothing: lets through what needs no login, and nothing else. */
export const NOBODY: Caller = {
  id: 'nobody',
  name: 'Nobody',
  role: 'viewer',
  scopes: new Set(),
  session: null,
  token: null,
  per_minute: null,
}

/** Whether this is the owner of the data folder, and not a token of theirs: that shows no more than its scopes. */
export function isOwnerSelf(caller: Caller): boolean {
  return caller.id === LOCAL_USER && caller.token === null
}

/** Whether who was let in as `before` may go on reading as they do: not after a logout, or with another role's rows. */
export function mayStillRead(before: Caller, now: Caller | null): boolean {
  return now?.scopes.has('read') === true && seesOnly(now) === seesOnly(before)
}

/** Whose rows a caller sees: null is everybody's. */
export function seesOnly(caller: Caller): string | null {
  return caller.scopes.has('admin') ? null : caller.id
}
