import type { BudgetScope } from '#contract/budget.ts'
import { Bar } from '../parts/progress.tsx'
import { money } from '../texts/figures.ts'
import { frameTexts } from '../texts/frame.ts'

/**
 * Money spent within a limit, with the part that is set aside for calls under way hatched, and so is what no provider has
 * confirmed. `wide`: as a figure with
 * the bar below it; `brief`: what is set aside shows in the bar only.
 */
export function SpendMeter({
  label,
  scope,
  wide = false,
  brief = false,
}: {
  label: string
  scope: BudgetScope
  wide?: boolean
  brief?: boolean
}) {
  const {
    settled_micros: spent,
    reserved_micros: reserved,
    unconfirmed_micros: unconfirmed,
    limit_micros: limit,
  } = scope
  const limitText = limit === null ? frameTexts.noLimit : frameTexts.limitOf(money(limit))
  const share = (amount: number) => (limit === null || limit === 0 ? 0 : amount / limit)
  const part = (amount: number) => (amount > 0 ? money(amount) : null)
  const words = frameTexts.meter(label, money(spent), part(reserved), part(unconfirmed), limitText)
  const isFull = limit !== null && spent + reserved >= limit
  return (
    <span title={words} className={wide ? 'flex flex-col gap-1' : 'flex items-center gap-2'}>
      <span className={wide ? 'text-xs text-ink-3' : 'text-ink-2'}>{label}</span>
      {limit !== null && (
        <Bar
          role="meter"
          label={words}
          className={wide ? 'order-last w-full' : 'w-16 max-xl:w-10'}
          parts={[
            { name: 'spent', fraction: share(spent - unconfirmed), className: isFull ? 'bg-bad' : 'bg-paid-fill' },
            { name: 'unconfirmed', fraction: share(unconfirmed), className: 'hatched text-needs' },
            { name: 'reserved', fraction: share(reserved), className: 'hatched text-paid-fill' },
          ]}
        />
      )}
      <span className={wide ? 'figures leading-7 whitespace-nowrap' : 'figures whitespace-nowrap'}>
        <b className={wide ? 'text-xl font-semibold' : 'font-semibold'}>{money(spent)}</b>
        {reserved > 0 && !brief && <span className="text-paid"> +{money(reserved)}</span>}
        <span className="text-ink-3"> / {limit === null ? frameTexts.noLimit : money(limit)}</span>
      </span>
    </span>
  )
}
