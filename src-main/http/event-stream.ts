import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import { z } from 'zod'
import { eventsQuery } from '#contract/event.ts'
import { err, ok, type Result } from '#contract/result.ts'
import type { StreamItem } from '#contract/stream-item.ts'
import type { EventFilter } from '#core/core.ts'
import { onceFor } from '#core/store/once-for.ts'
import { type Followed, follow } from './follow.ts'
import type { RequestEnv } from './request-env.ts'
import type { StreamSlots } from './stream-slots.ts'
import { errorResponse, refusalResponse } from './wire-error.ts'

const streamQuery = z.object(eventsQuery)

function frameOf(item: StreamItem): string {
  if (item.kind === 'event') return `event: event\ndata: ${JSON.stringify(item.event)}\nid: ${item.event.id}\n\n`
  if (item.kind === 'delta') return `event: delta\ndata: ${JSON.stringify(item.delta)}\n\n`
  return `event: heartbeat\ndata: ${JSON.stringify({ ts: item.ts })}\n\n`
}

const framesOf = (items: readonly StreamItem[]): string => items.map(frameOf).join('')

/** Items as one chunk of HTTP/1.1, put together once for all who read them. */
const chunkOf = onceFor((items: readonly StreamItem[]): Buffer => {
  const frames = framesOf(items)
  return Buffer.from(`${Buffer.byteLength(frames).toString(16)}\r\n${frames}\r\n`)
})

/** How long a stream that ends may take to hand over what waits. */
const LAST_WORDS_MS = 2_000

export interface EventStreamOptions {
  readonly context: Context<RequestEnv>
  readonly core: Followed
  readonly slots: StreamSlots
  /** The one project whose events the route gives. */
  readonly project_id?: string
  readonly stallMs?: number
}

/** What a request for events asks for: `Last-Event-ID`, which a reconnecting browser sends, goes before `?after=` and `?from=`. */
export function filterOf(context: Context<RequestEnv>, projectId?: string): Result<EventFilter, Response> {
  const { after, from, project_id, type } = context.req.query()
  const lastId = context.req.header('last-event-id')
  const asked = { after: lastId || after || from || undefined, project_id: projectId ?? project_id, type }
  const parsed = streamQuery.safeParse(asked)
  if (parsed.success) return ok(parsed.data)
  const why = z.prettifyError(parsed.error)
  return err(errorResponse('BAD_REQUEST', `The stream was not opened: ${why}. Correct the query.`))
}

/**
 * Core's events as SSE: `event` (with id), `delta`, `heartbeat` every 15 s. They go from the one feed straight to the
 * socket ({@link follow}); a reader that is too slow is dropped and comes back with its last id.
 */
export function eventStream({ context, core, slots, project_id, stallMs }: EventStreamOptions): Response {
  const filter = filterOf(context, project_id)
  if (!filter.ok) return filter.error
  const { outgoing } = context.env
  const { socket } = outgoing
  if (socket === null) {
    return errorResponse('BAD_REQUEST', 'This line has another answer under way. Open a line of its own for a stream.')
  }
  const head = {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    // Proxies must not hold events back.
    'x-accel-buffering': 'no',
  }
  if (context.req.method === 'HEAD') {
    outgoing.writeHead(200, head).end()
    return RESPONSE_ALREADY_SENT
  }
  const slot = slots.take(context.get('caller'))
  if (!slot.ok) return refusalResponse(slot.error)
  outgoing.writeHead(200, head).flushHeaders()
  const reader = {
    send(items: readonly StreamItem[]) {
      // The message would copy and frame the bytes for each reader, and write them later, when nobody measures it.
      if (outgoing.chunkedEncoding) socket.write(chunkOf(items))
      else outgoing.write(framesOf(items))
    },
    end(reason: 'slow' | 'rights' | 'closing') {
      // What waits for somebody who does not read would keep the line, and its memory, for ever.
      if (reason === 'slow') outgoing.destroy()
      else {
        const late = setTimeout(() => outgoing.destroy(), LAST_WORDS_MS)
        outgoing.once('close', () => clearTimeout(late)).end()
      }
    },
  }
  follow({ context, core, slot: slot.value, reader, stallMs }).from(filter.value)
  return RESPONSE_ALREADY_SENT
}
