import { err, ok, type Result } from '#contract/result.ts'
import { portOf, readUrl } from './checked-url.ts'
import { isListedHost } from './host-list.ts'
import { pinnedAgent } from './pinned-agent.ts'
import type { Reach } from './reach.ts'

/** What came back, its body bounded. */
export interface Fetched {
  readonly url: string
  readonly status: number
  readonly content_type: string
  readonly bytes: Uint8Array
  /** More was there than was taken. */
  readonly cut: boolean
}

/** Why nothing came. `moved`: to a host that nobody has allowed yet. */
export type FetchFault =
  | { readonly kind: 'refused' | 'failed'; readonly message: string }
  | { readonly kind: 'moved'; readonly to: string }

export interface FetchLimits {
  readonly bytes: number
  readonly time_ms: number
  readonly redirects: number
}

const HEADERS = {
  'user-agent': 'Baton',
  accept: 'text/html, text/plain, application/json, text/*;q=0.9, application/xml;q=0.8',
  'accept-encoding': 'gzip, deflate, br',
}
const MOVED = [301, 302, 303, 307, 308]

/**
 * Asks for one URL with GET: no cookies, no credentials, no referrer. Each hop is checked like the first one, against the
 * hosts and against the addresses, and connected to at the address that was checked. `bytes` bounds what is taken after it
 * was unpacked. The first URL was allowed by who calls this; hops to its own host or a listed one are followed.
 */
export async function checkedFetch(
  first: URL,
  hosts: readonly string[],
  reach: Reach,
  limits: FetchLimits,
  stop: AbortSignal,
): Promise<Result<Fetched, FetchFault>> {
  const deadline = AbortSignal.timeout(limits.time_ms)
  const signal = AbortSignal.any([stop, deadline])
  let url = first
  for (let hop = 0; hop <= limits.redirects; hop += 1) {
    const found = await reach.find(url.hostname, portOf(url))
    if (!found.ok) return refusedBecause(`${url.href} was not fetched, because ${found.error}.`)
    const { fetch } = await import('undici')
    const agent = await pinnedAgent(found.value)
    try {
      const answer = await fetch(url, {
        ...{ dispatcher: agent, redirect: 'manual', referrerPolicy: 'no-referrer', credentials: 'omit', signal },
        headers: HEADERS,
      })
      const location = MOVED.includes(answer.status) ? answer.headers.get('location') : null
      if (location === null) {
        const { bytes, cut } = await readBody(answer.body, limits.bytes)
        const content_type = (answer.headers.get('content-type') ?? '').toLowerCase()
        return ok({ url: url.href, status: answer.status, content_type, bytes, cut })
      }
      const next = nextHop(location, url, hosts)
      if (!next.ok) return next
      url = next.value
    } catch (cause) {
      const why = deadline.aborted ? `it took longer than ${limits.time_ms / 1_000} s` : reasonOf(cause)
      return err({ kind: 'failed', message: `${url.href} could not be fetched: ${why}.` })
    } finally {
      await agent.destroy()
    }
  }
  return refusedBecause(`${first.href} led on more than ${limits.redirects} times, so it was left.`)
}

function nextHop(location: string, from: URL, hosts: readonly string[]): Result<URL, FetchFault> {
  if (!URL.canParse(location, from.href)) return refusedBecause(`${from.href} leads to something that is no URL.`)
  const target = new URL(location, from.href)
  if (from.protocol === 'https:' && target.protocol === 'http:') {
    return refusedBecause(`${from.href} leads from https to http, so it was left.`)
  }
  const read = readUrl(target.href, hosts)
  if (!read.ok) return refusedBecause(`${from.href} leads elsewhere. ${read.error}`)
  const { hostname } = read.value
  const isSame = hostname === from.hostname && portOf(read.value) === portOf(from)
  // From http to https of the same host is the same place, better guarded.
  const isUpgrade = hostname === from.hostname && portOf(from) === 80 && portOf(read.value) === 443
  if (isSame || isUpgrade || isListedHost(hosts, hostname, portOf(read.value))) return read
  return err({ kind: 'moved', to: read.value.href })
}

async function readBody(
  body: AsyncIterable<Uint8Array> | null,
  limit: number,
): Promise<{ bytes: Uint8Array; cut: boolean }> {
  const pieces: Uint8Array[] = []
  let size = 0
  // Leaving the loop ends the stream, and what unpacks it.
  for await (const piece of body ?? []) {
    pieces.push(piece.subarray(0, limit - size))
    size += piece.length
    if (size > limit) return { bytes: Buffer.concat(pieces), cut: true }
  }
  return { bytes: Buffer.concat(pieces), cut: false }
}

function refusedBecause(message: string): Result<never, FetchFault> {
  return err({ kind: 'refused', message })
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error ? cause.cause.message : cause.message
}
