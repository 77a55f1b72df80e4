import { networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'

/** Of IPv6, only this part is given out for the internet; whatever a tunnel hides in it has a range of its own. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')
/** Addresses of the internet that lead into the machine's own cloud: Azure's host, which gives out secrets. */
const CLOUD_HOSTS = ['168.63.129.16']

/**
 * Why an address must not be connected to, in words; null where it is one of the public internet. Takes what a resolver
 * gives: the usual spelling of IPv4 and IPv6. Refused is all that is not plain unicast: this machine, private and shared
 * networks, link-local (where clouds answer with credentials), multicast, reserved ranges, and IPv6 that carries an IPv4
 * address inside (mapped, translated, 6to4, Teredo, ISATAP), whichever it is.
 */
export function whyNotPublic(address: string): string | null {
  if (!ipaddr.isValid(address) || (!address.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(address))) {
    return `${address} is no address`
  }
  const parsed = ipaddr.parse(address)
  const range = parsed.range()
  if (range !== 'unicast') return `${address} is not on the public internet (${range})`
  if (parsed instanceof ipaddr.IPv6) {
    if (!parsed.match(GLOBAL_UNICAST) || isIsatap(parsed)) return `${address} is not on the public internet`
  }
  if (CLOUD_HOSTS.includes(parsed.toString())) return `${address} belongs to the cloud that this machine runs in`
  return isOwn(parsed) ? `${address} is this machine` : null
}

/** Where a cloud's own services answer within a network of its user's. */
const CLOUD_SERVICES = ['fd00:ec2::254']
const NAMED_RANGES = ['unicast', 'private', 'loopback', 'uniqueLocal', 'carrierGradeNat']

/**
 * Why an address must not be connected to even where a person has named its host: this machine and private networks may be,
 * what clouds use to give out their secrets (link-local among it) may not.
 */
export function whyNotNamed(address: string): string | null {
  if (!ipaddr.isValid(address)) return `${address} is no address`
  const parsed = ipaddr.parse(address)
  const range = parsed.range()
  if (!NAMED_RANGES.includes(range)) return `${address} is never asked (${range})`
  if ([...CLOUD_HOSTS, ...CLOUD_SERVICES].includes(parsed.toString())) {
    return `${address} belongs to the cloud that this machine runs in`
  }
  return null
}

/** RFC 5214: the last half says `5efe` and an IPv4 address. */
function isIsatap({ parts }: ipaddr.IPv6): boolean {
  return ((parts[4] ?? 0) & 0xfdff) === 0 && parts[5] === 0x5efe
}

function isOwn(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .some((own) => ipaddr.parse(own.address).toNormalizedString() === address.toNormalizedString())
}
