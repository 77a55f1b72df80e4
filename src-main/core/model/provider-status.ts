import type { z } from 'zod'
import type { serviceState } from '#contract/service.ts'
import { type Breaker, type BreakerLimits, createBreaker } from './breaker.ts'
import type { ProviderHealth } from './provider.ts'

export type ServiceState = z.infer<typeof serviceState>

/** Why nobody may ask a provider until a moment: it limits us, or it has failed again and again (H2). */
export type HoldKind = 'rate_limit' | 'trouble'

export interface Hold {
  /** ms since 1970. */
  readonly until: number
  readonly reason: string
}

/** A model that its server could not load, and that nobody asks for until a moment. */
export interface ModelRest extends Hold {
  readonly model: string
}

/** What is known of one provider now. Times are ms. */
export interface ProviderStatus {
  readonly state: ServiceState
  readonly detail: string
  readonly since: number | null
  readonly checked_at: number | null
  readonly models: readonly string[]
  /** Models that it said it has not, although a list or a profile names them. */
  readonly missing: readonly string[]
  /** Nobody asks it until this moment; null where everybody may. */
  readonly held_until: number | null
  readonly held_reason: string
  readonly held_by: HoldKind | null
  /** Since when (ms) nobody asks it; null where everybody may, and after a restart. */
  readonly held_since: number | null
  /** Models that rest now, while the others of this provider work. */
  readonly resting: readonly ModelRest[]
  /** What went wrong last, also where it is well again; null where nothing did since Baton's start. */
  readonly last_error: { readonly at: number; readonly message: string } | null
}

/** The last word on each provider: from health checks and from real calls. In memory; found out anew at each start. */
export interface ProviderBoard {
  get(provider: string): ProviderStatus
  /** Takes a health check's answer, or what a call showed. */
  report(provider: string, health: ProviderHealth): void
  /** Keeps all calls of a provider back until a moment (E3). A longer hold stays. */
  hold(provider: string, until: number, reason: string): void
  /** A profile's model is not there any more. */
  miss(provider: string, model: string): void
  /** A model could not be loaded: others take its work until that moment. */
  rest(provider: string, rest: ModelRest): void
  /** A person had it looked at, or the model was pulled anew: resting models may be asked again. */
  wake(provider: string): void
  /** Whether a call may be made now. A yes is followed by `worked`, `failed` or `left`. */
  mayAsk(provider: string): { readonly ok: true } | ({ readonly ok: false; readonly by: HoldKind } & Hold)
  /** A call came back; `isWell`: with an answer, and not with what only a person can mend. */
  worked(provider: string, isWell: boolean): void
  /** A call failed in a way that is the provider's own. */
  failed(provider: string, reason: string, limits: BreakerLimits): void
  /** A call was given up by us. */
  left(provider: string): void
  /** Rate limits that still hold, to be kept over a restart. */
  holds(): Readonly<Record<string, Hold>>
  /** The clock was set back by so many ms: holds end as much earlier by it. */
  bringForward(ms: number): void
  onChange(listener: (provider: string, status: ProviderStatus) => void): void
  /** Work needs a service that is not there: who can start it may. */
  want(provider: string): void
  onWant(listener: (provider: string) => void): void
}

interface Entry {
  status: Omit<ProviderStatus, 'held_until' | 'held_reason' | 'held_by' | 'held_since' | 'resting' | 'last_error'>
  resting: readonly ModelRest[]
  lastError: ProviderStatus['last_error']
  heldSince: number | null
  limit: Hold | null
  trouble: Hold | null
  readonly breaker: Breaker
}

const UNKNOWN: Entry['status'] = {
  state: 'unknown',
  detail: 'Not checked yet.',
  since: null,
  checked_at: null,
  models: [],
  missing: [],
}

