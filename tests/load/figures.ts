import autocannon from 'autocannon'
import type { Served } from './processes.ts'
import { usageOf } from './processes.ts'

/** What to ask for, over and over. */
export interface Asked {
  readonly path: string
  readonly method?: 'GET' | 'POST' | 'PATCH'
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** What each request says anew, where no two may be alike. */
  readonly each?: () => { readonly body: string; readonly headers: Readonly<Record<string, string>> }
  /** Requests a second; absent: as many as are answered. */
  readonly rate?: number
  readonly connections?: number
}

/** How it went. Latencies in ms, from the moment at which a request was due. */
export interface Answered {
  readonly per_second: number
  readonly p50_ms: number
  /** autocannon tells no 95th percentile; this is stricter. */
  readonly p97_ms: number
  readonly failures: number
  /** Share of one core that the server used; null where the system does not tell. */
  readonly cpu: number | null
  /** Share of the time in which it could have gone on and other work had the processors; null where nobody tells. */
  readonly kept_waiting: number | null
  readonly rss_bytes: number | null
}

/** Puts load on a server for a while. The first part of it only warms up, unless a rate is asked for. */
export type Load = (of: Served, asked: Asked) => Promise<Answered>

export function loadFigures(seconds: number): Load {
  return async ({ url, pid, authorization }, asked) => {
    const { path, method = 'GET', body, headers, each, rate, connections = 32 } = asked
    const options = {
      ...{ url: `${url}${path}`, method, connections },
      headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body }),
      ...(each !== undefined && {
        requests: [
          {
            setupRequest(request: autocannon.Request) {
              const { body, headers } = each()
              return { ...request, body, headers: { ...request.headers, ...headers } }
            },
          },
        ],
      }),
      ...(rate !== undefined && { overallRate: rate }),
    }
    await autocannon({ ...options, duration: Math.ceil(seconds / 2) })
    const before = usageOf(pid)
    const began = performance.now()
    const result = await autocannon({ ...options, duration: seconds })
    const wall_s = (performance.now() - began) / 1_000
    const after = usageOf(pid)
    return {
      per_second: result['2xx'] / wall_s,
      p50_ms: result.latency.p50,
      p97_ms: result.latency.p97_5,
      failures: result.non2xx + result.errors,
      cpu: before === null || after === null ? null : (after.cpu_s - before.cpu_s) / wall_s,
      kept_waiting:
        before?.waited_s == null || after?.waited_s == null ? null : (after.waited_s - before.waited_s) / wall_s,
      rss_bytes: after?.rss_bytes ?? null,
    }
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

/** Processor time of one request: what is left to compare where other work slows everything down. */
export const costOf = ({ cpu, per_second }: Answered): string =>
  cpu === null ? 'cost not told' : `${Math.round((cpu / per_second) * 1e6)} us of processor time each`
