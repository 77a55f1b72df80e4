import type { ApiContext } from '#api/implementer.ts'
import { ok } from '#contract/result.ts'
import { type Caller, isOwnerSelf } from '#core/identity/caller.ts'
import { loadOnce } from '#core/load-once.ts'
import { createShares } from '#core/shares.ts'
import { findCaller, secretCheck } from './authenticate.ts'
import { type CallNotes, createDirect, type Direct } from './direct.ts'
import { createDirectHealth, HEALTH_PATHS } from './health.ts'
import type { AppOptions, AppParts } from './hono-app.ts'
import type { Answer, Served } from './listen.ts'
import { LOGIN_ROUTES, LOGINS } from './logins.ts'
import { IMPORT_PATH } from './project-archive.ts'
import { createRateLimits } from './rate-limits.ts'
import { createTraffic } from './traffic.ts'
import { WEBHOOK_PATHS } from './webhook.ts'

/** What `listen` serves. */
export interface App extends Served {
  readonly direct: Direct | undefined
}

/**
 * The one HTTP face: REST, streams and UI. Both hosts and the private socket serve it. Here is what answers first; the app
 * behind it ({@link AppParts}) comes with the first request that needs it: hono makes use of Node's fetch, and both together
 * are a sixth of what a start would load.
 */
export function createApp(options: AppOptions): App {
  const { core, token, log } = options
  const isOwners = token === null ? null : secretCheck(token)
  const find = findCaller(isOwners, core.identity.callerOf)
  const limits = createRateLimits(() => core.settings.get().rate_limits)
  const traffic = createTraffic(core, log, token !== null)
  const maxBodyBytes = () => core.settings.get().max_body_bytes
  const bodies = createShares(maxBodyBytes)
  // With the first call: the routes and their libraries are a good part of what a start would load.
  const routes = loadOnce(() => import('./rest.ts').then(({ createRest }) => createRest(core, log)))

  function apiContext(caller: Caller, address: string | null, notes: CallNotes): ApiContext {
    return {
      core,
      caller,
      address,
      isOwner: (secret) => isOwnerSelf(caller) || (isOwners !== null && secret !== undefined && isOwners(secret)),
      async admit(who, call) {
        notes.route(call.route)
        // Counted by address alone: nobody is one caller for all who have no login yet. Where the path was spelled in
        // another way, that is made up for here.
        if (LOGIN_ROUTES.has(call.route)) {
          return token === null || notes.isRated() ? ok(undefined) : limits.admitLogin(address ?? '', notes.rate)
        }
        return limits.admit(who, call, notes.rate)
      },
    }
  }

  const parts: AppParts = { options, find, limits, bodies, maxBodyBytes, traffic, routes, apiContext }
  const load = loadOnce(async (): Promise<Answer> => {
    try {
      const [{ createHonoApp }, { honoListener }] = await Promise.all([
        import('./hono-app.ts'),
        import('./hono-listener.ts'),
      ])
      return honoListener(createHonoApp(parts).fetch)
    } catch (fault) {
      log?.error('the app could not be loaded', { error: fault instanceof Error ? (fault.stack ?? '') : String(fault) })
      throw fault
    }
  })
  const health = createDirectHealth({ core, log, find, traffic })
  const direct = createDirect({
    ...{ core, log, find, routes, bodies, apiContext },
    isOthers: (path) =>
      LOGINS.has(path) || WEBHOOK_PATHS.includes(path) || path === IMPORT_PATH || HEALTH_PATHS.includes(path),
    answered(request) {
      traffic.came()
      traffic.answered(request)
    },
  })
  const first: Direct = (incoming, outgoing) =>
    HEALTH_PATHS.includes(incoming.url ?? '') ? health(incoming, outgoing) : direct(incoming, outgoing)
  return {
    load,
    // Pages of other origins are told by headers what they may read, which only the app writes.
    direct: (options.allowed_origins ?? []).length > 0 ? undefined : first,
  }
}
