import type { Context } from 'hono'
import type { SSEStreamingApi } from 'hono/streaming'
import { z } from 'zod'
import { type RunStreamItem, runEventsQuery } from '#contract/run.ts'
import type { Core } from '#core/core.ts'
import type { RequestEnv } from './request-env.ts'
import { sseResponse } from './sse-response.ts'
import { whileMay } from './while-may.ts'
import { errorResponse, refusalResponse } from './wire-error.ts'

const query = z.object(runEventsQuery)

function write(stream: SSEStreamingApi, item: RunStreamItem): Promise<void> {
  switch (item.kind) {
    case 'run_event':
      return stream.writeSSE({ event: 'run_event', id: item.event.id, data: JSON.stringify(item.event) })
    case 'heartbeat':
      return stream.writeSSE({ event: 'heartbeat', data: JSON.stringify({ ts: item.ts }) })
    case 'done':
      return stream.writeSSE({ event: 'done', data: JSON.stringify({ status: item.status }) })
  }
}

/**
 * One run's events as SSE (G6): `run_event` (with id), `heartbeat`, and `done` at the end. Goes on after `Last-Event-ID`, or
 * else after `?after=` (an id), or else after `?last_ts=` (a timestamp); all are exclusive.
 */
export function runStream(context: Context<RequestEnv>, core: Core, id: string, heartbeatMs?: number): Response {
  const { after, last_ts } = context.req.query()
  const lastId = context.req.header('last-event-id')
  const parsed = query.safeParse({ after: lastId || after || undefined, last_ts: last_ts || undefined })
  if (!parsed.success) {
    return errorResponse(
      'BAD_REQUEST',
      `The stream was not opened: ${z.prettifyError(parsed.error)}. Correct the query.`,
    )
  }
  const reader = new AbortController()
  const items = core.runs.stream(id, parsed.data, reader.signal, heartbeatMs)
  return items.ok
    ? sseResponse(
        context,
        whileMay(context, core, items.value, reader),
        reader,
        write,
        undefined,
        context.get('metrics'),
      )
    : refusalResponse(items.error)
}
