import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type Behaviour, behaviour, type DoubleConfig, doubleConfig } from './behaviour.ts'
import { createRecord, type DoubleRecord, NO_TOKENS, type RecordedCall } from './record.ts'

/** One call while a double works on it. */
export interface Exchange {
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly call: RecordedCall
  readonly response: ServerResponse
  /** Ends when the client leaves. */
  readonly gone: AbortSignal
  /** Takes the behaviour of this call from the script. Call it once, for calls that ask a model. */
  next(): Behaviour
  json(status: number, body: unknown, headers?: Record<string, string>): void
  /** Sends a stream; ends early where the behaviour or the client says so. Returns how many pieces were sent whole. */
  stream(pieces: readonly string[], content_type: string, how: Behaviour): Promise<number>
}

export interface Double {
  readonly url: string
  readonly port: number
  readonly record: DoubleRecord
  /** Adds behaviours for the next calls. */
  script(...next: Behaviour[]): void
  setDefault(behaviour: Behaviour): void
  /** Holds every stream back before its first byte until the function is called that comes back: no wait is long enough. */
  hold(): () => void
  close(): Promise<void>
}

type Handler = (exchange: Exchange) => Promise<void>

const MAX_BODY_BYTES = 32 * 1_048_576

/** Starts a server on loopback whose calls are recorded and whose behaviour is scripted. `handler` speaks its protocol. */
export async function startDouble(config: DoubleConfig, handler: Handler): Promise<Double> {
  const record = createRecord()
  const queue = [...(config.queue ?? [])]
  let fallback: Behaviour = config.default ?? { kind: 'answer' }
  let asking = 0
  let gate: Promise<void> = Promise.resolve()

  const control = (path: string, body: unknown, exchange: Exchange): boolean => {
    if (path === '/__record') {
      exchange.json(200, { ...record, billed_micros: record.billed_micros(), tokens: record.tokens() })
    } else if (path === '/__script') {
      queue.push(...z.array(behaviour).parse(body))
      exchange.json(200, { queued: queue.length })
    } else if (path === '/__default') {
      fallback = behaviour.parse(body)
      exchange.json(200, {})
    } else return false
    return true
  }

  const server = createServer((request, response) => {
    void (async () => {
      const text = await readBody(request)
      const url = new URL(request.url ?? '/', 'http://double')
      const body = parseJson(text)
      const gone = new AbortController()
      response.on('close', () => gone.abort())
      const call: RecordedCall = {
        at_ms: Date.now(),
        method: request.method ?? '',
        path: url.pathname,
        headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
        body,
        behaviour: null,
        outcome: 'open',
        status: 0,
        tokens: { ...NO_TOKENS },
        billed_micros: 0,
      }
      const exchange: Exchange = {
        path: url.pathname,
        query: url.searchParams,
        headers: call.headers,
        body,
        call,
        response,
        gone: gone.signal,
        next() {
          const now = queue.shift() ?? fallback
          call.behaviour = now.kind
          return now
        },
        json(status, reply, headers = {}) {
          call.status = status
          if (call.outcome === 'open') call.outcome = status < 400 ? 'answered' : 'refused'
          response.writeHead(status, { 'content-type': 'application/json', ...headers })
          response.end(JSON.stringify(reply))
        },
        async stream(pieces, type, how) {
          await Promise.race([gate, hang(gone.signal)])
          return sendStream(response, call, gone.signal, pieces, type, how)
        },
      }
      if (control(url.pathname, body, exchange)) return
      record.calls.push(call)
      asking += 1
      record.max_concurrent = Math.max(record.max_concurrent, asking)
      try {
        await handler(exchange)
      } finally {
        asking -= 1
        if (call.outcome === 'open') call.outcome = gone.signal.aborted ? 'client_gone' : 'answered'
      }
    })().catch((error: unknown) => {
      // A fault of the double itself; the test that ran into it must see it.
      if (!response.headersSent) response.writeHead(599)
      response.end(String(error))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    record,
    script: (...next) => void queue.push(...next),
    setDefault: (next) => {
      fallback = next
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Waits, but not longer than the client does. */
export async function patiently(ms: number, gone: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: gone }).catch(() => undefined)
}

/** Never answers; returns when the client leaves. */
export async function hang(gone: AbortSignal): Promise<void> {
  if (gone.aborted) return
  await new Promise<void>((resolve) => gone.addEventListener('abort', () => resolve(), { once: true }))
}

const STOPS_HALFWAY: ReadonlySet<Behaviour['kind']> = new Set(['stream_cut', 'stream_end', 'stall'])

async function sendStream(
  response: ServerResponse,
  call: RecordedCall,
  gone: AbortSignal,
  pieces: readonly string[],
  type: string,
  how: Behaviour,
): Promise<number> {
  call.status = 200
  const wanted = STOPS_HALFWAY.has(how.kind) ? Math.max(1, Math.ceil(pieces.length / 2)) : pieces.length
  await patiently(how.start_delay_ms ?? 0, gone)
  if (gone.aborted) return 0
  response.writeHead(200, { 'content-type': type })
  let sent = 0
  for (const piece of pieces.slice(0, wanted)) {
    if (how.delay_ms !== undefined) await patiently(how.delay_ms, gone)
    for (const part of splitBytes(piece, how.split_bytes)) {
      if (gone.aborted) return sent
      if (!response.write(part)) await drained(response, gone)
      // A turn between the parts keeps the kernel from joining all of them into one packet.
      if (how.split_bytes !== undefined) await turn()
    }
    sent += 1
  }
  if (how.kind === 'stall') await hang(gone)
  else if (how.kind === 'stream_cut') {
    call.outcome = 'cut'
    await turn()
    response.socket?.destroy()
  } else {
    call.outcome = how.kind === 'stream_end' ? 'cut' : 'answered'
    response.end()
  }
  return sent
}

function splitBytes(piece: string, size: number | undefined): Uint8Array[] {
  const bytes = Buffer.from(piece, 'utf8')
  if (size === undefined) return [bytes]
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}

async function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    response.once('drain', resolve)
    gone.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new Error('request body too large for the double')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Runs a double as a process: `--port N`, `--config FILE`; prints one JSON line when ready; ends with its stdin (start it
 * with a pipe there) and with its parent, so that no test leaves it behind.
 */
export async function runDouble(start: (config: DoubleConfig) => Promise<Double>): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string' }, config: { type: 'string' } } })
  const file = values.config === undefined ? {} : doubleConfig.parse(JSON.parse(readFileSync(values.config, 'utf8')))
  const double = await start({ ...file, ...(values.port === undefined ? {} : { port: Number(values.port) }) })
  const end = () => process.exit(0)
  process.stdin.on('end', end).on('close', end).on('error', end).resume()
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) end()
  }, 500).unref()
  process.stdout.write(`${JSON.stringify({ url: double.url, pid: process.pid })}\n`)
}
