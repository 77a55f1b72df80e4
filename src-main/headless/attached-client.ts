import { createORPCClient, ORPCError } from '@orpc/client'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { Agent, fetch, type RequestInit } from 'undici'
import { z } from 'zod'
import { contract } from '#contract/contract.ts'
import { wireError } from '#contract/error.ts'
import { storedEvent } from '#contract/event.ts'
import { type StreamItem, transientEvent } from '#contract/stream-item.ts'
import { timestamp } from '#contract/time.ts'
import { type Api, type BatonClient, CoreGone } from './baton-client.ts'

/** Any name would do: the socket decides who answers. The server wants a loopback one. */
const BASE = 'http://localhost'

function decodeError(body: unknown): ORPCError<string, unknown> | null {
  const parsed = wireError.safeParse(body)
  if (!parsed.success) return null
  const { code, message, details } = parsed.data.error
  return new ORPCError(code, { message, data: details })
}

/** Making the archive of a project of many gigabytes, or a project of one, takes minutes before anything is answered. */
const LONGEST_ANSWER_MS = 3_600_000

const heartbeat = z.object({ ts: timestamp })

function decodeItem(event: { event?: string | undefined; data: string }): StreamItem | null {
  const data: unknown = JSON.parse(event.data)
  if (event.event === 'event') return { kind: 'event', event: storedEvent.parse(data) }
  if (event.event === 'delta') return { kind: 'delta', delta: transientEvent.parse(data) }
  if (event.event === 'heartbeat') return { kind: 'heartbeat', ...heartbeat.parse(data) }
  return null
}

/** Whether a stream ended because its line broke; undici says so with a TypeError. */
function isBrokenLine(fault: unknown): boolean {
  return fault instanceof TypeError && fault.message === 'terminated'
}

/** Calls a core through its private socket; null where nothing answers there. */
export async function attach(socketPath: string): Promise<BatonClient | null> {
  // Answers of a stream may be far apart; heartbeats come every 15 s.
  const dispatcher = new Agent({ connect: { socketPath }, bodyTimeout: 60_000, headersTimeout: LONGEST_ANSWER_MS })
  async function call(path: string, init: RequestInit = {}) {
    try {
      return await fetch(`${BASE}${path}`, { ...init, dispatcher })
    } catch (cause) {
      if (init.signal?.aborted) throw cause
      throw new CoreGone('The Baton that this command was attached to has ended.', { cause })
    }
  }
  try {
    const answer = await call('/health')
    await answer.arrayBuffer()
  } catch (fault) {
    await dispatcher.destroy()
    // Refused or missing: nobody lives behind this socket.
    if (fault instanceof CoreGone) return null
    throw fault
  }

  const link = new OpenAPILink(contract, {
    url: `${BASE}/api`,
    fetch: async (request) => {
      const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer())
      const { method, headers, signal } = request
      const answer = await call(request.url.slice(BASE.length), { method, headers: [...headers], body, signal })
      // The same interface from undici's own classes.
      return answer as unknown as Response
    },
    customErrorResponseBodyDecoder: decodeError,
  })

  async function* read(path: string, signal: AbortSignal): AsyncGenerator<StreamItem & { id?: string }> {
    const answer = await call(path, { signal })
    if (!answer.ok || answer.body === null) {
      throw (
        decodeError(await answer.json()) ?? new Error(`The stream of events was refused with status ${answer.status}.`)
      )
    }
    const events = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
    for await (const event of events) {
      const item = decodeItem(event)
      if (item !== null) yield item
    }
  }

  return {
    api: createORPCClient<Api>(link),
    hosted: null,
    async *events(filter, signal) {
      let { after } = filter
      while (!signal.aborted) {
        const query = new URLSearchParams({ ...filter, after })
        try {
          for await (const item of read(`/api/events/stream?${query}`, signal)) {
            if (item.kind === 'event') after = item.event.id
            yield item
          }
        } catch (cause) {
          if (signal.aborted) return
          // A line that broke while it was read says the same as one that cannot be opened, if it cannot.
          if (cause instanceof CoreGone || !isBrokenLine(cause)) throw cause
        }
      }
    },
    takeUp() {},
    async close() {
      await dispatcher.destroy()
      return { clean: true }
    },
  }
}
