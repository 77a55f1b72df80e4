import { BlockList, isIPv4, isIPv6 } from 'node:net'

const PRIVATE = new BlockList()
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  // Shared address space, as overlay networks between one's own machines use it.
  ['100.64.0.0', 10],
] as const) {
  PRIVATE.addSubnet(net, bits)
}
PRIVATE.addAddress('::1', 'ipv6')
PRIVATE.addSubnet('fc00::', 7, 'ipv6')
PRIVATE.addSubnet('fe80::', 10, 'ipv6')

/**
 * Whether a URL leads to this machine or the private network around it: `localhost`, a private or loopback address, or a
 * `.local` name. Any other name may lead anywhere, so it counts as outside.
 */
export function isPrivateAddress(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (isIPv4(host)) return PRIVATE.check(host)
  // Asked of each provider at every start, and what recognises such addresses is large.
  if (host.includes(':') && isIPv6(host)) return PRIVATE.check(host, 'ipv6')
  return /(^|\.)(localhost|local)$/.test(host)
}
