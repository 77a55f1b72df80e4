import type { Core } from '#core/core.ts'
import { loadOnce } from '#core/load-once.ts'
import type { HostLog } from './file-log.ts'
import type { AnsweredRequest, Metrics } from './metrics.ts'

/** What is counted of the requests to one door, whichever way they are answered. */
export interface Traffic {
  /** Counts one that came. */
  came(): void
  /** How many came. */
  requests(): number
  /** Tells the metrics of an answer, where somebody asks for them. */
  answered(request: AnsweredRequest): void
  /** Loaded with the first call. */
  metrics(): Promise<Metrics>
}

const LOAD_AFTER_MS = 100

/** `isMeasured`: whether anybody asks for metrics of this door. */
export function createTraffic(core: Core, log: HostLog | undefined, isMeasured: boolean): Traffic {
  let requests = 0
  /** Answers that are told when the metrics are there. */
  let early: AnsweredRequest[] = []
  /** Once it is there, so that nobody has to wait for what is. */
  let counted: Metrics | undefined

  const metrics = loadOnce(async () => {
    const { createMetrics } = await import('./metrics.ts')
    counted = createMetrics(core, log)
    for (const request of early) counted.answered(request)
    early = []
    return counted
  })

  return {
    came() {
      requests++
    },
    requests: () => requests,
    answered(request) {
      if (!isMeasured) return
      if (counted !== undefined) return counted.answered(request)
      early.push(request)
      if (early.length > 1) return
      // Whoever waits for the first answer does not wait for what counts it.
      const loading = setTimeout(() => {
        metrics().catch((fault: unknown) => {
          log?.error('answers could not be counted', { answers: early.length, error: String(fault) })
          early = []
        })
      }, LOAD_AFTER_MS)
      loading.unref()
    },
    metrics,
  }
}
