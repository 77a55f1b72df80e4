import { isIP } from 'node:net'
import { err, ok, type Result } from '#contract/result.ts'
import { isListedHost, plainHost } from './host-list.ts'
import { whyNotPublic } from './public-address.ts'

const MAX_URL = 4_000
/** Ports at which a host may be asked that nobody has named with its port. */
const USUAL_PORTS = [80, 443, 8080, 8443]
/** Names that by their standard never leave the machine or the network around it. */
const LOCAL_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|home\.arpa|corp|localdomain|onion|test|invalid)$/

/**
 * Reads a URL that a model gave, as strictly as a person would want. What is refused here needs no question: no answer would
 * make it right. `hosts` are those that a person has named; a port of its own is right only there. The error is a sentence.
 */
export function readUrl(text: string, hosts: readonly string[]): Result<URL, string> {
  if (text.length > MAX_URL) return err(`The URL has more than ${MAX_URL} characters. Use a shorter one.`)
  if (!URL.canParse(text)) return err('That is no URL. Give a whole one, such as https://example.com/page.')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return err(`Only http and https can be fetched, not ${url.protocol} Use another way.`)
  }
  if (url.username !== '' || url.password !== '') {
    return err('A URL with a user name or password is not fetched. Leave them out.')
  }
  const host = plainHost(url.hostname)
  const port = portOf(url)
  // A name that a person has named with its port is trusted to be meant; what it leads to is checked all the same.
  const isNamed = isListedHost(hosts, host, port)
  const why = isIP(host) === 0 ? whyNotName(host) : whyNotPublic(host)
  if (why !== null && !isNamed) return err(`${url.href} is not fetched: ${why}. Use another source.`)
  if (!isNamed && !USUAL_PORTS.includes(port)) {
    return err(`Port ${port} is not asked, unless the user has named ${host}:${port} among the project’s hosts.`)
  }
  url.hash = ''
  return ok(url)
}

export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
}

function whyNotName(host: string): string | null {
  if (!host.includes('.') || host.split('.').includes('')) return `"${host}" is no name of the public internet`
  return LOCAL_NAME.test(host) ? `"${host}" is no name of the public internet` : null
}
