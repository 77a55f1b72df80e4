import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port on loopback at which nobody listens: where a server is expected that is not there yet. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('A port was asked for, and none was given.')
  return address.port
}
