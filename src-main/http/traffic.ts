import type { Core } from '#core/core.ts'
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

/** `isMeasured`: whether anybody asks for metrics of this door. */
export function createTraffic(core: Core, log: HostLog | undefined, isMeasured: boolean): Traffic {
  let requests = 0
  let counting: Promise<Metrics> | undefined
  /** Once it is there, so that nobody has to wait for what is. */
  let counted: Metrics | undefined

  function metrics(): Promise<Metrics> {
    counting ??= import('./metrics.ts').then(({ createMetrics }) => {
      counted = createMetrics(core, log)
      return counted
    })
    return counting
  }

  return {
    came() {
      requests++
    },
    requests: () => requests,
    answered(request) {
      if (!isMeasured) return
      if (counted !== undefined) return counted.answered(request)
      metrics().then(
        (made) => made.answered(request),
        (fault: unknown) => log?.error('an answer could not be counted', { error: String(fault) }),
      )
    },
    metrics,
  }
}
