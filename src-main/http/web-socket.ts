import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import type { StreamItem } from '#contract/stream-item.ts'
import { toTimestamp } from '#contract/time.ts'
import type { Core, EventFilter } from '#core/core.ts'
import { onceFor } from '#core/store/once-for.ts'
import { filterOf } from './event-stream.ts'
import { type EndReason, follow } from './follow.ts'
import type { RequestEnv } from './request-env.ts'
import type { StreamSlot, StreamSlots } from './stream-slots.ts'
import { errorResponse, refusalResponse } from './wire-error.ts'

/** What a reader may say. */
const said = z.union([
  /** Go on after this id, as `?after=` does. */
  z.strictObject({ after: z.string().max(64) }),
  /** Answered with a heartbeat. A browser cannot send the ping of the protocol. */
  z.strictObject({ type: z.literal('ping') }),
])
/** More than any of that needs. */
const MAX_SAID_BYTES = 1_024
/** How often a reader may speak up, pings of the protocol too: each word costs a reading of the log or an answer. */
const MOST_SAID = 20
const SAID_WITHIN_MS = 1_000
/** For how long a dropped reader may still take what waits for it, and with it the reason. */
const LAST_WORD_MS = 2_000

/** What a reader is told as it is dropped, within the 123 bytes that a close frame holds. */
const ENDS: { readonly [R in EndReason]: readonly [code: number, words: string] } = {
  slow: [1013, 'too slow: what waited for you was dropped. Connect again with ?after=<last id>'],
  rights: [4403, 'you may not read this any more. Log in and connect again with ?after=<last id>'],
  closing: [1001, 'Baton is closing. Connect again with ?after=<last id>'],
}
const BAD_WORDS = [1008, 'say {"after": "<id>"} or {"type": "ping"}, and nothing else'] as const

const TOO_MUCH = [1008, 'too many messages at once. Connect again with ?after=<last id> and say less'] as const

const textOf = onceFor((item: StreamItem): Buffer => Buffer.from(JSON.stringify(item)))

/** Opens web sockets on requests that have passed all checks of an ordinary one. */
export interface WebSockets {
  /** Core's events, as `/sse/events` has them: one JSON object `{kind, …}` a message. */
  open(context: Context<RequestEnv>): Response
}

export function createWebSockets(core: Core, slots: StreamSlots): WebSockets {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_SAID_BYTES,
    perMessageDeflate: false,
    autoPong: false,
  })

  function begin(context: Context<RequestEnv>, line: WebSocket, slot: StreamSlot, filter: EventFilter): void {
    const end = ([code, words]: readonly [number, string]): void => {
      line.close(code, words)
      setTimeout(() => line.terminate(), LAST_WORD_MS).unref()
    }
    const send = (items: readonly StreamItem[]): void => {
      const { socket } = context.env.incoming
      socket.cork()
      for (const item of items) line.send(textOf(item), { binary: false })
      socket.uncork()
    }
    const following = follow({ context, core, slot, reader: { send, end: (reason) => end(ENDS[reason]) } })
    let since = 0
    let count = 0
    /** Whether the reader may be listened to; who says too much is ended. */
    const mayTalk = (): boolean => {
      if (line.readyState !== WebSocket.OPEN) return false
      const now = performance.now()
      if (now - since >= SAID_WITHIN_MS) {
        since = now
        count = 0
      }
      count += 1
      if (count > MOST_SAID) end(TOO_MUCH)
      return count <= MOST_SAID
    }
    line.on('ping', (data) => {
      if (mayTalk()) line.pong(data)
    })
    line.on('message', (data: RawData, isBinary) => {
      if (!mayTalk()) return
      const words = isBinary ? undefined : said.safeParse(jsonOf(String(data))).data
      if (words === undefined) end(BAD_WORDS)
      else if ('after' in words) following.from({ ...filter, after: words.after })
      else send([{ kind: 'heartbeat', ts: toTimestamp(Date.now()) }])
    })
    // A message that is too long, or no text; the library has closed the line for it.
    line.on('error', () => undefined)
    following.from(filter)
  }

  return {
    open(context) {
      const { incoming, outgoing, upgrade } = context.env
      if (upgrade === undefined) {
        return errorResponse(
          'BAD_REQUEST',
          'This address speaks WebSocket: connect with ws://. For SSE there is /sse/events.',
        )
      }
      const filter = filterOf(context)
      if (!filter.ok) return filter.error
      const slot = slots.take(context.get('caller'))
      if (!slot.ok) return refusalResponse(slot.error)
      const { socket } = incoming
      outgoing.detachSocket(socket)
      let isOpen = false
      socket.once('close', () => {
        if (!isOpen) slot.value.free()
      })
      server.handleUpgrade(incoming, socket, upgrade, (line) => {
        isOpen = true
        begin(context, line, slot.value, filter.value)
      })
      return RESPONSE_ALREADY_SENT
    },
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
