import { err, ok, type Result } from '#contract/result.ts'

const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PORT = '11434'

/**
 * Reads the spellings that Ollama itself accepts for `OLLAMA_HOST`: nothing, `host`, `host:port`, `:port`, or a URL.
 * A URL without a port keeps its scheme's own (80 or 443); anything else without a port means 11434. `0.0.0.0` and `::` are addresses to
 * listen on, not to call, so they become loopback.
 *
 * @returns the base URL without a slash at its end, or why the text is no address
 */
export function parseOllamaHost(text: string): Result<string, string> {
  // The variable is often set with quotes around it.
  const trimmed = text
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim()
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)
  const spelled = withDefaults(trimmed, hasScheme)
  if (!URL.canParse(spelled)) return err(explain(text, 'this is not an address'))
  const url = new URL(spelled)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return err(explain(text, `only http and https are possible, not ${url.protocol.slice(0, -1)}`))
  }
  if (url.search !== '' || url.hash !== '') return err(explain(text, 'a query or fragment has no meaning here'))
  if (url.hostname === '0.0.0.0') url.hostname = DEFAULT_HOST
  if (url.hostname === '[::]') url.hostname = '[::1]'
  const port = url.port !== '' ? url.port : hasScheme || namesPort80(trimmed) ? '' : DEFAULT_PORT
  const login = url.username === '' ? '' : `${url.username}${url.password === '' ? '' : `:${url.password}`}@`
  const path = url.pathname.replace(/\/+$/, '')
  return ok(`${url.protocol}//${login}${url.hostname}${port === '' ? '' : `:${port}`}${path}`)
}

function withDefaults(text: string, hasScheme: boolean): string {
  if (text === '') return `http://${DEFAULT_HOST}:${DEFAULT_PORT}`
  if (hasScheme) return text
  if (/^:\d+(\/|$)/.test(text)) return `http://${DEFAULT_HOST}${text}`
  return isBareIpv6(text) ? `http://[${text}]` : `http://${text}`
}

function isBareIpv6(text: string): boolean {
  return /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*$/i.test(text)
}

/** `URL` drops a port 80 that was spelled out, which would then look like no port at all. */
function namesPort80(text: string): boolean {
  return /:80(\/|$)/.test(text) && !isBareIpv6(text)
}

function explain(text: string, why: string): string {
  return `OLLAMA_HOST is set to "${text}", but ${why}. Give a host, host:port or URL, for example 127.0.0.1:11434.`
}
