import type { Settings } from '#contract/settings.ts'
import { type Complexity, type TaskType, type Tier, tier as tierWord } from '#contract/states.ts'

/** The tiers from the cheapest to the dearest: the order in which a task climbs. */
const TIERS: readonly Tier[] = tierWord.options

/** Of a task: what decides the tier at which it begins. */
export interface LadderQuestion {
  readonly type: TaskType
  readonly complexity: Complexity
  /** Set by the plan or the user; null: the routing decides. */
  readonly tier: Tier | null
  /** Whether something says when it is done, so that a cheaper model may try first. */
  readonly verifiable: boolean
}

export interface FirstRung {
  readonly tier: Tier
  /** In words for people: which rule decided, and what it says. */
  readonly reason: string
}

/** Where a task begins by the fixed presets: what the plan asks for, local first (balanced), or the table's row (careful). */
export function firstRung(settings: Settings, question: LadderQuestion): FirstRung {
  if (question.tier !== null) return { tier: question.tier, reason: `The plan asks for the ${question.tier} tier.` }
  const what = `${question.complexity} ${question.type}`
  if (settings.routing === 'balanced' && question.verifiable) {
    return { tier: 'local', reason: `Balanced: ${what} can be checked, so it is tried locally first.` }
  }
  return tableRow(settings, question)
}

/** The row of the routing table that fits (R3). */
function tableRow({ routes }: Settings, { type, complexity }: LadderQuestion): FirstRung {
  const index = routes.findIndex(
    (rule) =>
      (rule.type === null || rule.type === type) && (rule.complexity === null || rule.complexity === complexity),
  )
  const tier = routes[index]?.tier ?? 'strong'
  if (index === -1)
    return { tier, reason: `No row of the routing table fits ${complexity} ${type}, so it goes to the ${tier} tier.` }
  return { tier, reason: `Row ${index + 1} of the routing table: ${complexity} ${type} goes to the ${tier} tier.` }
}

/** The tiers above one that a task may still climb to, nearest first (G4). */
export function rungsAbove({ highest_tier }: Settings, from: Tier): Tier[] {
  return TIERS.slice(TIERS.indexOf(from) + 1, TIERS.indexOf(highest_tier) + 1)
}

/** The tiers up to one, cheapest first. */
export function rungsUpTo(highest: Tier): Tier[] {
  return TIERS.slice(0, TIERS.indexOf(highest) + 1)
}

/** What follows findings: another repair at the same tier, or none, so that the next tier is looked for. */
export function mayRepair({ max_repairs }: Settings, repairs: number): boolean {
  return repairs < max_repairs
}
