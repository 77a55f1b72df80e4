import { type Context, Hono } from 'hono'
import { checkOwner, checkScope } from '#api/check-right.ts'
import type { ApiContext } from '#api/implementer.ts'
import type { Right } from '#api/rights.ts'
import { ARCHIVE_LIMITS } from '#core/archive/archive-format.ts'
import type { Core } from '#core/core.ts'
import type { Caller } from '#core/identity/caller.ts'
import { loadOnce } from '#core/load-once.ts'
import type { Shares } from '#core/shares.ts'
import { headersToLine } from './answer.ts'
import { answerHeaders } from './answer-headers.ts'
import { auditExport } from './audit-export.ts'
import { authenticate, type FindCaller } from './authenticate.ts'
import { bodyCap, MAX_BODY_BYTES, MAX_LOGIN_BYTES } from './body-cap.ts'
import { boundBodies } from './bound-bodies.ts'
import { correlate, correlationId } from './correlation.ts'
import { crossOrigin } from './cross-origin.ts'
import type { CallNotes } from './direct.ts'
import { eventStream } from './event-stream.ts'
import type { HostLog } from './file-log.ts'
import { HEALTH_PATHS, HEALTH_ROUTE, healthAnswer } from './health.ts'
import { hostGuard } from './host-guard.ts'
import { IDEMPOTENCY_HEADER, KEY_WORDS, keyedRequest } from './idempotency.ts'
import { LOGINS } from './logins.ts'
import { originGuard } from './origin-guard.ts'
import { exportArchive, IMPORT_PATH, importArchive } from './project-archive.ts'
import { projectFile } from './project-file.ts'
import type { RateLimits, RateState } from './rate-limits.ts'
import { addressOf, type Middleware, type RequestEnv, statusOf } from './request-env.ts'
import { requestLog } from './request-log.ts'
import type { RestRoutes } from './rest.ts'
import { runStream } from './run-stream.ts'
import { createStreamSlots } from './stream-slots.ts'
import { createStreamTickets } from './stream-ticket.ts'
import type { Traffic } from './traffic.ts'
import { createUiFiles } from './ui-files.ts'
import { usageExport } from './usage-export.ts'
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

/** What the app has in common with the short way: whoever is let in, counted or bounded is so in both alike. */
export interface AppParts {
  readonly options: AppOptions
  readonly find: FindCaller
  readonly limits: RateLimits
  /** Bytes of bodies that callers have under way. */
  readonly bodies: Shares
  /** How many of them one caller may. */
  maxBodyBytes(): number
  readonly traffic: Traffic
  routes(): Promise<RestRoutes>
  apiContext(caller: Caller, address: string | null, notes: CallNotes): ApiContext
}

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

const NO_KEYED_UPLOAD =
  'Nothing was imported: this route takes no Idempotency-Key, because its body is not read twice. Send the archive in pieces instead (/api/imports), whose last call takes one.'

/** All that the short way leaves: every refusal, streams, files, pages of other origins. Checks run in the order of S4. */
export function createHonoApp(parts: AppParts): Hono<RequestEnv> {
  const { options, find, limits, bodies, maxBodyBytes, traffic, routes, apiContext } = parts
  const { core, token } = options
  const app = new Hono<RequestEnv>()
  const ui = options.ui_dir === undefined ? null : createUiFiles(options.ui_dir)
  const tickets = createStreamTickets(() => core.settings.get().expiries.ticket_s)
  const slots = createStreamSlots(() => core.settings.get().max_streams)
  const webSockets = loadOnce(() =>
    import('./web-socket.ts').then(({ createWebSockets }) => createWebSockets(core, slots)),
  )
  const isRead = (method: string) => method === 'GET' || method === 'HEAD'
  const isUi = (method: string, path: string) => isRead(method) && ui?.has(path) === true
  const routeOf = (context: Context<RequestEnv>) =>
    context.get('route') ?? (isUi(context.req.method, context.req.path) ? 'ui' : 'other')
  const description = loadOnce(() => import('./open-api.ts').then(({ describeApi }) => describeApi(options.version)))

  app.use(correlate)
  app.use(answerHeaders)
  if (options.log !== undefined) app.use(requestLog(options.log, routeOf))
  app.use(async (context, next) => {
    await next()
    // It was made as for GET, and nobody reads it: a stream, or the file behind a download, would stay open.
    if (context.req.method === 'HEAD') await context.res.body?.cancel()
  })
  app.use(async (context, next) => {
    traffic.came()
    if (token === null) return next()
    const since = performance.now()
    const metrics = await traffic.metrics()
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
    (isRead(method) && (HEALTH_PATHS.includes(path) || path === DOCS_PATH || isUi(method, path))) ||
    (method === 'POST' && (LOGINS.has(path) || WEBHOOK_PATHS.includes(path)))
  app.use(authenticate({ find, tickets, isStream, isPublic, again: core.identity.again }))
  // An archive goes to the disk as it comes, and imports are bounded by their number.
  app.use(boundBodies(bodies, maxBodyBytes, (path) => path === IMPORT_PATH))
  /** Lets in who has a right, and where it is about a project only whom that belongs to. */
  const need =
    (right: Right): Middleware =>
    async (context, next) => {
      const caller = context.get('caller')
      context.set('route', context.req.routePath)
      const call = { route: context.req.routePath, is_read: isRead(context.req.method) }
      const scope = checkScope(caller, right)
      if (!scope.ok) return refusalResponse(scope.error)
      const admitted = await limits.admit(caller, call, noteRate(context))
      if (!admitted.ok) return refusalResponse(admitted.error)
      const own = right.of === undefined ? scope : checkOwner(core, caller, context.req.param(right.of) ?? '')
      return own.ok ? next() : refusalResponse(own.error)
    }

  app.on('GET', ['/metrics', '/api/metrics'], need({ scope: 'metrics' }), async () => {
    const { content_type, text } = await (await traffic.metrics()).text()
    return new Response(text, { headers: { 'content-type': content_type, 'cache-control': 'no-store' } })
  })
  app.on('GET', [...HEALTH_PATHS], (context) => {
    context.set('route', HEALTH_ROUTE)
    const { status, body } = healthAnswer(core, traffic.requests())
    return context.json(body, status)
  })
  app.get('/api/openapi.json', async (context) => context.json(await description()))
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
  return app
}
