import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Many more than the streams that are promised (A4), and little enough memory. */
export const MAX_CONNECTIONS = 8_000

/**
 * Bounds how many connections stand open, without letting those that ask for nothing keep others out: above `limit` the
 * one goes that has waited longest without a request that is being answered; where all are at work, the new one.
 */
export function boundConnections(server: Server, limit = MAX_CONNECTIONS): void {
  /** How many requests of each connection are being answered. */
  const open = new Map<Socket, number>()
  /** Those of them that have none, in the order in which they began to wait. */
  const waiting = new Set<Socket>()

  server.on('connection', (socket) => {
    open.set(socket, 0)
    waiting.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      waiting.delete(socket)
    })
    if (open.size <= limit) return
    const [longest = socket] = waiting
    longest.destroy()
  })
  // A web socket is at work for as long as it stands.
  server.on('upgrade', ({ socket }) => waiting.delete(socket))
  server.on('request', ({ socket }, response) => {
    open.set(socket, (open.get(socket) ?? 0) + 1)
    waiting.delete(socket)
    response.once('close', () => {
      const known = open.get(socket)
      if (known === undefined) return
      open.set(socket, known - 1)
      if (known === 1) waiting.add(socket)
    })
  })
}
