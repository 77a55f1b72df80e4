/**
 * Many readers of one stream of SSE, over raw sockets, as a process of its own: `node crowd.ts`. Is told over IPC what to
 * open, and answers what came when. Times are ms since 1970, with fractions, so that two processes may compare them.
 */
import { connect, type Socket } from 'node:net'
import { z } from 'zod'

export const crowdOrder = z.discriminatedUnion('order', [
  z.object({
    order: z.literal('open'),
    readers: z.number(),
    port: z.number(),
    path: z.string(),
    authorization: z.string(),
  }),
  z.object({ order: z.literal('close') }),
])
export type CrowdOrder = z.infer<typeof crowdOrder>

/** `told`: everybody has had the event `id`, the last of them at `last_ms`. */
export const crowdNews = z.discriminatedUnion('news', [
  z.object({ news: z.literal('open'), ms: z.number() }),
  z.object({ news: z.literal('told'), id: z.string(), last_ms: z.number() }),
  z.object({ news: z.literal('closed'), events: z.number(), complete: z.number(), lost_lines: z.number() }),
])
export type CrowdNews = z.infer<typeof crowdNews>

const now = (): number => performance.timeOrigin + performance.now()
const tell = (news: CrowdNews): void => void process.send?.(news)

let sockets: Socket[] = []
let heard = new Map<string, number>()
/** When an event came last. */
let heard_ms = 0
let complete = 0
let lost = 0

function onEvents(text: string): void {
  for (const [, id = ''] of text.matchAll(/^id: (\S+)$/gm)) {
    const count = (heard.get(id) ?? 0) + 1
    heard.set(id, count)
    heard_ms = now()
    if (count !== sockets.length) continue
    complete += 1
    tell({ news: 'told', id, last_ms: now() })
  }
}

function open({ readers, port, path, authorization }: Extract<CrowdOrder, { order: 'open' }>): void {
  const began = now()
  let let_in = 0
  heard = new Map()
  complete = 0
  lost = 0
  sockets = Array.from({ length: readers }, () => {
    const socket = connect(port, '127.0.0.1')
    let isIn = false
    // A line of the text may be cut by the end of a packet.
    let rest = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      const text = rest + chunk
      const end = text.lastIndexOf('\n') + 1
      rest = text.slice(end)
      if (!isIn) {
        if (!text.startsWith('HTTP/1.1 200')) throw new Error(`A reader was refused: ${text.slice(0, 200)}`)
        isIn = true
        let_in += 1
        if (let_in === readers) tell({ news: 'open', ms: now() - began })
      }
      onEvents(text.slice(0, end))
    })
    socket.on('close', () => {
      lost += 1
    })
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: ${authorization}\r\n\r\n`)
    return socket
  })
}

/** How many events there were by their numbers, from the first to the last: also those that nobody heard. */
function told(): number {
  const numbers = [...heard.keys()].map((id) => Number(id.slice(id.lastIndexOf('-') + 1)))
  return numbers.length === 0 ? 0 : Math.max(...numbers) - Math.min(...numbers) + 1
}

/** What is still on its way when the last change was answered is waited for: for so long, or until this long nothing came. */
const PATIENCE_MS = 10_000
const SILENCE_MS = 500

async function close(): Promise<void> {
  const began = now()
  const isQuiet = (): boolean => now() - heard_ms > SILENCE_MS && complete === heard.size
  while (!isQuiet() && now() - began < PATIENCE_MS) await new Promise((resolve) => setTimeout(resolve, 50))
  tell({ news: 'closed', events: told(), complete, lost_lines: lost })
  // The next crowd may be asked for before all of these are closed, and has not lost them.
  for (const socket of sockets) socket.removeAllListeners('close').destroy()
  sockets = []
}

process.on('message', (message) => {
  const order = crowdOrder.parse(message)
  if (order.order === 'open') open(order)
  else void close()
})
