import { Agent, request } from 'node:http'
import type { Asked } from './asked.ts'
import type { Served } from './processes.ts'

/** What came of requests that were sent at a rate. Times in ms. */
export interface Sent {
  /** From the moment at which each request was due to the end of its answer, in ascending order. */
  readonly latencies: readonly number[]
  /** By how much this process was late to send each, in ascending order. */
  readonly lateness: readonly number[]
  readonly failures: number
  /** From the first request to the last answer. */
  readonly wall_ms: number
}

/** An answer that has not come by then counts as failed. */
const PATIENCE_MS = 10_000

/**
 * Sends `rate` requests a second for so many seconds, evenly spread, whatever becomes of those before them. autocannon sends
 * what it owes of a second at the beginning of that second, and takes 1 ms for the space between two requests of a line
 * whatever the rate (`Math.ceil(1 / rate)` in its run.js), which counts one answer of 250 ms as 250 requests.
 */
export async function sendPaced(
  { url, authorization }: Served,
  asked: Asked,
  rate: number,
  seconds: number,
): Promise<Sent> {
  const { path, method = 'GET', body, headers, each, connections = 32 } = asked
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const latencies: number[] = []
  const lateness: number[] = []
  let failures = 0

  function send(due: number): Promise<void> {
    const own = each?.() ?? { body, headers: body === undefined ? {} : { 'content-type': 'application/json' } }
    lateness.push(performance.now() - due)
    return new Promise((resolve) => {
      const fail = (): void => {
        failures += 1
        resolve()
      }
      const sent = request(`${url}${path}`, {
        ...{ agent, method, timeout: PATIENCE_MS },
        headers: {
          ...{ authorization, ...headers, ...own.headers },
          ...(own.body !== undefined && { 'content-length': Buffer.byteLength(own.body) }),
        },
      })
      sent.on('timeout', () => sent.destroy(new Error('No answer came in time.')))
      sent.on('error', fail)
      sent.on('response', (answer) => {
        answer.on('error', fail)
        answer.resume().on('end', () => {
          const isFine = answer.statusCode !== undefined && answer.statusCode < 300
          if (!isFine) return fail()
          latencies.push(performance.now() - due)
          resolve()
        })
      })
      sent.end(own.body)
    })
  }

  const began = performance.now()
  const answers: Promise<void>[] = []
  const all = Math.round(rate * seconds)
  await new Promise<void>((resolve) => {
    const sendDue = (): void => {
      const until = performance.now() - began
      while (answers.length < all && (answers.length * 1_000) / rate <= until) {
        answers.push(send(began + (answers.length * 1_000) / rate))
      }
      if (answers.length < all) setTimeout(sendDue, 1)
      else resolve()
    }
    sendDue()
  })
  await Promise.all(answers)
  const wall_ms = performance.now() - began
  agent.destroy()
  const ascending = (figures: number[]) => figures.sort((a, b) => a - b)
  return { latencies: ascending(latencies), lateness: ascending(lateness), failures, wall_ms }
}

/** The figure below which `share` of them lie. */
export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? Number.NaN
}
