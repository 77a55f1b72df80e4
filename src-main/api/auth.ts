import { api } from './implementer.ts'
import { unwrap } from './unwrap.ts'

const route = api.auth
const done = { ok: true as const }

export const auth = {
  register: route.register.handler(async ({ context, input }) =>
    unwrap(await context.core.identity.register(input, context.isOwner(input.invite), context.address)),
  ),
  login: route.login.handler(async ({ context, input }) =>
    unwrap(await context.core.identity.login(input, context.address)),
  ),
  refresh: route.refresh.handler(async ({ context, input }) =>
    unwrap(await context.core.identity.refresh(input.refresh_token, context.address)),
  ),
  logout: route.logout.handler(async ({ context }) => {
    unwrap(await context.core.identity.logout(context.caller))
    return done
  }),
  me: route.me.handler(({ context }) => context.core.identity.me(context.caller)),
  changePassword: route.changePassword.handler(async ({ context, input }) => {
    unwrap(await context.core.identity.changePassword(context.caller, input))
    return done
  }),
}
