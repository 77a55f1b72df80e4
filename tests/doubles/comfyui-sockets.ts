import type { Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

/** The `/ws` of a double of ComfyUI: one socket per client id. */
export interface ComfyuiSockets {
  /** To the client that sent a prompt; nobody may be there. */
  send(clientId: string | undefined, type: string, data: object): void
  sendBinary(clientId: string | undefined, frame: Buffer): void
  broadcast(type: string, data: object): void
  /** Cuts every socket without a farewell. */
  destroyAll(): void
  readonly connections: number
}

/** `queueRemaining` is asked for each greeting. */
export function serveSockets(server: Server, queueRemaining: () => number): ComfyuiSockets {
  const wss = new WebSocketServer({ noServer: true })
  const clients = new Map<string, WebSocket>()
  let connections = 0

  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://double')
    // A page of another origin is not let in.
    const isForeign =
      request.headers.origin !== undefined && new URL(request.headers.origin).host !== request.headers.host
    if (!/^(\/api)?\/ws$/.test(url.pathname) || isForeign) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    wss.handleUpgrade(request, socket, head, (client) => {
      const id = url.searchParams.get('clientId') ?? crypto.randomUUID()
      connections += 1
      clients.set(id, client)
      client.on('close', () => {
        if (clients.get(id) === client) clients.delete(id)
      })
      client.on('error', () => client.terminate())
      const status = { exec_info: { queue_remaining: queueRemaining() } }
      client.send(JSON.stringify({ type: 'status', data: { status, sid: id } }))
    })
  })

  return {
    send: (clientId, type, data) => clients.get(clientId ?? '')?.send(JSON.stringify({ type, data })),
    sendBinary: (clientId, frame) => clients.get(clientId ?? '')?.send(frame),
    broadcast(type, data) {
      for (const client of clients.values()) client.send(JSON.stringify({ type, data }))
    },
    destroyAll() {
      for (const client of clients.values()) client.terminate()
    },
    get connections() {
      return connections
    },
  }
}
