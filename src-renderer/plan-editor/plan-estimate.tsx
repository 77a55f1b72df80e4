import type { EstimateErrors, PlanEstimate } from '#contract/plan.ts'
import { classNames } from '../parts/class-names.ts'
import { duration, money, number, shortNumber } from '../texts/figures.ts'
import { planTexts } from './texts.ts'

const texts = planTexts.estimate

/** What the plan will probably take, how sure that is, how past estimates turned out, and what approving it allows (P4). */
export function PlanEstimateTable({ estimate }: { estimate: PlanEstimate }) {
  const { past, tokens_by_tier: byTier } = estimate
  const tiers = (['local', 'fast', 'strong'] as const).filter((tier) => byTier[tier] > 0)
  return (
    <section aria-label={texts.label} className="flex flex-wrap items-start gap-x-8 gap-y-1 text-xs">
      <table className="figures border-separate border-spacing-x-3 border-spacing-y-0.5 -ml-3">
        <tbody>
          {estimate.high_micros > 0 && (
            <MeasureRow
              label={texts.cost}
              range={[estimate.low_micros, estimate.likely_micros, estimate.high_micros]}
              words={money}
              errors={past.cost}
              fill="bg-paid-fill"
            />
          )}
          <MeasureRow
            label={texts.time}
            range={[estimate.low_ms, estimate.likely_ms, estimate.high_ms]}
            words={duration}
            errors={past.time}
            fill="bg-ink-3"
          />
          <MeasureRow
            label={texts.tokens}
            range={[estimate.low_tokens, estimate.likely_tokens, estimate.high_tokens]}
            words={shortNumber}
            errors={past.tokens}
            fill="bg-ink-3"
          />
        </tbody>
      </table>
      <div className="flex min-w-64 max-w-xl flex-1 flex-col gap-0.5 py-0.5 text-ink-2">
        <p>{texts.sure(estimate)}</p>
        {tiers.length > 0 && (
          <p className="figures">{texts.byTier(tiers.map((tier) => `${number(byTier[tier])} ${tier}`).join(', '))}</p>
        )}
        {estimate.upper_micros > 0 && <p className="figures">{texts.authorises(estimate)}</p>}
      </div>
    </section>
  )
}

/** Four of five lie within the bar; the mark on it is what is likely. */
function MeasureRow({
  label,
  range: [low, likely, high],
  words,
  errors,
  fill,
}: {
  label: string
  range: readonly [number, number, number]
  words: (value: number) => string
  errors: EstimateErrors | null
  fill: string
}) {
  const at = (value: number): string => `${high === 0 ? 0 : (100 * value) / high}%`
  return (
    <tr>
      <th scope="row" className="text-left font-medium text-ink-3">
        {label}
      </th>
      <td className="text-right">{words(low)}</td>
      <td className="w-28">
        <div aria-hidden className="relative h-1.5 rounded-full bg-line">
          <div className={classNames('absolute h-full rounded-full', fill)} style={{ left: at(low), right: 0 }} />
          <div className="absolute -top-0.5 h-2.5 w-0.5 bg-ink" style={{ left: at(likely) }} />
        </div>
      </td>
      <td>{words(high)}</td>
      <td className="text-ink-2">{texts.likely(words(likely))}</td>
      <td className="text-ink-3">{texts.errors(errors)}</td>
    </tr>
  )
}
