import type { Context } from 'hono'
import type { SSEStreamingApi } from 'hono/streaming'
import { z } from 'zod'
import { eventsQuery, type StreamItem } from '#contract/event.ts'
import type { Core, EventFilter } from '#core/core.ts'
import { seesOnly } from '#core/identity/caller.ts'
import type { RequestEnv } from './request-env.ts'
import { sseResponse } from './sse-response.ts'
import { whileMay } from './while-may.ts'
import { errorResponse } from './wire-error.ts'

const streamQuery = z.object(eventsQuery)

function write(stream: SSEStreamingApi, item: StreamItem): Promise<void> {
  if (item.kind === 'event') {
    return stream.writeSSE({ event: 'event', id: item.event.id, data: JSON.stringify(item.event) })
  }
  if (item.kind === 'delta') return stream.writeSSE({ event: 'delta', data: JSON.stringify(item.delta) })
  return stream.writeSSE({ event: 'heartbeat', data: JSON.stringify({ ts: item.ts }) })
}

/**
 * Core's events as SSE: `event` (with id), `delta`, `heartbeat` every 15 s. Goes on after `Last-Event-ID`, which a
 * reconnecting browser sends, or else after `?after=`. Nothing is read from core faster than the reader takes it.
 */
export function eventStream(
  context: Context<RequestEnv>,
  core: Core,
  fixed: Pick<EventFilter, 'project_id'> = {},
  stallMs?: number,
): Response {
  const { after, project_id, type } = context.req.query()
  const lastId = context.req.header('last-event-id')
  const parsed = streamQuery.safeParse({ after: lastId || after, project_id: fixed.project_id ?? project_id, type })
  if (!parsed.success) {
    return errorResponse(
      'BAD_REQUEST',
      `The stream was not opened: ${z.prettifyError(parsed.error)}. Correct the query.`,
    )
  }
  const reader = new AbortController()
  const items = core.events.stream({ ...parsed.data, owner: seesOnly(context.get('caller')) }, reader.signal)
  return sseResponse(context, whileMay(context, core, items), reader, write, stallMs, context.get('metrics'))
}