/** `found`: the models of each provider that an earlier start had found; `held`: rate limits that it was told of. */
export function createProviderBoard(
  found: Readonly<Record<string, readonly string[]>> = {},
  held: Readonly<Record<string, Hold>> = {},
): ProviderBoard {
  const board = new Map<string, Entry>()
  const listeners: ((provider: string, status: ProviderStatus) => void)[] = []
  const wanters: ((provider: string) => void)[] = []
  for (const [provider, models] of Object.entries(found)) entry(provider).status = { ...UNKNOWN, models }
  for (const [provider, limit] of Object.entries(held)) entry(provider).limit = limit

  function entry(provider: string): Entry {
    const known = board.get(provider) ?? {
      status: UNKNOWN,
      resting: [],
      lastError: null,
      heldSince: null,
      limit: null,
      trouble: null,
      breaker: createBreaker(),
    }
    board.set(provider, known)
    return known
  }

  function get(provider: string): ProviderStatus {
    const { limit, trouble, ...known } = entry(provider)
    const now = Date.now()
    const resting = known.resting.filter((rest) => rest.until > now)
    const status = { ...known.status, resting, last_error: known.lastError }
    const by = limit !== null && limit.until > now ? 'rate_limit' : 'trouble'
    const hold = by === 'rate_limit' ? limit : trouble
    if (hold === null || hold.until <= now)
      return { ...status, held_until: null, held_reason: '', held_by: null, held_since: null }
    return {
      ...status,
      held_until: hold.until,
      held_reason: hold.reason,
      held_by: by,
      held_since: known.heldSince,
    }
  }

  /** To be called before a hold is set. */
  function noteHold(known: Entry, provider: string): void {
    if (get(provider).held_until === null) known.heldSince = Date.now()
  }

  function tell(provider: string): void {
    const status = get(provider)
    for (const listener of listeners) listener(provider, status)
  }

  return {
    get,
    report(provider, answer) {
      const known = entry(provider)
      const before = known.status
      const now = Date.now()
      // A server that does not answer has not lost its models: work that belongs to them waits for it.
      const health = answer.state === 'down' ? { ...answer, models: before.models } : answer
      const changed =
        before.state !== health.state ||
        before.detail !== health.detail ||
        before.models.join('\n') !== health.models.join('\n')
      const since = before.state === health.state ? before.since : now
      // A list that names a model anew says that it is there again.
      const missing =
        answer.state === 'healthy' ? before.missing.filter((name) => !health.models.includes(name)) : before.missing
      const { state, detail, models } = health
      known.status = { state, detail, models, missing, since, checked_at: now }
      const isTrouble = state === 'down' || state === 'degraded'
      if (isTrouble) known.lastError = { at: now, message: detail }
      if (changed || missing.length < before.missing.length) tell(provider)
    },
    hold(provider, until, reason) {
      const known = entry(provider)
      if (known.limit !== null && known.limit.until >= until) return
      noteHold(known, provider)
      known.limit = { until, reason }
      known.lastError = { at: Date.now(), message: reason }
      tell(provider)
    },
    miss(provider, model) {
      const known = entry(provider)
      if (known.status.missing.includes(model)) return
      known.status = { ...known.status, missing: [...known.status.missing, model] }
      tell(provider)
    },
    rest(provider, rest) {
      const known = entry(provider)
      const others = known.resting.filter(({ model, until }) => model !== rest.model && until > Date.now())
      known.resting = [...others, rest]
      known.lastError = { at: Date.now(), message: rest.reason }
      tell(provider)
    },
    wake(provider) {
      const known = entry(provider)
      if (known.resting.length === 0) return
      known.resting = []
      tell(provider)
    },
    mayAsk(provider) {
      const { limit, trouble, breaker } = entry(provider)
      const now = Date.now()
      if (limit !== null && limit.until > now) return { ok: false, by: 'rate_limit', ...limit }
      const asked = breaker.ask(now)
      if (asked.ok) return asked
      return { ok: false, by: 'trouble', until: asked.until, reason: trouble?.reason ?? '' }
    },
    worked(provider, isWell) {
      const known = entry(provider)
      known.breaker.worked()
      const { status, trouble } = known
      known.trouble = null
      const mends = isWell && (status.state !== 'healthy' || status.detail !== '')
      const since = status.state === 'healthy' ? status.since : Date.now()
      if (isWell) known.status = { ...status, state: 'healthy', detail: '', since, checked_at: Date.now() }
      if (mends || trouble !== null) tell(provider)
    },
    failed(provider, reason, limits) {
      const known = entry(provider)
      known.lastError = { at: Date.now(), message: reason }
      const until = known.breaker.failed(Date.now(), limits)
      if (until === null || known.trouble?.until === until) return
      noteHold(known, provider)
      known.trouble = { until, reason }
      tell(provider)
    },
    left: (provider) => entry(provider).breaker.left(),
    holds() {
      const now = Date.now()
      return Object.fromEntries(
        [...board].flatMap(([provider, { limit }]) => (limit !== null && limit.until > now ? [[provider, limit]] : [])),
      )
    },
    bringForward(ms) {
      for (const known of board.values()) {
        if (known.limit !== null) known.limit = { ...known.limit, until: known.limit.until - ms }
        if (known.trouble !== null) known.trouble = { ...known.trouble, until: known.trouble.until - ms }
        known.resting = known.resting.map((rest) => ({ ...rest, until: rest.until - ms }))
        known.breaker.bringForward(ms)
      }
    },
    onChange: (listener) => {
      listeners.push(listener)
    },
    want(provider) {
      for (const listener of wanters) listener(provider)
    },
    onWant: (listener) => {
      wanters.push(listener)
    },
  }
}
