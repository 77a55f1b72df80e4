import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { complexity, type TaskType, type Tier, taskType, tier } from '../../src-contract/states.ts'

const tokens = z.object({ in: z.number(), out: z.number() })
const price = tokens.extend({ cache_read: z.number().default(0) })
const errors = z.object({ share: z.number(), false_accept: z.number(), false_reject: z.number(), cost_tokens: tokens })

/** The stated mix of tasks: `mix.json`. To argue with its assumptions, change them there. */
const mix = z.object({
  /** USD per million tokens. */
  prices_usd_per_mtok: z.record(tier, price),
  repair: z.object({ max_repairs_per_tier: z.number().int(), success_factor: z.array(z.number()) }),
  verifier: z.object({ command: errors, model: errors.extend({ tier }) }),
  cached_share_of_input_on_repair: z.number(),
  classes: z.array(z.object({ name: z.string(), share: z.number(), tokens, success: z.record(tier, z.number()) })),
})
export type Mix = z.infer<typeof mix>
export type MixClass = Mix['classes'][number]
export const CHECKS = ['command', 'model'] as const
export type Check = (typeof CHECKS)[number]

export function readMix(file = join(import.meta.dirname, 'mix.json')): Mix {
  return mix.parse(JSON.parse(readFileSync(file, 'utf8')))
}

/** What routing calls a class: "code simple" is a type and a complexity; a type alone is of medium complexity. */
export function kindOf({ name }: MixClass): { type: TaskType; complexity: z.infer<typeof complexity> } {
  const [type, how = 'medium'] = name.split(' ')
  return { type: taskType.parse(type), complexity: complexity.parse(how) }
}

/** What one try costs, in micro-dollars; a repair finds most of its input in the provider's cache. */
export function tryMicros(mix: Mix, { tokens }: MixClass, at: Tier, repair: number): number {
  const { in: input, out: output, cache_read } = mix.prices_usd_per_mtok[at]
  const cached = repair === 0 ? 0 : mix.cached_share_of_input_on_repair
  return tokens.in * ((1 - cached) * input + cached * cache_read) + tokens.out * output
}

/** What checking one result costs, in micro-dollars. */
export function checkMicros({ verifier, prices_usd_per_mtok }: Mix, check: Check): number {
  const { cost_tokens } = verifier[check]
  const { in: input, out: output } = prices_usd_per_mtok[verifier.model.tier]
  return cost_tokens.in * input + cost_tokens.out * output
}

/** The chance that a try gives a right result. */
export function chanceOf({ repair }: Mix, { success }: MixClass, at: Tier, repairs: number): number {
  return success[at] * (repairs === 0 ? 1 : (repair.success_factor[repairs - 1] ?? 0))
}
