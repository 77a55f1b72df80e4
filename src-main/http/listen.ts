import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { err, ok, type Result } from '#contract/result.ts'
import { boundConnections } from './bound-connections.ts'
import type { Direct } from './direct.ts'
import { refuseUnloaded, refuseUnreadable } from './refuse-unreadable.ts'

/** Where to listen: a port of 127.0.0.1 (0: any free one) or a socket's path. */
export type Address = { readonly port: number } | { readonly path: string }

/** Answers a request. `upgrade`: what came after the head of one for another protocol. */
export type Answer = (incoming: IncomingMessage, outgoing: ServerResponse, upgrade?: Buffer) => Promise<void>

/** What is served. */
export interface Served {
  /** Loads what answers, with the first request that needs it. Whoever rejects has told the log why. */
  load(): Promise<Answer>
  /** Is asked first, where it is there; all that it does not answer goes the way of `load`. */
  readonly direct?: Direct | undefined
}

export interface Listener {
  /** The port, or null on a socket. */
  readonly port: number | null
  /** Stops listening and ends every connection, streams too. */
  close(): Promise<void>
}

/**
 * What a caller may take, so that one who sends byte by byte holds nothing for long. None of it ends a request that has
 * come as a whole: answers and streams take as long as they take. Times in ms.
 */
const PATIENCE = {
  headersTimeout: 15_000,
  /** Head and body together: an archive of a project may come through a slow tunnel. */
  requestTimeout: 15 * 60_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  /** Bytes of the first line and all headers. */
  maxHeaderSize: 16_384,
  // The host guard refuses one that is absent, in the shape of every other error.
  requireHostHeader: false,
} as const
const MAX_HEADERS = 100
/** Connections that may wait to be taken. Node's 511 are not enough where thousands of readers come back at once. */
const BACKLOG = 4_096

function opened(server: Server, address: Address): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    server.once('error', resolve)
    const at = 'port' in address ? { host: '127.0.0.1', port: address.port } : { path: address.path }
    server.listen({ ...at, backlog: BACKLOG }, () => {
      server.off('error', resolve)
      resolve(null)
    })
  })
}

function explain(fault: NodeJS.ErrnoException, address: Address): string {
  const place = 'port' in address ? `127.0.0.1:${address.port}` : address.path
  if (fault.code === 'EADDRINUSE') {
    return `Baton cannot listen at ${place}: another program is there already. Choose another port (--port 0 takes a free one) or end that program.`
  }
  return `Baton cannot listen at ${place}: ${fault.message}. Choose another port or mend the cause.`
}

/** A request for another protocol that has no body: one with a body could not be read any more. */
function isUpgrade({ method, headers, url = '' }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && /^(\/api)?\/ws(\?|$)/.test(url)
}

/** Serves `app`. The error is a text for the user. */
export async function listen(app: Served, address: Address): Promise<Result<Listener, string>> {
  /** Sockets of requests for a web socket, which the server does not count as its own any more. */
  const upgraded = new Set<Duplex>()
  const { direct } = app
  const answer: Answer = async (request, response, upgrade) => {
    const loaded = await app.load().catch(() => null)
    if (loaded === null) return refuseUnloaded(response)
    // Who has left meanwhile would never be missed: nothing tells of it a second time.
    if (!response.destroyed) await loaded(request, response, upgrade)
  }
  const first = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (direct === undefined || !(await direct(request, response))) await answer(request, response)
  }
  const server = createServer(
    { ...PATIENCE, shouldUpgradeCallback: isUpgrade },
    (request, response) => void first(request, response),
  )
  server.maxHeadersCount = MAX_HEADERS
  // An expectation that nobody knows is none (RFC 9110 allows both).
  server.on('checkExpectation', (request, response) => void answer(request, response))
  boundConnections(server)
  refuseUnreadable(server)
  server.on('upgrade', (request, socket, head) => {
    upgraded.add(socket)
    socket.on('close', () => upgraded.delete(socket)).on('error', () => socket.destroy())
    // Node before 24.9 asks nobody first.
    if (!isUpgrade(request) || !(socket instanceof Socket)) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', () => socket.destroy())
      return
    }
    // It is checked and refused as any other request; only who passes gets the socket.
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    // Whoever was refused may not hold the line by never ending their side of it: nothing else counts it any more.
    response.once('finish', () => socket.destroySoon())
    void answer(request, response, head)
  })
  const fault = await opened(server, address)
  if (fault !== null) return err(explain(fault, address))
  const bound = server.address()
  return ok({
    port: typeof bound === 'object' && bound !== null ? bound.port : null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        for (const socket of upgraded) socket.destroy()
      }),
  })
}
