import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { LEADS_NOWHERE_PUBLIC } from '#contract/host.ts'
import { err, ok, type Result } from '#contract/result.ts'
import type { NetworkDoor } from '../core.ts'
import { plainHost } from './host-list.ts'
import { whyNotPublic } from './public-address.ts'

/** Where a connection may go: looked up once, checked, and connected to exactly. */
export interface CheckedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** Finds the address of a host and says whether it may be connected to. */
export interface Reach {
  /** The error says, after "because", why this host and port cannot be reached. */
  find(host: string, port: number): Promise<Result<CheckedAddress, string>>
}

const SYSTEM: NetworkDoor = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  whyNot: whyNotPublic,
}
const LOOKUP_MS = 10_000

/**
 * A host whose name has one address that is not public is refused whole: a name that leads to both is no accident. What is
 * connected to is the address that was checked, never the name again, so nobody can change the answer in between.
 */
export function createReach(door: Partial<NetworkDoor> = SYSTEM): Reach {
  const { resolve, whyNot } = { ...SYSTEM, ...door }
  return {
    async find(given, port) {
      const host = plainHost(given)
      let addresses: readonly string[]
      try {
        addresses = isIP(host) === 0 ? await withDeadline(resolve(host)) : [host]
      } catch (cause) {
        return err(`${host} was not found (${cause instanceof Error ? cause.message : String(cause)})`)
      }
      const [address] = addresses
      if (address === undefined) return err(`${host} has no address`)
      for (const each of addresses) {
        const why = whyNot(each, port)
        if (why !== null) return err(`${host} ${LEADS_NOWHERE_PUBLIC}: ${why}`)
      }
      return ok({ address, family: isIP(address) === 6 ? 6 : 4 })
    },
  }
}

function withDeadline<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('its name server does not answer')), LOOKUP_MS)
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer))
}
