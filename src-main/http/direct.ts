import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiContext } from '#api/implementer.ts'
import { NO_JOB_HEADER } from '#contract/job-words.ts'
import type { Core } from '#core/core.ts'
import { correlated } from '#core/correlation.ts'
import { type Caller, isOwnerSelf } from '#core/identity/caller.ts'
import type { Shares } from '#core/shares.ts'
import { ANSWER_HEADERS } from './answer-headers.ts'
import type { FindCaller } from './authenticate.ts'
import { CORRELATION_HEADER, correlationIdFor } from './correlation.ts'
import type { HostLog } from './file-log.ts'
import type { Metrics } from './metrics.ts'
import { plainRequest } from './plain-request.ts'
import type { RateState } from './rate-limits.ts'
import { logRequest } from './request-log.ts'
import type { RestRoutes } from './rest.ts'
import { bugMessage, wireErrorBody } from './wire-error.ts'

/** Answers a request, or tells with false that nothing was done and the app is to answer it. */
export type Direct = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<boolean>

/** What a call tells of itself while it is carried out. */
export interface CallNotes {
  /** The route that it turned out to be of. */
  route(name: string): void
  rate(state: RateState): void
  /** Whether `rate` was told already. */
  isRated(): boolean
}

export interface DirectParts {
  readonly core: Core
  readonly log: HostLog | undefined
  readonly find: FindCaller
  /** Paths that are answered by hand, or that need other checks. */
  isOthers(path: string): boolean
  routes(): Promise<RestRoutes>
  /** Bytes of bodies that callers have under way. */
  readonly bodies: Shares
  /** Counts an answer. */
  answered: Metrics['answered']
  apiContext(caller: Caller, address: string | null, notes: CallNotes): ApiContext
}

/** What every answer says, as names and values by turns. */
export const CONSTANT_HEADERS: readonly string[] = ANSWER_HEADERS.flat()
const decoder = new TextDecoder()

/** The body as it came; rejects where the line broke off. */
function bytesOf(incoming: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const brokenOff = (): void => reject(new Error('The line broke off before the body was there.'))
    // Nothing tells of it a second time.
    if (incoming.destroyed && !incoming.readableEnded) return brokenOff()
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.once('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    )
    incoming.once('error', reject)
    incoming.once('close', () => {
      if (!incoming.readableEnded) brokenOff()
    })
  })
}

/**
 * The short way for what is asked most: plain requests for routes of the contract, by callers who are let in. They go from
 * the line to oRPC and back without the app's middlewares and the fetch standard's objects, which cost more than all else
 * about them. It lets nobody in whom the app would not: what does not pass all checks here is given to the app, which does
 * them again and refuses in its words. Rights, limits and input are looked at by the contract, as ever. Shorter still is the way of
 * what the owner of the data folder reads again, of whom the contract would refuse nothing (`known-reads.ts`).
 */
export function createDirect(parts: DirectParts): Direct {
  const { core, log } = parts
  let ready: RestRoutes | undefined

  async function getReady(): Promise<RestRoutes> {
    // What plans or routes must not take a service for absent that nobody has asked yet.
    await core.lookAround()
    ready = await parts.routes()
    return ready
  }

  function told(method: string, route: string, status: number, since: number, caller: Caller): void {
    const ms = performance.now() - since
    parts.answered({ method, route, status, seconds: ms / 1_000 })
    if (log !== undefined) logRequest(log, { method, route, status, duration_ms: ms, user_id: caller.id })
  }

  return async (incoming, outgoing) => {
    const asked = plainRequest(incoming)
    if (asked === null || parts.isOthers(asked.path)) return false
    const since = performance.now()
    // What goes wrong here goes wrong in the app too, which says so.
    const caller = await parts.find(asked.bearer).catch(() => null)
    if (caller === null) return false
    const { method, path, search, prefix, body_bytes } = asked
    if (method === 'GET' && search === '' && isOwnerSelf(caller)) {
      const known = attempt(() => ready?.known(path) ?? null)
      if (known !== null) {
        const correlation_id = correlationIdFor(incoming.headers[CORRELATION_HEADER]?.toString())
        sendJson(outgoing, 200, [...CONSTANT_HEADERS, CORRELATION_HEADER, correlation_id], known.json, known.bytes)
        told(method, known.route, 200, since, caller)
        return true
      }
    }
    const giveBack = body_bytes === 0 ? () => undefined : parts.bodies.take(caller.id, body_bytes)
    if (giveBack === null) return false
    const address = incoming.socket.remoteAddress ?? null
    const correlation_id = correlationIdFor(incoming.headers[CORRELATION_HEADER]?.toString())
    return correlated({ correlation_id, actor: { id: caller.id, address } }, async () => {
      const headers = [...CONSTANT_HEADERS, CORRELATION_HEADER, correlation_id]
      let route = 'other'
      let isRated = false
      const given = parts.apiContext(caller, address, {
        route: (name) => {
          route = name
        },
        rate({ limit, remaining, reset_s }) {
          isRated = true
          headers.push('ratelimit-limit', String(limit), 'ratelimit-remaining', String(remaining))
          headers.push('ratelimit-reset', String(reset_s))
        },
        isRated: () => isRated,
      })
      const leaving = new AbortController()
      if (outgoing.destroyed) leaving.abort()
      outgoing.once('close', () => {
        if (!outgoing.writableFinished) leaving.abort()
      })
      const body = async (): Promise<unknown> => {
        const text = body_bytes > 0 ? decoder.decode(await bytesOf(incoming)) : ''
        return text === '' ? undefined : JSON.parse(text)
      }
      let status = 500
      try {
        const { rest } = ready ?? (await getReady())
        const { signal } = leaving
        const answer = await rest({ method, path, search, headers: incoming.headers, signal, body }, prefix, given)
        if (answer === null) return false
        status = answer.status
        if (answer.retry_after_s !== null) headers.push('retry-after', String(answer.retry_after_s))
        if (answer.no_job_reason !== null) headers.push(NO_JOB_HEADER, answer.no_job_reason)
        send(outgoing, status, headers, answer.body)
      } catch (fault) {
        const error = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
        log?.error('a request failed', { correlation_id, error })
        status = 500
        if (outgoing.headersSent) outgoing.destroy()
        else {
          const plain = [...CONSTANT_HEADERS, CORRELATION_HEADER, correlation_id]
          send(outgoing, status, plain, wireErrorBody('INTERNAL', bugMessage()))
        }
      } finally {
        giveBack()
      }
      told(method, route, status, since, caller)
      return true
    })
  }
}

/** Sends `body` as JSON; undefined is no body. `headers`: names and values by turns. */
export function send(outgoing: ServerResponse, status: number, headers: string[], body: unknown): void {
  const json = JSON.stringify(body)
  if (json === undefined) outgoing.writeHead(status, headers).end()
  else sendJson(outgoing, status, headers, json, Buffer.byteLength(json))
}

function sendJson(outgoing: ServerResponse, status: number, headers: string[], json: string, bytes: number): void {
  headers.push('content-type', 'application/json', 'content-length', String(bytes))
  outgoing.writeHead(status, headers).end(json)
}

/** Null where it throws: the long way does the same, and tells of it. */
export function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
