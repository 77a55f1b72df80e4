import { z } from 'zod'
import {
  apiToken,
  auditEntry,
  changeUser,
  invite,
  madeApiToken,
  madeInvite,
  newApiToken,
  newInvite,
  user,
} from '../identity.ts'
import { apiTokenId, inviteId } from '../ids.ts'
import { pageOf, pageQuery } from '../page.ts'
import { done, route } from './route.ts'

/** Who else may come in, and what they did; for admins. */
export const users = {
  list: route.route({ method: 'GET', path: '/users' }).output(pageOf(user)),
  change: route.route({ method: 'PATCH', path: '/users/{id}' }).input(changeUser).output(user),
  invites: route.route({ method: 'GET', path: '/invites' }).output(pageOf(invite)),
  invite: route.route({ method: 'POST', path: '/invites', successStatus: 201 }).input(newInvite).output(madeInvite),
  removeInvite: route
    .route({ method: 'DELETE', path: '/invites/{id}' })
    .input(z.strictObject({ id: inviteId }))
    .output(done),
  tokens: route.route({ method: 'GET', path: '/tokens' }).output(pageOf(apiToken)),
  createToken: route
    .route({ method: 'POST', path: '/tokens', successStatus: 201 })
    .input(newApiToken)
    .output(madeApiToken),
  revokeToken: route
    .route({ method: 'DELETE', path: '/tokens/{id}' })
    .input(z.strictObject({ id: apiTokenId }))
    .output(apiToken),
  /** Who did what (S7), newest first. `GET /audit.jsonl` has all of it as a file. */
  audit: route
    .route({ method: 'GET', path: '/audit' })
    .input(
      z.strictObject({ ...pageQuery, actor: z.string().max(100).optional(), action: z.string().max(100).optional() }),
    )
    .output(pageOf(auditEntry)),
}
