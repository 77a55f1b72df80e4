import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { correlated, newCorrelationId } from '#core/correlation.ts'
import { bugMessage, wireErrorBody } from './wire-error.ts'

interface Refused {
  readonly status: 400 | 408 | 431 | 500
  readonly code: string
  readonly message: string
}

const UNREADABLE: Refused = {
  status: 400,
  code: 'BAD_REQUEST',
  message:
    'The request is not HTTP as Baton reads it, so nothing was done. Check its first line, its Host and its headers.',
}
const TOO_SLOW: Refused = {
  status: 408,
  code: 'TIMEOUT',
  message: 'The request did not come in time, so nothing was done. Send it again, faster.',
}
const TOO_LONG: Refused = {
  status: 431,
  code: 'HEADERS_TOO_LARGE',
  message: 'The address or the headers of the request are too long, so nothing was done. Shorten them.',
}
const WORDS = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
}

/** The answer to a request that never reached the app, in the one shape (A3). */
function bodyOf({ code, message }: Refused): string {
  return correlated({ correlation_id: newCorrelationId() }, () => JSON.stringify(wireErrorBody(code, message)))
}

/** What is answered where no request could be made of what came; a fault of ours where one was made. */
export function unreadable(fault: unknown): Response {
  const isTheirs = fault instanceof Error && fault.name === 'RequestError'
  const refused: Refused = isTheirs ? UNREADABLE : { status: 500, code: 'INTERNAL', message: bugMessage() }
  return new Response(bodyOf(refused), { status: refused.status, headers: { 'content-type': 'application/json' } })
}

/** Answers that the program has a fault, where the app that would say so could not be loaded. */
export function refuseUnloaded(response: ServerResponse): void {
  response.writeHead(500, { 'content-type': 'application/json', connection: 'close' })
  response.end(bodyOf({ status: 500, code: 'INTERNAL', message: bugMessage() }))
}

/** Answers what the parser refuses, or does not get in time, in the shape of every other error, and ends the line. */
export function refuseUnreadable(server: Server): void {
  /** What answers are under way on: an answer in the middle of another would be read as a part of it. */
  const answering = new WeakSet<object>()
  server.on('request', ({ socket }, response) => {
    answering.add(socket)
    response.once('close', () => answering.delete(socket))
  })
  server.on('clientError', (fault: NodeJS.ErrnoException, socket) => {
    if (!(socket as Socket).writable || answering.has(socket)) {
      socket.destroy()
      return
    }
    const refused =
      fault.code === 'HPE_HEADER_OVERFLOW'
        ? TOO_LONG
        : fault.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? TOO_SLOW
          : UNREADABLE
    const body = bodyOf(refused)
    const head = [
      `HTTP/1.1 ${refused.status} ${WORDS[refused.status]}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      'x-content-type-options: nosniff',
      'connection: close',
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
  })
}
