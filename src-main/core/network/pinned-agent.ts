import type { Agent } from 'undici'
import type { CheckedAddress } from './reach.ts'

/** Connects to one address that was checked, whatever name is asked for: a second look-up could answer with another (T6). */
export async function pinnedAgent({ address, family }: CheckedAddress): Promise<Agent> {
  const undici = await import('undici')
  return new undici.Agent({
    connect: {
      autoSelectFamily: false,
      lookup: (_name, options, done) =>
        options.all === true ? done(null, [{ address, family }]) : done(null, address, family),
    },
    maxHeaderSize: 65_536,
    pipelining: 0,
  })
}
