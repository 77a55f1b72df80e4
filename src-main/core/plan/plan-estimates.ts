import type { PlanDocument, PlanEstimate, PlanTask, Sureness } from '#contract/plan.ts'
import type { ModelCatalog } from '../model/catalog.ts'
import { costMicros, type Price, type PriceTable, priceOf, worstCaseMicros } from '../model/price-table.ts'
import type { Router } from '../model/router.ts'
import type { ProjectRow } from '../store/schema.ts'
import type { SettingsStore } from '../store/settings-store.ts'
import { isVerifiable } from '../task/is-verifiable.ts'
import { type Calibration, calibrate } from './calibration.ts'
import { type Estimated, estimatePlan, type Measure, type TaskKind } from './estimate.ts'
import type { PastTask, PastTasks, TaskClass, TaskUse } from './past-tasks.ts'
import { errorsOf, type PastEstimate, type PlanOutcomes } from './plan-outcomes.ts'
import { createTaskPools } from './task-pool.ts'

/** An estimate as it is shown, and what is kept of it at an approval. */
export interface QuotedPlan {
  readonly estimate: PlanEstimate
  readonly forecasts: Estimated['forecasts']
  /** The demo model does all of it. */
  readonly stand_in: boolean
}

/** What a plan will probably use if it were started now on this machine (P4). */
export type EstimatePlan = (document: PlanDocument, project: Pick<ProjectRow, 'profile' | 'local_only'>) => QuotedPlan

export interface EstimateParts {
  readonly pastTasks: Pick<PastTasks, 'newest'>
  readonly outcomes: Pick<PlanOutcomes, 'past'>
  readonly settings: Pick<SettingsStore, 'settings'>
  readonly router: Pick<Router, 'route'>
  readonly catalog: Pick<ModelCatalog, 'get'>
  readonly prices: PriceTable
}

/** Tokens that a text has at most of bytes each, as a rule; the budget reserves a token for each byte (B2). */
const BYTES_PER_TOKEN = 5
/** The least answer that the budget makes room for. */
const LEAST_ANSWER = 1_024
/** With this many like tasks for each kind of the plan, tasks are known. */
const KNOWN_FROM = 5
/** With this many past projects, their errors tell the percentiles. */
const GOOD_FROM = 30

export function createEstimatePlan(parts: EstimateParts): EstimatePlan {
  const { settings, router, catalog, prices } = parts

  function kindOf(task: PlanTask, project: Parameters<EstimatePlan>[1], pools: ReturnType<typeof createTaskPools>) {
    const { type, complexity, tier } = task
    const { profile: chosen, local_only } = project
    const route = router.route({ type, complexity, tier, verifiable: isVerifiable(task), profile: chosen, local_only })
    const profile = route.ok ? route.profile : (catalog.get(chosen ?? '') ?? null)
    const of: TaskClass = { stand_in: profile?.provider === 'demo', tier: route.tier, complexity, type }
    const { uses, ...pool } = pools(of, profile?.name ?? null)
    const model = profile?.paid === true ? profile.model : null
    const call_tokens = middle(uses.map((use) => use.call_tokens))
    // Where none is known it is not sent either, so it costs nothing.
    const price = model === null ? null : priceOf(prices, model, Date.now(), call_tokens)
    const kind: TaskKind = {
      ...pool,
      tier: route.tier,
      profile: profile?.name ?? null,
      paid: profile?.paid ?? false,
      places: Math.min(profile?.max_concurrent ?? 1, settings.settings().max_concurrent_per_provider),
      cost: Float64Array.from(uses, (use) => costOf(use, profile?.name, price)),
      tokens: Float64Array.from(uses, (use) => inputOf(use) + use.output_tokens),
      ms: Float64Array.from(uses, (use) => use.ms),
      input_tokens: middle(uses.map(inputOf)),
      output_tokens: middle(uses.map((use) => use.output_tokens)),
      call_micros: model === null ? 0 : callMicros(prices, model, call_tokens),
    }
    return { kind, stand_in: of.stand_in }
  }

  return (document, project) => {
    // A plan has a thousand tasks at most, but only a few kinds of them.
    const kinds = new Map<string, ReturnType<typeof kindOf>>()
    const pools = createTaskPools(parts.pastTasks)
    const of = (task: PlanTask): ReturnType<typeof kindOf> => {
      const key = `${task.type} ${task.complexity} ${task.tier} ${isVerifiable(task)}`
      const found = kinds.get(key) ?? kindOf(task, project, pools)
      kinds.set(key, found)
      return found
    }
    const stand_in = document.tasks.every((task) => of(task).stand_in)
    const past: Record<Measure, PastEstimate[]> = {
      cost: parts.outcomes.past('cost', stand_in),
      time: parts.outcomes.past('time', stand_in),
      tokens: parts.outcomes.past('tokens', stand_in),
    }
    const calibrations: Record<Measure, Calibration> = {
      cost: calibrate(past.cost),
      time: calibrate(past.time),
      tokens: calibrate(past.tokens),
    }
    const { max_concurrent, max_concurrent_per_project } = settings.settings()
    const { estimate, forecasts } = estimatePlan(document, {
      concurrency: Math.min(max_concurrent, max_concurrent_per_project),
      kind: (task) => of(task).kind,
      calibration: (measure) => calibrations[measure],
    })
    const known = [...kinds.values()].map(({ kind }) => kind)
    return {
      forecasts,
      stand_in,
      estimate: {
        ...estimate,
        sureness: surenessOf(known, past.tokens.length),
        calibrated_by: past.tokens.length,
        past: { cost: errorsOf(past.cost), time: errorsOf(past.time), tokens: errorsOf(past.tokens) },
      },
    }
  }
}

function surenessOf(kinds: readonly TaskKind[], pastProjects: number): Sureness {
  if (pastProjects === 0 && kinds.every(({ samples }) => samples === 0)) return 'guess'
  if (kinds.some(({ samples }) => samples < KNOWN_FROM)) return 'rough'
  return pastProjects < GOOD_FROM ? 'fair' : 'good'
}

function inputOf(use: TaskUse): number {
  return use.input_tokens + use.cache_write_tokens + use.cache_read_tokens
}

/**
 * What it cost where the same model began it, handed on to a dearer one or not; elsewhere at the price of the model of today,
 * which is null where it is free.
 */
function costOf(use: PastTask | TaskUse, profile: string | undefined, price: Price | null): number {
  if ('cost_micros' in use && use.profile === profile) return use.cost_micros
  if (price === null) return 0
  return costMicros(
    {
      input: use.input_tokens,
      output: use.output_tokens,
      cache_write_5m: use.cache_write_tokens,
      cache_write_1h: 0,
      cache_read: use.cache_read_tokens,
    },
    price,
  )
}

function callMicros(prices: PriceTable, model: string, call_tokens: number): number {
  const bound = { input_tokens_bound: call_tokens * BYTES_PER_TOKEN, max_tokens: LEAST_ANSWER }
  return worstCaseMicros(prices, bound, model, Date.now()) ?? 0
}

function middle(values: readonly number[]): number {
  return Float64Array.from(values).sort()[Math.floor(values.length / 2)] ?? 0
}
