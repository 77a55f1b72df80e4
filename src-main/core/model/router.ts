import type { ModelProfileStatus } from '#contract/model.ts'
import type { Complexity, TaskType, Tier } from '#contract/states.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import { LOCAL_SERVERS, type ModelCatalog } from './catalog.ts'
import { type FirstRung, firstRung, rungsAbove, rungsUpTo } from './ladder.ts'
import type { Candidate, LearnedRouting } from './learned-routing.ts'
import type { ProviderBoard } from './provider-status.ts'

/** What decides where work goes. `profile` and `local_only` are the project's. */
export interface RouteQuestion {
  readonly type: TaskType
  readonly complexity: Complexity
  /** Set by the plan or the user; null: the routing table decides. */
  readonly tier: Tier | null
  /** The tier that a task has come to since; it goes before all else. */
  readonly rung?: Tier | null
  /** Whether something says when the task is done; absent: nothing does. */
  readonly verifiable?: boolean
  /** Whether learned routing may try what is little known; absent: no, as it is only to be shown. */
  readonly explores?: boolean
  readonly profile: string | null
  readonly local_only: boolean
}

export type Route =
  | {
      readonly ok: true
      readonly profile: ModelProfileStatus
      readonly tier: Tier
      readonly reason: string
      /** By chance, so that asking again may give another answer. */
      readonly isDrawn: boolean
    }
  /** Nothing can take the work now; `message` says what is missing and what to do. */
  | {
      readonly ok: false
      readonly tier: Tier
      readonly message: string
      /** When a provider that rests is asked again (ms); null: when something changes. */
      readonly resumes_at: number | null
      /** Local servers that could take it if they were there. */
      readonly wants: readonly string[]
    }

/** Where a task goes on whose result was not accepted, or why nowhere. */
export type NextRung =
  | { readonly ok: true; readonly tier: Tier; readonly profile: ModelProfileStatus }
  | { readonly ok: false; readonly reason: string }

/** Sends work to a model profile by the routing table (R3), the project's policy and what is available. */
export interface Router {
  route(question: RouteQuestion): Route
  /**
   * The nearest tier above `from` that another model than `profile` can take within the project's policy (G4).
   */
  next(question: RouteQuestion, from: Tier, profile: string): NextRung
  /** The provider behind a profile's name. */
  providerOf(profile: string): string | undefined
}

export function createRouter(
  settings: SettingsStore,
  catalog: ModelCatalog,
  board: ProviderBoard,
  learned: LearnedRouting,
): Router {
  function tierOf(question: RouteQuestion): FirstRung & { isDrawn?: boolean } {
    if (question.rung != null) return { tier: question.rung, reason: '' }
    if (isLearned(question)) {
      const explores = question.explores ?? false
      const { highest_tier } = settings.settings()
      const found = learned.choose(question, candidates(question, rungsUpTo(highest_tier)), explores)
      if (found !== null) return { ...found, isDrawn: explores }
    }
    return firstRung(settings.settings(), { ...question, verifiable: question.verifiable ?? false })
  }

  function isLearned({ tier, profile, verifiable }: RouteQuestion): boolean {
    return settings.settings().routing === 'learned' && tier === null && profile === null && verifiable === true
  }

  /** The tiers that have a model of their own for this, as routing itself finds it: what is forbidden or not there is not among them. */
  function candidates(question: RouteQuestion, tiers: readonly Tier[]): Candidate[] {
    return tiers.flatMap((tier) => {
      const found = route({ ...question, rung: tier })
      return found.ok && found.profile.tiers.includes(tier) ? [{ tier, profile: found.profile }] : []
    })
  }

  function route(question: RouteQuestion): Route {
    const { tier, reason, isDrawn = false } = tierOf(question)
    const localOnly = question.local_only || settings.settings().local_only
    if (question.profile !== null) {
      return chosen(question.profile, catalog.offered(question.profile), tier, localOnly, board)
    }

    const automatic = catalog.list().filter((profile) => profile.provider !== 'demo' && !(localOnly && profile.paid))
    const own = automatic.filter((profile) => profile.tiers.includes(tier))
    const found = own.find((profile) => profile.available)
    if (found !== undefined)
      return { ok: true, profile: found, tier, reason: sentences(reason, passedOver(own, found)), isDrawn }

    const other = fallback(tier, automatic, own, localOnly)
    if (other !== null)
      return { ok: true, profile: other.profile, tier, reason: sentences(reason, other.reason), isDrawn }
    return {
      ok: false,
      tier,
      message: nothingFor(tier, own, localOnly),
      resumes_at: restsUntil(own, board),
      wants: wantsFor(tier, own, localOnly),
    }
  }

  function fallback(
    tier: Tier,
    automatic: readonly ModelProfileStatus[],
    own: readonly ModelProfileStatus[],
    localOnly: boolean,
  ): { profile: ModelProfileStatus; reason: string } | null {
    const { fallback_to_paid, fallback_to_local } = settings.settings()
    if (tier === 'local') {
      const allowed = fallback_to_paid === 'always' || (fallback_to_paid === 'not_configured' && own.length === 0)
      const paid = allowed && !localOnly ? cheapestPaid(automatic) : undefined
      return paid === undefined ? null : { profile: paid, reason: 'No local model is there, so it goes to a paid one.' }
    }
    // A paid service that is down for a moment is waited for; one that was never set up is not.
    const configured = own.some((profile) => profile.enabled && board.get(profile.provider).state !== 'not_configured')
    if (!localOnly && (configured || !fallback_to_local)) return null
    const local = automatic.find((profile) => !profile.paid && profile.available)
    if (local === undefined) return null
    const why = localOnly ? 'Work stays local here' : 'No paid model is set up'
    return { profile: local, reason: `${why}, so it goes to a local model.` }
  }

  function next(question: RouteQuestion, from: Tier, profile: string): NextRung {
    if (question.profile !== null) return { ok: false, reason: 'The project uses one model for everything.' }
    const above = rungsAbove(settings.settings(), from)
    if (above.length === 0) return { ok: false, reason: `No tier above ${from} is allowed.` }
    const closed: string[] = []
    const open = candidates(question, above).filter((candidate) => candidate.profile.name !== profile)
    const better = isLearned(question) ? learned.choose(question, open, true) : null
    const taken = open.find(({ tier }) => tier === better?.tier)
    if (taken !== undefined) return { ok: true, ...taken }
    for (const tier of above) {
      const found = route({ ...question, rung: tier })
      if (!found.ok) closed.push(found.message)
      else if (found.profile.name !== profile) return { ok: true, tier, profile: found.profile }
    }
    const localOnly = question.local_only || settings.settings().local_only
    const why = localOnly ? 'Work stays local here, and no other local model is set up for a higher tier.' : ''
    return { ok: false, reason: sentences(...new Set(closed), why) || 'No other model is set up for a higher tier.' }
  }

  return { route, next, providerOf: (profile) => catalog.get(profile)?.provider }
}

