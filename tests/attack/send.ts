import { Agent, request } from 'node:http'
import type { HostileRequest } from './hostile-requests.ts'
import type { Answer } from './judge-answer.ts'

/** What comes later than this is let go: streams, and locks that are waited for. */
const PATIENCE_MS = 20_000
const MAX_KEPT = 200_000

export const agent = new Agent({ keepAlive: true, maxSockets: 16 })

/** Sends one request; `broken` where the line ended without an answer, `late` where none came. */
export function send(port: number, token: string, hostile: HostileRequest): Promise<Answer | 'broken' | 'late'> {
  return new Promise((resolve) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      agent,
      method: hostile.method,
      path: hostile.path,
      headers: {
        authorization: `Bearer ${token}`,
        ...hostile.headers,
        ...(hostile.body !== null && { 'content-length': hostile.body.length }),
      },
    })
    const timer = setTimeout(() => {
      resolve('late')
      sent.destroy()
    }, PATIENCE_MS)
    const end = (answer: Answer | 'broken') => {
      clearTimeout(timer)
      resolve(answer)
    }
    let isAnswered = false
    sent.on('error', (error) => {
      // A line that was kept is closed by the server after some seconds without use, which may cross a request on it. It is
      // sent once more on another line; that a new one breaks is the server's doing.
      const isCrossing = sent.reusedSocket && !isAnswered && 'code' in error && error.code === 'ECONNRESET'
      if (!isCrossing) return end('broken')
      clearTimeout(timer)
      resolve(send(port, token, hostile))
    })
    sent.on('response', (answer) => {
      isAnswered = true
      let body = ''
      const done = () => end({ status: answer.statusCode ?? 0, headers: answer.headers, body })
      answer.setEncoding('utf8').on('data', (text: string) => {
        if (body.length < MAX_KEPT) body += text
        // A stream would go on for ever.
        if (answer.headers['content-type'] === 'text/event-stream') sent.destroy()
      })
      if (answer.headers['content-type'] === 'text/event-stream') done()
      answer.on('end', done).on('error', done)
    })
    sent.end(hostile.body ?? undefined)
  })
}
