import type { PlanDocument, PlanEstimate, PlanTask, TaskEstimate } from '#contract/plan.ts'
import type { Complexity, TaskType, Tier } from '#contract/states.ts'

/** What a profile charges, in micro-dollars per million tokens. */
export interface EstimatePrice {
  readonly input_micros_per_mtok: number
  readonly output_micros_per_mtok: number
}

/** Where the routing table sends a task today. `price` is null where the profile is free or its price is not known. */
export interface EstimateRoute {
  readonly tier: Tier
  readonly profile: string | null
  readonly paid: boolean
  readonly price: EstimatePrice | null
}

/** The 10th, 50th and 90th percentile. */
export interface Percentiles {
  readonly p10: number
  readonly p50: number
  readonly p90: number
}

/** What like tasks used on this machine, each over all its model calls, repairs included. */
export interface TaskHistory {
  readonly samples: number
  readonly input_tokens: Percentiles
  readonly output_tokens: Percentiles
  readonly ms: Percentiles
}

export interface EstimateSources {
  lookup(task: PlanTask): EstimateRoute
  history(type: TaskType, complexity: Complexity, tier: Tier): TaskHistory | null
  /** How many tasks may run at once, at least 1. */
  readonly concurrency: number
}

type Usage = Omit<TaskHistory, 'samples'>

/**
 * What a task uses where this machine has no history: the tokens of all model turns of a first try (a task with tools
 * takes two to six turns, and each turn sends the conversation again) and the time at a cloud model's pace.
 */
const DEFAULTS: Readonly<Record<Complexity, Usage>> = {
  simple: {
    input_tokens: { p10: 3_000, p50: 6_000, p90: 15_000 },
    output_tokens: { p10: 400, p50: 1_200, p90: 3_000 },
    ms: { p10: 8_000, p50: 20_000, p90: 60_000 },
  },
  medium: {
    input_tokens: { p10: 6_000, p50: 16_000, p90: 40_000 },
    output_tokens: { p10: 1_000, p50: 3_500, p90: 8_000 },
    ms: { p10: 20_000, p50: 60_000, p90: 180_000 },
  },
  complex: {
    input_tokens: { p10: 15_000, p50: 45_000, p90: 120_000 },
    output_tokens: { p10: 3_000, p50: 9_000, p90: 24_000 },
    ms: { p10: 60_000, p50: 180_000, p90: 480_000 },
  },
}

/** Local models write at about half a cloud model's pace. */
const LOCAL_SLOWNESS = 2
/** A first try and two repairs (G1), which the defaults do not contain. */
const TRIES = 3
/** History contains its repairs; this is room for a task that is harder than nine of ten like it. */
const HISTORY_MARGIN = 1.5
/** With fewer samples than this the upper estimate does not go under the default one. */
const ENOUGH_SAMPLES = 5

interface Range {
  readonly samples: number
  readonly low: Amounts
  readonly likely: Amounts
  readonly high: Amounts
}

interface Amounts {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly ms: number
}

/**
 * What a plan will probably use (P4). Costs are micro-dollars, rounded up; times are milliseconds. The lower figure is
 * the 10th percentile without a repair. The upper one, which approval authorises, is the 90th with every repair that
 * may happen at the same tier, so that an ordinary run stays below it; going up a tier is not in it and asks again.
 */
export function estimatePlan(document: PlanDocument, sources: EstimateSources): PlanEstimate {
  const tokens_by_tier: Record<Tier, number> = { local: 0, fast: 0, strong: 0 }
  const samplesOfKind = new Map<string, number>()
  const tasks = document.tasks.map((task): TaskEstimate => {
    const route = sources.lookup(task)
    const range = rangeOf(task.complexity, route.tier, sources.history(task.type, task.complexity, route.tier))
    samplesOfKind.set(`${task.type} ${task.complexity} ${route.tier}`, range.samples)
    tokens_by_tier[route.tier] += range.likely.input_tokens + range.likely.output_tokens
    return {
      key: task.key,
      tier: route.tier,
      profile: route.profile,
      paid: route.paid,
      input_tokens: range.likely.input_tokens,
      output_tokens: range.likely.output_tokens,
      low_micros: cost(range.low, route),
      high_micros: cost(range.high, route),
      low_ms: range.low.ms,
      high_ms: range.high.ms,
    }
  })
  const sum = (field: 'low_micros' | 'high_micros') => tasks.reduce((total, task) => total + task[field], 0)
  return {
    low_micros: sum('low_micros'),
    high_micros: sum('high_micros'),
    low_ms: lowTime(document, tasks, sources.concurrency),
    high_ms: highTime(document, tasks, sources.concurrency),
    tokens_by_tier,
    samples: [...samplesOfKind.values()].reduce((total, samples) => total + samples, 0),
    tasks,
  }
}

