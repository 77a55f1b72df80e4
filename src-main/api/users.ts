import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.users
const whole = <T>(items: T[]): { items: T[]; next_cursor: null } => ({ items, next_cursor: null })

export const users = {
  list: route.list.handler(({ context }) => whole(context.core.identity.users())),
  change: route.change.handler(async ({ context, input }) => unwrap(await context.core.identity.changeUser(input))),
  invites: route.invites.handler(({ context }) => whole(context.core.identity.invites())),
  invite: route.invite.handler(async ({ context, input }) =>
    unwrap(await context.core.identity.invite(input, context.caller)),
  ),
  removeInvite: route.removeInvite.handler(async ({ context, input }) => {
    unwrap(await context.core.identity.removeInvite(input.id))
    return { ok: true as const }
  }),
  tokens: route.tokens.handler(({ context }) => whole(context.core.identity.tokens())),
  createToken: route.createToken.handler(async ({ context, input }) =>
    unwrap(await context.core.identity.createToken(input, context.caller)),
  ),
  revokeToken: route.revokeToken.handler(async ({ context, input }) =>
    unwrap(await context.core.identity.revokeToken(input.id)),
  ),
  audit: route.audit.handler(({ context, input: { cursor, ...query } }) => {
    const before = cursor === undefined ? undefined : Number(cursor)
    const items = context.core.identity.audit({ ...query, before: Number.isSafeInteger(before) ? before : undefined })
    return { items, next_cursor: items.length < query.limit ? null : String(items.at(-1)?.id) }
  }),
}
