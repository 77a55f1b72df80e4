import type { ChangeSettings } from '../../src-contract/change-settings.ts'
import type { Tier } from '../../src-contract/states.ts'
import { mayRepair } from '../../src-main/core/model/ladder.ts'
import type { RouteOutcomes } from '../../src-main/core/model/route-outcomes.ts'
import type { Router } from '../../src-main/core/model/router.ts'
import type { SettingsStore } from '../../src-main/core/store/settings-store.ts'
import type { Tx } from '../../src-main/core/store/write-queue.ts'
import { type Check, chanceOf, checkMicros, kindOf, type Mix, type MixClass, tryMicros } from './mix.ts'

/** A way to send tasks: settings of the product, and what the plan would say. */
export interface Policy {
  readonly name: string
  readonly settings: ChangeSettings
  /** The tier that the plan asks for; null: routing decides. */
  readonly tier: Tier | null
  /** Without: the first result is delivered as it is. */
  readonly isChecked: boolean
}

export interface Desk {
  readonly settings: SettingsStore
  readonly router: Router
  readonly outcomes: RouteOutcomes
}

export interface Totals {
  tasks: number
  /** Delivered and right. */
  right: number
  micros: number
}

/**
 * Sends tasks of the mix through the router, repair and escalation of the product. What models and checks answer is drawn
 * by the mix; everything else is decided by the same functions as in a run (`Router.route` and `next`, `mayRepair`), and the
 * verdicts are noted in the same table. Tasks come one after the other.
 */
export function simulate(
  tx: Tx,
  { settings, router, outcomes }: Desk,
  mix: Mix,
  policy: Policy,
  random: () => number,
  count: number,
): Totals {
  const totals: Totals = { tasks: count, right: 0, micros: 0 }
  for (let n = 0; n < count; n += 1) {
    const drawn = drawClass(mix, random)
    const check: Check = random() < mix.verifier.command.share ? 'command' : 'model'
    if (doTask(drawn, check)) totals.right += 1
  }
  return totals

  function doTask(drawn: MixClass, check: Check): boolean {
    const kind = kindOf(drawn)
    const question = { ...kind, tier: policy.tier, profile: null, local_only: false, verifiable: true, explores: true }
    let route: { readonly tier: Tier; readonly profile: { readonly name: string } } = opened(router.route(question))
    for (;;) {
      const { tier } = route
      const { result, checks, micros } = doRun(drawn, check, tier)
      totals.micros += micros
      if (!policy.isChecked) return result === 'right'
      const verified = result !== 'refused'
      const model_checks = check === 'model' ? checks : 0
      outcomes.note(
        tx,
        { ...kind, tier, profile: route.profile.name },
        { verified, checks, model_checks, cost_micros: Math.round(micros) },
      )
      if (verified) return result === 'right'
      const next = router.next(question, tier, route.profile.name)
      if (!next.ok) return false
      route = next
    }
  }

  /** One run: a try, its check, and repairs until it is accepted or no more are allowed. */
  function doRun(
    drawn: MixClass,
    check: Check,
    tier: Tier,
  ): { result: 'right' | 'wrong' | 'refused'; checks: number; micros: number } {
    let micros = 0
    for (let repairs = 0; ; repairs += 1) {
      micros += tryMicros(mix, drawn, tier, repairs)
      const isRight = random() < chanceOf(mix, drawn, tier, repairs)
      const result = isRight ? 'right' : 'wrong'
      if (!policy.isChecked) return { result, checks: 0, micros }
      micros += checkMicros(mix, check)
      const { false_accept, false_reject } = mix.verifier[check]
      const isAccepted = isRight ? random() >= false_reject : random() < false_accept
      if (isAccepted) return { result, checks: repairs + 1, micros }
      if (!mayRepair(settings.settings(), repairs)) return { result: 'refused', checks: repairs + 1, micros }
    }
  }
}

function opened(route: ReturnType<Router['route']>): Extract<ReturnType<Router['route']>, { ok: true }> {
  if (!route.ok) throw new Error(`The bench's router has no model: ${route.message}`)
  return route
}

function drawClass({ classes }: Mix, random: () => number): MixClass {
  let left = random()
  for (const each of classes) {
    left -= each.share
    if (left < 0) return each
  }
  const last = classes.at(-1)
  if (last === undefined) throw new Error('The mix has no classes')
  return last
}
