import { type Context, Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { checkOwner, checkScope } from '#api/check-right.ts'
import type { ApiContext } from '#api/implementer.ts'
import type { Right } from '#api/rights.ts'
import { ok } from '#contract/result.ts'
import { ARCHIVE_LIMITS } from '#core/archive/archive-format.ts'
import type { Core } from '#core/core.ts'
import { type Caller, isOwnerSelf } from '#core/identity/caller.ts'
import { createShares } from '#core/shares.ts'
import { headersToLine, statusOf } from './answer.ts'
import { answerHeaders } from './answer-headers.ts'
import { auditExport } from './audit-export.ts'
import { authenticate, findCaller, secretCheck } from './authenticate.ts'
import { bodyCap, MAX_BODY_BYTES, MAX_LOGIN_BYTES } from './body-cap.ts'
import { boundBodies } from './bound-bodies.ts'
import { correlate, correlationId } from './correlation.ts'
import { crossOrigin } from './cross-origin.ts'
import { type CallNotes, createDirect, type Direct } from './direct.ts'
import { eventStream } from './event-stream.ts'
import type { HostLog } from './file-log.ts'
import { hostGuard } from './host-guard.ts'
import { IDEMPOTENCY_HEADER, KEY_WORDS, keyedRequest } from './idempotency.ts'
import type { Served } from './listen.ts'
import type { Metrics } from './metrics.ts'
import { originGuard } from './origin-guard.ts'
import { exportArchive, IMPORT_PATH, importArchive } from './project-archive.ts'
import { projectFile } from './project-file.ts'
import { createRateLimits, type RateState } from './rate-limits.ts'
import { addressOf, type RequestEnv } from './request-env.ts'
import { requestLog } from './request-log.ts'
import type { RestRoutes } from './rest.ts'
import { runStream } from './run-stream.ts'
import { createStreamSlots } from './stream-slots.ts'
import { createStreamTickets } from './stream-ticket.ts'
import { createUiFiles } from './ui-files.ts'
import { usageExport } from './usage-export.ts'
import type { WebSockets } from './web-socket.ts'
import { takeWebhook, WEBHOOK_BYTES, WEBHOOK_PATHS } from './webhook.ts'
import { bugMessage, errorResponse, refusalResponse, wireErrorBody } from './wire-error.ts'

export interface AppOptions {
  readonly core: Core
  readonly version: string
  /** The secret that callers must show; null on the private socket, whose file permissions are the authority. */
  readonly token: string | null
  /** Folder of the built UI; absent: no UI is served. */
  readonly ui_dir?: string | undefined
  /** Origins beside our own that may call from a page. */
  readonly allowed_origins?: readonly string[] | undefined
  readonly log?: HostLog | undefined
  /** Between signs of life on the streams of runs, in ms; absent: 15 s. */
  readonly run_heartbeat_ms?: number | undefined
}

/** What somebody without a login may ask for: to get one. */
const LOGINS = new Set(['/api/auth/login', '/api/auth/register', '/api/auth/refresh'])
/** The same as limits see them. */
const LOGIN_ROUTES = new Set(['auth.login', 'auth.register', 'auth.refresh'])
/** The page about the port (A1), and its file among the UI's. */
const DOCS_PATH = '/api/docs'
const DOCS_FILE = '/api-docs.html'
const OWN: Right = { scope: 'read', of: 'id' }

function isStream(path: string): boolean {
  return (
    /^\/(api\/)?(ws|sse\/events)$/.test(path) ||
    path === '/api/events/stream' ||
    /^\/api\/projects\/[^/]+\/events$/.test(path) ||
    /^(\/api)?\/runs\/[^/]+\/events\/stream$/.test(path)
  )
}

function bodyLimit(path: string): number {
  if (WEBHOOK_PATHS.includes(path)) return WEBHOOK_BYTES
  if (LOGINS.has(path)) return MAX_LOGIN_BYTES
  return path === IMPORT_PATH ? ARCHIVE_LIMITS.archive_bytes : MAX_BODY_BYTES
}

function isHealth(path: string): boolean {
  return path === '/health' || path === '/api/health'
}

const NO_KEYED_UPLOAD =
  'Nothing was imported: this route takes no Idempotency-Key, because its body is not read twice. Send the archive in pieces instead (/api/imports), whose last call takes one.'

/** What `listen` serves. */
export interface App extends Served {
  readonly direct: Direct | undefined
}

/** The one HTTP face: REST, streams and UI. Both hosts and the private socket serve it. Checks run in the order of S4. */
export function createApp(options: AppOptions): App {
  const { core, token } = options
  const app = new Hono<RequestEnv>()
  const isOwners = token === null ? null : secretCheck(token)
  const ui = options.ui_dir === undefined ? null : createUiFiles(options.ui_dir)
  const tickets = createStreamTickets(() => core.settings.get().expiries.ticket_s)
  const limits = createRateLimits(() => core.settings.get().rate_limits)
  let loaded: Promise<RestRoutes> | undefined
  // With the first call: the routes and their libraries are a good part of what a start would load.
  const routes = (): Promise<RestRoutes> => {
    loaded ??= import('./rest.ts').then(({ createRest }) => createRest(options.log))
    return loaded
  }
  let counting: Promise<Metrics> | undefined
  /** Once it is there, so that nobody has to wait for what is. */
  let counted: Metrics | undefined
  const countings = (): Promise<Metrics> => {
    counting ??= import('./metrics.ts').then(({ createMetrics }) => {
      counted = createMetrics(core, options.log)
      return counted
    })
    return counting
  }
  const maxBodyBytes = () => core.settings.get().max_body_bytes
  const bodies = createShares(maxBodyBytes)
  const slots = createStreamSlots(() => core.settings.get().max_streams)
  let sockets: Promise<WebSockets> | undefined
  const webSockets = (): Promise<WebSockets> => {
    sockets ??= import('./web-socket.ts').then(({ createWebSockets }) => createWebSockets(core, slots))
    return sockets
  }
  const isRead = (method: string) => method === 'GET' || method === 'HEAD'
  const isUi = (method: string, path: string) => isRead(method) && ui?.has(path) === true
  const routeOf = (context: Context<RequestEnv>) =>
    context.get('route') ?? (isUi(context.req.method, context.req.path) ? 'ui' : 'other')
  let requests = 0
  let description: Promise<object> | null = null

  app.use(correlate)
  app.use(answerHeaders)
  if (options.log !== undefined) app.use(requestLog(options.log, routeOf))
  app.use(async (context, next) => {
    await next()
    // It was made as for GET, and nobody reads it: a stream, or the file behind a download, would stay open.
    if (context.req.method === 'HEAD') await context.res.body?.cancel()
  })
  app.use(async (context, next) => {
    requests++
    if (token === null) return next()
    const since = performance.now()
    const metrics = await countings()
    context.set('metrics', metrics)
    await next()
    const seconds = (performance.now() - since) / 1_000
    metrics.answered({ method: context.req.method, route: routeOf(context), status: statusOf(context), seconds })
  })
  app.use(hostGuard)
  app.use(originGuard(options.allowed_origins ?? []))
  app.use(crossOrigin(options.allowed_origins ?? []))
  if ((options.allowed_origins ?? []).length > 0) app.use(headersToLine)
  const noteRate = (context: Context<RequestEnv>) => (rate: RateState) => {
    context.set('rate', rate)
    const { outgoing } = context.env
    outgoing.setHeader('ratelimit-limit', rate.limit)
    outgoing.setHeader('ratelimit-remaining', rate.remaining)
    outgoing.setHeader('ratelimit-reset', rate.reset_s)
  }
  const admitLogin = (context: Context<RequestEnv>) => limits.admitLogin(addressOf(context) ?? '', noteRate(context))
  app.use(async (context, next) => {
    const { method, path } = context.req
    if (token === null || method !== 'POST' || !LOGINS.has(path)) return next()
    const admitted = await admitLogin(context)
    return admitted.ok ? next() : refusalResponse(admitted.error)
  })
  app.use(async (context, next) => {
    const { method, path } = context.req
    if (token === null || method !== 'POST' || !WEBHOOK_PATHS.includes(path)) return next()
    const admitted = await limits.admitWebhook(addressOf(context) ?? '', (rate) => context.set('rate', rate))
    return admitted.ok ? next() : refusalResponse(admitted.error)
  })
  app.use(bodyCap(bodyLimit))
  const isPublic = (method: string, path: string) =>
    (isRead(method) && (isHealth(path) || path === DOCS_PATH || isUi(method, path))) ||
    (method === 'POST' && (LOGINS.has(path) || WEBHOOK_PATHS.includes(path)))
  const { callerOf, again } = core.identity
  const find = findCaller(isOwners, callerOf)
  app.use(authenticate({ find, tickets, isStream, isPublic, again }))
  // An archive goes to the disk as it comes, and imports are bounded by their number.
  app.use(boundBodies(bodies, maxBodyBytes, (path) => path === IMPORT_PATH))
  /** Lets in who has a right, and where it is about a project only whom that belongs to. */
  const need = (right: Right) =>
    createMiddleware<RequestEnv>(async (context, next) => {
      const caller = context.get('caller')
      context.set('route', context.req.routePath)
      const call = { route: context.req.routePath, is_read: isRead(context.req.method) }
      const scope = checkScope(caller, right)
      if (!scope.ok) return refusalResponse(scope.error)
      const admitted = await limits.admit(caller, call, noteRate(context))
      if (!admitted.ok) return refusalResponse(admitted.error)
      const own = right.of === undefined ? scope : checkOwner(core, caller, context.req.param(right.of) ?? '')
      return own.ok ? next() : refusalResponse(own.error)
    })

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

  app.on('GET', ['/metrics', '/api/metrics'], need({ scope: 'metrics' }), async () => {
    const { content_type, text } = await (await countings()).text()
    return new Response(text, { headers: { 'content-type': content_type, 'cache-control': 'no-store' } })
  })
  app.on('GET', ['/health', '/api/health'], (context) => {
    context.set('route', '/health')
    const health = core.system.health()
    const metrics = { ...health.metrics, total_requests: requests }
    return context.json({ ...health, metrics }, health.status === 'unhealthy' ? 503 : 200)
  })
  app.get('/api/openapi.json', async (context) => {
    description ??= import('./open-api.ts').then(({ describeApi }) => describeApi(options.version))
    return context.json(await description)
  })
  // The page lies among the UI's files and reads the document with the login of whoever opens it.
  app.get(DOCS_PATH, (context) => (ui?.has(DOCS_FILE) ? context.redirect(DOCS_FILE) : context.notFound()))
  app.post('/api/auth/stream-ticket', need({ scope: 'any' }), (context) =>
    context.json(tickets.issue(context.get('caller')), 200, {
      'cache-control': 'no-store',
    }),
  )
  app.on('GET', ['/sse/events', '/api/sse/events', '/api/events/stream'], need({ scope: 'read' }), (context) =>
    eventStream({ context, core, slots }),
  )
  app.get('/api/projects/:id/events', need(OWN), (context) =>
    eventStream({ context, core, slots, project_id: context.req.param('id') }),
  )
  app.on('GET', ['/ws', '/api/ws'], need({ scope: 'read' }), async (context) => (await webSockets()).open(context))
  app.get('/api/projects/:id/files/:path{.+}', need(OWN), (context) =>
    projectFile(core, context.req.param('id'), context.req.param('path')),
  )
  app.get('/api/projects/:id/export', need(OWN), (context) => exportArchive(core, context.req.param('id')))
  app.post(IMPORT_PATH, need({ scope: 'write' }), (context) =>
    context.req.header(IDEMPOTENCY_HEADER) === undefined
      ? importArchive(context, core)
      : errorResponse('BAD_REQUEST', NO_KEYED_UPLOAD, { connection: 'close' }),
  )
  app.on('POST', WEBHOOK_PATHS, (context) => takeWebhook(context, core))
  app.get('/api/usage.csv', need({ scope: 'read' }), (context) => usageExport(context, core))
  app.get('/api/audit.jsonl', need({ scope: 'admin' }), (context) => auditExport(context, core))
  app.on('GET', ['/runs/:id/events/stream', '/api/runs/:id/events/stream'], need(OWN), (context) =>
    runStream(context, core, context.req.param('id'), options.run_heartbeat_ms),
  )
  const byContract =
    (prefix: '/api' | undefined) =>
    async (context: Context<RequestEnv>): Promise<Response> => {
      // What plans or routes must not take a service for absent that nobody has asked yet.
      await core.lookAround()
      const keyed = await keyedRequest(context)
      if (keyed === 'bad') return errorResponse('BAD_REQUEST', KEY_WORDS)
      const notes: CallNotes = {
        route: (name) => context.set('route', name),
        rate: noteRate(context),
        isRated: () => context.get('rate') !== undefined,
      }
      const given = { ...apiContext(context.get('caller'), addressOf(context), notes), once: keyed?.once }
      const { throughHono } = await routes()
      return (await throughHono(context, keyed?.request ?? context.req.raw, prefix, given)) ?? context.notFound()
    }
  app.all('/api/*', byContract('/api'))
  // These answer at the root, too (A2).
  app.on(
    ['GET', 'POST', 'PUT', 'HEAD'],
    ['/runs', '/runs/*', '/tasks/:id/runs', '/dispatch', '/jobs', '/jobs/*'],
    byContract(undefined),
  )
  app.get('*', async (context) => (ui?.has(context.req.path) ? ui.serve(context.req.path) : context.notFound()))

  app.notFound((context) =>
    errorResponse(
      'NOT_FOUND',
      `There is nothing at ${context.req.method} ${context.req.path}. /api/openapi.json lists what there is.`,
    ),
  )
  app.onError((fault, context) => {
    options.log?.error('a request failed', { correlation_id: correlationId(), error: fault.stack ?? fault.message })
    return context.json(wireErrorBody('INTERNAL', bugMessage()), 500)
  })
  const direct = createDirect({
    ...{ core, log: options.log, find, routes, bodies, apiContext },
    isOthers: (path) => LOGINS.has(path) || WEBHOOK_PATHS.includes(path) || path === IMPORT_PATH || isHealth(path),
    answered(request) {
      requests++
      if (token === null) return
      if (counted !== undefined) return counted.answered(request)
      countings().then(
        (metrics) => metrics.answered(request),
        (fault: unknown) => options.log?.error('an answer could not be counted', { error: String(fault) }),
      )
    },
  })
  return {
    fetch: (request, line) => app.fetch(request, line),
    // Pages of other origins are told by headers what they may read, which only the app writes.
    direct: (options.allowed_origins ?? []).length > 0 ? undefined : direct,
  }
}
