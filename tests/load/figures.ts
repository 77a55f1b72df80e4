import autocannon from 'autocannon'
import type { Asked } from './asked.ts'
import { quantile, sendPaced } from './paced.ts'
import type { Served } from './processes.ts'
import { usageOf } from './processes.ts'

/** How it went. */
export interface Answered {
  readonly per_second: number
  readonly failures: number
  /** Share of one core that the server used; null where the system does not tell. */
  readonly cpu: number | null
  /** Share of the time in which it could have gone on and other work had the processors; null where nobody tells. */
  readonly kept_waiting: number | null
  readonly rss_bytes: number | null
}

/** How it went at a rate. Latencies in ms, from the moment at which a request was due. */
export interface Paced extends Answered {
  readonly p50_ms: number
  readonly p95_ms: number
  readonly p99_ms: number
  /** By how much the process that asks was itself late; a part of the latencies. */
  readonly late_p95_ms: number
}

/** Puts load on a server for a while, after a while of warming up. */
export interface Load {
  /** As much as is answered. */
  most(of: Served, asked: Asked): Promise<Answered>
  /** `rate` requests a second. */
  at(of: Served, asked: Asked, rate: number): Promise<Paced>
}

export function loadFigures(seconds: number): Load {
  return {
    async most({ url, pid, authorization }, asked) {
      const { path, method = 'GET', body, headers, connections = 32 } = asked
      const options = {
        ...{ url: `${url}${path}`, method, connections },
        headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body }),
      }
      await autocannon({ ...options, duration: Math.ceil(seconds / 2) })
      const { result, wall_s, ...use } = await used(pid, () => autocannon({ ...options, duration: seconds }))
      return { per_second: result['2xx'] / wall_s, failures: result.non2xx + result.errors, ...use }
    },
    async at(of, asked, rate) {
      await sendPaced(of, asked, rate, seconds / 2)
      const { result, wall_s, ...use } = await used(of.pid, () => sendPaced(of, asked, rate, seconds))
      const { latencies, lateness, failures } = result
      return {
        ...{ per_second: latencies.length / wall_s, failures, ...use },
        ...{ p50_ms: quantile(latencies, 0.5), p95_ms: quantile(latencies, 0.95), p99_ms: quantile(latencies, 0.99) },
        late_p95_ms: quantile(lateness, 0.95),
      }
    },
  }
}

/** What a process used while something was done. */
async function used<T>(pid: number, act: () => Promise<T>) {
  const before = usageOf(pid)
  const began = performance.now()
  const result = await act()
  const wall_s = (performance.now() - began) / 1_000
  const after = usageOf(pid)
  return {
    ...{ result, wall_s },
    cpu: before === null || after === null ? null : (after.cpu_s - before.cpu_s) / wall_s,
    kept_waiting:
      before?.waited_s == null || after?.waited_s == null ? null : (after.waited_s - before.waited_s) / wall_s,
    rss_bytes: after?.rss_bytes ?? null,
  }
}

export const perSecond = (figure: number): string => `${Math.round(figure)}/s`
export const inMs = (figure: number): string => `${figure.toFixed(1)} ms`
export const inMegabytes = (bytes: number | null): string =>
  bytes === null ? 'not told' : `${Math.round(bytes / 1_048_576)} MB`
export const asCpu = (share: number | null): string =>
  share === null ? 'CPU not told' : `${Math.round(share * 100)} % of one core`
/** Latency is the server's own only as far as it was let run. */
export const asWaiting = (share: number | null): string =>
  share === null ? 'waiting not told' : `kept waiting by other work ${Math.round(share * 100)} % of the time`
export const asPaced = ({ p50_ms, p95_ms, p99_ms }: Paced): string =>
  `p50 ${p50_ms.toFixed(1)}, p95 ${p95_ms.toFixed(1)}, p99 ${p99_ms.toFixed(1)} ms`

/** Processor time of one request: what is left to compare where other work slows everything down. */
export const costOf = ({ cpu, per_second }: Answered): string =>
  cpu === null ? 'cost not told' : `${Math.round((cpu / per_second) * 1e6)} us of processor time each`
