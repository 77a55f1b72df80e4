/** Ports that a name without a port stands for. */
const WEB_PORTS = [80, 443]

/**
 * Whether a list of names (see `hostPattern`) has this host and port. `*` has every host, at the ports of the web.
 * `host` as `URL.hostname` spells it.
 */
export function isListedHost(list: readonly string[], host: string, port: number): boolean {
  const name = plainHost(host)
  return list.some((entry) => {
    const [pattern = '', named] = entry.split(':')
    const isPort = named === undefined ? WEB_PORTS.includes(port) : Number(named) === port
    if (!isPort) return false
    if (pattern === '*') return true
    return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) && name !== pattern.slice(2) : name === pattern
  })
}

/** Without the dot of the root, and without the brackets of an IPv6 address. */
export function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}