/** The paid profile of the lowest tier that can be used; tiers rise in price. */
function cheapestPaid(profiles: readonly ModelProfileStatus[]): ModelProfileStatus | undefined {
  const usable = profiles.filter((profile) => profile.paid && profile.available)
  return usable.find((profile) => profile.tiers.includes('fast')) ?? usable[0]
}

function chosen(
  name: string,
  profile: ModelProfileStatus | undefined,
  tier: Tier,
  localOnly: boolean,
  board: ProviderBoard,
): Route {
  const refused = (message: string): Route => ({ ok: false, tier, message, resumes_at: null, wants: [] })
  if (profile === undefined) {
    return refused(`There is no model profile "${name}". Choose another for this project.`)
  }
  if (localOnly && profile.paid) {
    return refused(`${profile.display_name} is paid, and this project is local-only.`)
  }
  if (!profile.available) {
    const message = `${profile.display_name}: ${profile.reason}`
    const wants = profile.paid ? [] : [profile.provider]
    return { ok: false, tier, message, resumes_at: restsUntil([profile], board), wants }
  }
  return { ok: true, profile, tier, reason: `The project uses ${profile.display_name} for everything.`, isDrawn: false }
}

/** Which better ranked profiles could not be had, and why; empty where there was none. */
function passedOver(own: readonly ModelProfileStatus[], found: ModelProfileStatus): string {
  return own
    .slice(0, own.indexOf(found))
    .filter((profile) => profile.enabled)
    .map((profile) => `${profile.display_name} was passed over: ${profile.reason}`)
    .join(' ')
}

function sentences(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ')
}

/** When the first of these profiles that rests, or whose provider does, is asked again (ms); null where none does. */
function restsUntil(profiles: readonly ModelProfileStatus[], board: ProviderBoard): number | null {
  const ends = profiles.flatMap(({ provider, model, enabled }) => {
    const { held_by, held_until, resting } = board.get(provider)
    if (!enabled) return []
    const rests = resting.filter((rest) => rest.model === model).map((rest) => rest.until)
    return held_by === 'trouble' && held_until !== null ? [...rests, held_until] : rests
  })
  return ends.length === 0 ? null : Math.min(...ends)
}

/** A server that never answered has no profiles, so any of them may be meant. */
function wantsFor(tier: Tier, own: readonly ModelProfileStatus[], localOnly: boolean): string[] {
  const local = own.filter((profile) => profile.enabled && !profile.paid).map((profile) => profile.provider)
  return local.length === 0 && (tier === 'local' || localOnly) ? [...LOCAL_SERVERS] : [...new Set(local)]
}

function nothingFor(tier: Tier, own: readonly ModelProfileStatus[], localOnly: boolean): string {
  const reasons = [...new Set(own.map((profile) => `${profile.display_name}: ${profile.reason}`))]
  if (reasons.length > 0) return `No model of the ${tier} tier can be used now. ${reasons.join(' ')}`
  if (tier === 'local' || localOnly) {
    return 'No local model is there. Start Ollama and pull a model, or allow paid models in the settings.'
  }
  return `No model of the ${tier} tier is set up. Add an API key, start Ollama, or choose a model profile for this project.`
}
