import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { NetworkDoor } from '../../src-main/core/core.ts'
import { whyNotPublic } from '../../src-main/core/network/public-address.ts'

/** A server of this test on 127.0.0.1, ended after it. */
export async function localServer(listener: RequestListener): Promise<{ port: number; server: Server }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return { port: (server.address() as AddressInfo).port, server }
}

/**
 * A network in which these names lead to these addresses, and 127.0.0.1 may be connected to at these ports. All else is
 * looked at as in the product.
 */
export function ownNetwork(names: Readonly<Record<string, readonly string[]>>, ports: readonly number[]): NetworkDoor {
  return {
    async resolve(host) {
      const found = names[host]
      if (found === undefined) throw new Error(`getaddrinfo ENOTFOUND ${host}`)
      return found
    },
    whyNot: (address, port) => (address === '127.0.0.1' && ports.includes(port) ? null : whyNotPublic(address)),
  }
}
