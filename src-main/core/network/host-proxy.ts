import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { portOf } from './checked-url.ts'
import { isListedHost, plainHost } from './host-list.ts'
import type { CheckedAddress, Reach } from './reach.ts'

/** Who was asked through a proxy, as `host:port`. */
export interface HostsAsked {
  readonly reached: readonly string[]
  /** Those that were not let through, with the reason. */
  readonly refused: readonly { readonly host: string; readonly why: string }[]
}

/** A proxy for one command: a Unix socket that lets HTTP through to the named hosts and to no other. */
export interface HostProxy {
  readonly socket: string
  asked(): HostsAsked
  /** Ends it with all of its connections. */
  close(): Promise<void>
}

const MAX_CONNECTIONS = 128
const CONNECT_MS = 15_000
const MAX_NOTED = 50
/** What belongs to one hop alone (RFC 9110, 7.6.1), and what is meant for proxies. */
const ONE_HOP =
  /^(connection|proxy-connection|keep-alive|proxy-authorization|proxy-authenticate|te|trailer|transfer-encoding|upgrade)$/i

/**
 * Opens a proxy (T4). HTTPS goes through as a tunnel (CONNECT), HTTP request by request; each time the host is held against
 * the list, looked up once, and connected to at the address that was checked, as `fetch_url` does.
 */
export async function openHostProxy(hosts: readonly string[], reach: Reach): Promise<HostProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-proxy-'))
  const socket = join(folder, 's')
  const reached = new Set<string>()
  const refused = new Map<string, string>()
  const open = new Set<Duplex>()
  const closing = new AbortController()

  /** Where it may go, or null where it may not; noted either way. */
  async function mayGo(host: string, port: number): Promise<CheckedAddress | null> {
    const name = `${plainHost(host)}:${port}`.slice(0, 300)
    const found = isListedHost(hosts, host, port)
      ? await reach.find(host, port)
      : { ok: false as const, error: 'the plan does not name it' }
    if (found.ok) {
      if (reached.size < MAX_NOTED) reached.add(name)
      return found.value
    }
    if (refused.size < MAX_NOTED) refused.set(name, found.error)
    return null
  }

  async function tunnel(asked: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    const target = targetOf(asked.url ?? '')
    const address = target === null ? null : await mayGo(target.host, target.port)
    if (address === null || target === null) {
      client.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nx-baton: the plan does not name this host\r\n\r\n')
      return
    }
    // It may have gone while its host was looked up.
    if (client.destroyed || closing.signal.aborted) return
    const far = connect({ host: address.address, port: target.port, family: address.family, timeout: CONNECT_MS })
    track(far)
    far.once('timeout', () => far.destroy())
    far.once('connect', () => {
      far.setTimeout(0)
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length > 0) far.write(head)
      far.pipe(client)
      client.pipe(far)
    })
    far.on('error', () => client.destroy())
    far.on('close', () => client.destroy())
    client.on('error', () => far.destroy())
    client.on('close', () => far.destroy())
  }

  async function forward(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = URL.canParse(asked.url ?? '') ? new URL(asked.url ?? '') : null
    const address = url?.protocol === 'http:' ? await mayGo(url.hostname, portOf(url)) : null
    if (url === null || address === null) {
      answer.writeHead(403, { 'content-type': 'text/plain' }).end('The plan does not name this host.\n')
      return
    }
    const far = request({
      ...{ host: address.address, family: address.family, port: portOf(url), path: url.pathname + url.search },
      ...{ method: asked.method, headers: { ...passedOn(asked.headers), host: url.host }, setHost: false },
      ...{ agent: false, timeout: CONNECT_MS, signal: closing.signal },
    })
    far.on('socket', track)
    far.on('response', (came) => {
      far.setTimeout(0)
      const { statusCode = 0 } = came
      // A stranger's status may be one that cannot be passed on, and writing it would throw in nobody's hands.
      if (statusCode < 200 || statusCode > 999) {
        far.destroy(new Error(`it answered with the status ${statusCode}`))
        return
      }
      answer.writeHead(statusCode, passedOn(came.headers))
      came.pipe(answer)
    })
    far.on('timeout', () => far.destroy(new Error('it does not answer')))
    far.on('error', (fault) => {
      if (answer.headersSent) answer.destroy()
      else answer.writeHead(502, { 'content-type': 'text/plain' }).end(`${url.host} failed: ${fault.message}\n`)
    })
    answer.on('close', () => far.destroy())
    asked.pipe(far)
  }

  function track(stream: Duplex): void {
    open.add(stream)
    stream.once('close', () => open.delete(stream))
  }

  const server = createServer({ requestTimeout: 0 }, (asked, answer) => {
    forward(asked, answer).catch(() => answer.destroy())
  })
  server.maxConnections = MAX_CONNECTIONS
  server.on('connection', (client: Socket) => {
    track(client)
    client.on('error', () => client.destroy())
  })
  server.on('connect', (asked, client, head) => {
    tunnel(asked, client, head).catch(() => client.destroy())
  })
  try {
    await once(server.listen(socket), 'listening')
  } catch (cause) {
    await rm(folder, { recursive: true, force: true })
    throw cause
  }
  return {
    socket,
    asked: () => ({
      reached: [...reached],
      refused: [...refused].map(([host, why]) => ({ host, why })),
    }),
    async close() {
      closing.abort()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const stream of open) stream.destroy()
      server.closeAllConnections()
      await closed
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** `host:port` of a CONNECT; null where it is something else. */
function targetOf(text: string): { host: string; port: number } | null {
  const found = /^(\[[0-9a-f:.]+\]|[^:/@?#\s]+):(\d{1,5})$/i.exec(text)
  const port = Number(found?.[2])
  // Read as a URL does, so that no spelling of an address passes for a name.
  const url = `http://${found?.[1]}/`
  return found === null || port < 1 || port > 65_535 || !URL.canParse(url)
    ? null
    : { host: new URL(url).hostname, port }
}

function passedOn<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ONE_HOP.test(name)))
}
