import { z } from 'zod'
import { checkedFetch, type FetchFault, type FetchLimits } from '../network/checked-fetch.ts'
import { readUrl } from '../network/checked-url.ts'
import type { Reach } from '../network/reach.ts'
import { pageText } from './page-text.ts'
import type { Tool, ToolResult } from './tool.ts'
import { failed, succeeded } from './tool-result.ts'
import { untrusted } from './untrusted.ts'

const parameters = z.lazy(() =>
  z.strictObject({
    url: z.string().trim().min(1).max(4_000).describe('The whole URL, with https://'),
    offset: z.int().min(0).default(0).describe('Where in a long text to go on reading, in characters'),
  }),
)
type Parameters = z.infer<typeof parameters>

const LIMITS: FetchLimits = { bytes: 3_000_000, time_ms: 30_000, redirects: 5 }
/** What a model is shown at once. */
const MAX_CHARACTERS = 30_000

/** `fetch_url` (T6): the text of a page of the internet. Hosts that nobody has named are asked about first (T5). */
export function createFetchUrl(reach: Reach, limits: FetchLimits = LIMITS): Tool<Parameters> {
  return {
    name: 'fetch_url',
    description:
      'Fetches a page of the public internet (GET) and answers with its text. Hosts that are not on the project’s list are asked about first.',
    risk: 'network',
    parameters,
    impossible({ url }, hosts) {
      const read = readUrl(url, hosts)
      return read.ok ? null : read.error
    },

    async execute({ url, offset }, { hosts, signal }) {
      const read = readUrl(url, hosts)
      if (!read.ok) return failed(read.error)
      const fetched = await checkedFetch(read.value, hosts, reach, limits, signal)
      if (!fetched.ok) {
        return signal.aborted && signal.reason === 'shutdown' ? leftOpen() : failed(told(fetched.error))
      }
      const { status, content_type, bytes, cut } = fetched.value
      const page = await pageText(bytes, content_type)
      if (!page.ok) return failed(`${fetched.value.url} answered with ${status}, but was not read. ${page.error}`)
      const piece = page.text.slice(offset, offset + MAX_CHARACTERS)
      const left = page.text.length - offset - piece.length
      const head = `${fetched.value.url} answered with ${status}, ${page.text.length} characters of text.`
      const more = left > 0 ? `There are ${left} more: go on with offset ${offset + piece.length}.` : ''
      const lost = cut ? `What lay behind the first ${limits.bytes} bytes was not read.` : ''
      const text = [head, untrusted(piece, fetched.value.url), more, lost].filter((line) => line !== '').join('\n')
      return status < 400 ? succeeded(text) : failed(text)
    },

    // GET changes nothing by its standard, so it is simply asked again (E5).
    recover: async () => ({ kind: 'redo' }),
  }
}

function told(fault: FetchFault): string {
  if (fault.kind !== 'moved') return `${fault.message} Use another source, or go on without it.`
  return `It leads to ${fault.to}, on a host that is not on the project’s list. Fetch that URL itself if you need it.`
}

function leftOpen(): ToolResult {
  const reason = 'Baton was stopped while a page was being fetched.'
  return { ...failed(reason), suspends: { on: 'retry', reason, open: true, max_tries: 1 } }
}