function rangeOf(complexity: Complexity, tier: Tier, history: TaskHistory | null): Range {
  const slowness = tier === 'local' ? LOCAL_SLOWNESS : 1
  const defaults = DEFAULTS[complexity]
  const at = (usage: Usage, percentile: keyof Percentiles, factor: number, pace: number): Amounts => ({
    input_tokens: Math.ceil(usage.input_tokens[percentile] * factor),
    output_tokens: Math.ceil(usage.output_tokens[percentile] * factor),
    ms: Math.ceil(usage.ms[percentile] * factor * pace),
  })
  const defaultHigh = at(defaults, 'p90', TRIES, slowness)
  if (history === null || history.samples === 0) {
    return {
      samples: 0,
      low: at(defaults, 'p10', 1, slowness),
      likely: at(defaults, 'p50', 1, slowness),
      high: defaultHigh,
    }
  }
  const high = at(history, 'p90', HISTORY_MARGIN, 1)
  return {
    samples: history.samples,
    low: at(history, 'p10', 1, 1),
    likely: at(history, 'p50', 1, 1),
    high: history.samples >= ENOUGH_SAMPLES ? high : larger(high, defaultHigh),
  }
}

function larger(one: Amounts, other: Amounts): Amounts {
  return {
    input_tokens: Math.max(one.input_tokens, other.input_tokens),
    output_tokens: Math.max(one.output_tokens, other.output_tokens),
    ms: Math.max(one.ms, other.ms),
  }
}

function cost(amounts: Amounts, route: EstimateRoute): number {
  if (!route.paid || route.price === null) return 0
  const input = amounts.input_tokens * route.price.input_micros_per_mtok
  const output = amounts.output_tokens * route.price.output_micros_per_mtok
  return Math.ceil(Math.round(input + output) / 1_000_000)
}

/** No schedule is faster than the longest chain, nor than all work spread evenly. */
function lowTime(document: PlanDocument, tasks: readonly TaskEstimate[], concurrency: number): number {
  const times = tasks.map((task) => task.low_ms)
  return Math.ceil(Math.max(longestChain(document, times), total(times) / concurrency))
}

/**
 * No schedule that starts ready tasks at once is slower than this (Graham's bound): the time in which a place is free
 * is spent on the longest chain, the rest keeps all places busy.
 */
function highTime(document: PlanDocument, tasks: readonly TaskEstimate[], concurrency: number): number {
  const times = tasks.map((task) => task.high_ms)
  const chain = longestChain(document, times)
  return Math.ceil(chain + (total(times) - chain) / concurrency)
}

function total(times: readonly number[]): number {
  return times.reduce((sum, time) => sum + time, 0)
}

/** The time of the longest chain of dependent tasks. Tasks in a cycle, which a checked plan does not have, are left out. */
function longestChain(document: PlanDocument, times: readonly number[]): number {
  const positions = new Map(document.tasks.map((task, index) => [task.key, index]))
  const dependants: number[][] = document.tasks.map(() => [])
  const unmet = document.tasks.map(() => 0)
  for (const [index, task] of document.tasks.entries()) {
    for (const key of task.depends_on) {
      const position = positions.get(key)
      if (position === undefined) continue
      dependants[position]?.push(index)
      unmet[index] = (unmet[index] ?? 0) + 1
    }
  }
  const start = document.tasks.map(() => 0)
  const ready = [...unmet.keys()].filter((index) => unmet[index] === 0)
  let longest = 0
  for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
    const end = (start[index] ?? 0) + (times[index] ?? 0)
    longest = Math.max(longest, end)
    for (const dependant of dependants[index] ?? []) {
      start[dependant] = Math.max(start[dependant] ?? 0, end)
      const left = (unmet[dependant] ?? 0) - 1
      unmet[dependant] = left
      if (left === 0) ready.push(dependant)
    }
  }
  return longest
}
