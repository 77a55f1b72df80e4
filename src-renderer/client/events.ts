import type { QueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { create } from 'zustand'
import type { Status } from '#contract/service.ts'
import { type StreamItem, streamItem } from '#contract/stream-item.ts'
import type { Connection } from './client.ts'
import { createEventFeed } from './event-feed.ts'
import { keys } from './keys.ts'
import { clearLiveOutputs } from './live-output.ts'
import { clearLiveProgress } from './live-progress.ts'
import { createPace } from './pace.ts'

/** The line to Baton, as the strip shows it. */
export const useLine = create<{ state: 'connecting' | 'live' | 'lost' }>(() => ({ state: 'connecting' }))

/** A heartbeat comes every 15 s; after this long without anything the line is dead, whatever the socket says. */
const SILENCE_MS = 40_000
const RETRY_MS = [500, 1_000, 2_000, 5_000]

const ticketAnswer = z.object({ ticket: z.string() })

/** How following begins. */
interface Beginning {
  /** The status that was asked for before anything else, so that little is asked for before its answer. */
  readonly status: Promise<Status>
  /** Called once it is known where the stream begins: what is read from now on misses no event. */
  readonly onKnown: () => void
}

/**
 * The one subscription of the page. Goes on after the last event seen when the line breaks; where the history itself
 * has changed (a restored backup has another epoch), everything is read afresh. Ends when `signal` aborts.
 */
export async function followEvents(
  connection: Connection,
  queries: QueryClient,
  signal: AbortSignal,
  beginning: Beginning,
): Promise<void> {
  const feed = createEventFeed(queries, async (projectId, ids) => {
    const { items } = await connection.client.projects.tasks({ id: projectId, ids: ids.join(','), limit: ids.length })
    return items
  })
  signal.addEventListener('abort', () => feed.close())
  const pace = createPace()
  let after: string | null = null
  let failures = 0
  while (!signal.aborted) {
    try {
      const status = await (failures === 0 ? beginning.status : connection.client.system.status(undefined, { signal }))
      if (signal.aborted) return
      queries.setQueryData(keys.status, status)
      // What failed while Baton was away is asked again.
      if (failures > 0) void queries.refetchQueries({ predicate: ({ state }) => state.status === 'error' })
      if (after === null || epochOf(after) !== epochOf(status.last_event_id)) {
        if (after === null) {
          // What was read before may lack an event that the stream, which begins here, does not bring.
          feed.doubtAll()
          beginning.onKnown()
        } else {
          clearLiveOutputs()
          clearLiveProgress()
          void queries.invalidateQueries()
        }
        after = status.last_event_id
      }
      for await (const item of streamAfter(connection, after, signal)) {
        if (signal.aborted) return
        failures = 0
        if (useLine.getState().state !== 'live') useLine.setState({ state: 'live' })
        if (item.kind === 'event') after = item.event.id
        feed.add(item)
        // Thousands can come at once.
        await pace()
      }
    } catch (error) {
      // Whatever broke the line, the answer is the same: say so and try again.
      if (!signal.aborted) console.warn('The line to Baton broke:', error)
    }
    if (signal.aborted) return
    if (failures > 0) useLine.setState({ state: 'lost' })
    await sleep(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 5_000, signal)
    failures += 1
  }
}

function epochOf(eventId: string): string {
  return eventId.split('-')[0] ?? ''
}

async function* streamAfter(connection: Connection, after: string, signal: AbortSignal): AsyncGenerator<StreamItem> {
  if (connection.kind === 'http') {
    yield* serverSentItems(connection, after, signal)
    return
  }
  useLine.setState({ state: 'live' })
  yield* await connection.client.events.stream({ after }, { signal })
}

/** EventSource cannot send a header, so each opening takes a ticket that is good for one (S3). */
async function* serverSentItems(
  connection: Extract<Connection, { kind: 'http' }>,
  after: string,
  signal: AbortSignal,
): AsyncGenerator<StreamItem> {
  const response = await fetch(`${connection.base}/auth/stream-ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await connection.login.bearer()}` },
    signal,
  })
  if (!response.ok) throw new Error(`No ticket for the event stream: HTTP ${response.status}`)
  const { ticket } = ticketAnswer.parse(await response.json())
  const source = new EventSource(
    `${connection.base}/events/stream?after=${encodeURIComponent(after)}&token=${encodeURIComponent(ticket)}`,
  )
  // Read one by one by who takes them, at a pace of its own: a burst of thousands would hold up the page.
  let messages: [StreamItem['kind'], string][] = []
  let ended: Error | null = null
  let wake = () => {}
  let heardAt = performance.now()
  const end = (reason: string) => {
    ended ??= new Error(reason)
    wake()
  }
  const heard = () => {
    heardAt = performance.now()
  }
  // Looked at now and then: a timer for each of thousands of messages costs more than reading them.
  const silence = setInterval(() => {
    if (performance.now() - heardAt > SILENCE_MS) end('Nothing was heard for 40 s.')
  }, SILENCE_MS / 8)
  for (const kind of ['event', 'delta', 'heartbeat'] as const) {
    source.addEventListener(kind, (message: MessageEvent<string>) => {
      heard()
      messages.push([kind, message.data])
      wake()
    })
  }
  source.addEventListener('open', () => {
    heard()
    useLine.setState({ state: 'live' })
  })
  source.addEventListener('error', () => end('The event stream broke.'))
  signal.addEventListener('abort', () => end('The page was left.'))
  try {
    for (;;) {
      const taken = messages
      messages = []
      for (const [kind, text] of taken) {
        const item = readItem(kind, text)
        if (item !== null) yield item
      }
      if (messages.length > 0) continue
      if (ended !== null) throw ended
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  } finally {
    clearInterval(silence)
    source.close()
  }
}

/** What a message says; null where it cannot be read. */
function readItem(kind: StreamItem['kind'], text: string): StreamItem | null {
  const data: unknown = JSON.parse(text)
  const parsed = streamItem.safeParse(kind === 'heartbeat' ? { kind, ...Object(data) } : { kind, [kind]: data })
  if (parsed.success) return parsed.data
  // A newer Baton may send what this page does not know; the rest still counts.
  console.warn('An event could not be read:', parsed.error.message)
  return null
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
