import type { z } from 'zod'
import type { serviceState } from '#contract/service.ts'
import type { ProviderHealth } from './provider.ts'

export type ServiceState = z.infer<typeof serviceState>

/** What is known of one provider now. Times are ms. */
export interface ProviderStatus {
  readonly state: ServiceState
  readonly detail: string
  readonly since: number | null
  readonly checked_at: number | null
  readonly models: readonly string[]
  /** Rate limited until this moment; null where it is not. */
  readonly held_until: number | null
  readonly held_reason: string
}

/** The last word on each provider: from health checks and from real calls. In memory; found out anew at each start. */
export interface ProviderBoard {
  get(provider: string): ProviderStatus
  /** Takes a health check's answer, or what a call showed. */
  report(provider: string, health: ProviderHealth): void
  /** Keeps all calls of a provider back until a moment (E3). */
  hold(provider: string, until: number, reason: string): void
  /** The clock was set back by so many ms: holds end as much earlier by it. */
  bringForward(ms: number): void
  onChange(listener: (provider: string, status: ProviderStatus) => void): void
}

const UNKNOWN: ProviderStatus = {
  state: 'unknown',
  detail: 'Not checked yet.',
  since: null,
  checked_at: null,
  models: [],
  held_until: null,
  held_reason: '',
}

/** `found`: the models of each provider that an earlier start had found. */
export function createProviderBoard(found: Readonly<Record<string, readonly string[]>> = {}): ProviderBoard {
  const board = new Map<string, ProviderStatus>(
    Object.entries(found).map(([provider, models]) => [provider, { ...UNKNOWN, models }]),
  )
  const listeners: ((provider: string, status: ProviderStatus) => void)[] = []

  function get(provider: string): ProviderStatus {
    const status = board.get(provider) ?? UNKNOWN
    if (status.held_until !== null && status.held_until <= Date.now()) {
      return { ...status, held_until: null, held_reason: '' }
    }
    return status
  }

  function set(provider: string, status: ProviderStatus, changed: boolean): void {
    board.set(provider, status)
    if (changed) for (const listener of listeners) listener(provider, status)
  }

  return {
    get,
    report(provider, answer) {
      const before = get(provider)
      const now = Date.now()
      // A server that does not answer has not lost its models: work that belongs to them waits for it.
      const health = answer.state === 'down' ? { ...answer, models: before.models } : answer
      const changed =
        before.state !== health.state ||
        before.detail !== health.detail ||
        before.models.join('\n') !== health.models.join('\n')
      const since = before.state === health.state ? before.since : now
      set(provider, { ...before, ...health, since, checked_at: now }, changed)
    },
    hold: (provider, until, reason) =>
      set(provider, { ...get(provider), held_until: until, held_reason: reason }, true),
    bringForward(ms) {
      for (const [provider, status] of board) {
        if (status.held_until !== null) board.set(provider, { ...status, held_until: status.held_until - ms })
      }
    },
    onChange: (listener) => {
      listeners.push(listener)
    },
  }
}
