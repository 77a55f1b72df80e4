import type { UsageRow } from '#contract/usage.ts'
import { classNames } from '../parts/class-names.ts'
import { money, monthDay, shortNumber } from '../texts/figures.ts'
import { usageTexts } from '../texts/usage.ts'
import { type RecentDays, recentDays, type UsageDay } from './recent-days.ts'

const texts = usageTexts.chart
const part = (amount: number, most: number) => ({ height: `${(amount / most) * 100}%` })

/** The last thirty days as columns in the two inks, with the day's limit where the columns come near it. The table has the figures. */
export function UsageDays({ rows, limitMicros }: { rows: readonly UsageRow[]; limitMicros: number | null }) {
  const chart = recentDays(rows, new Date().toISOString().slice(0, 10))
  const { days, most, isFree } = chart
  const limit = !isFree && limitMicros !== null && limitMicros <= 2 * most ? limitMicros : null
  const top = Math.max(most, limit ?? 0)
  const amount = (value: number) => (isFree ? texts.tokens(shortNumber(value)) : money(value))
  return (
    <figure className="flex shrink-0 flex-col gap-1">
      <div className="relative mt-4 flex h-28 items-end gap-0.5 border-b" role="img" aria-label={label(chart, amount)}>
        {limit !== top && <span className="figures absolute bottom-full left-0 text-xs text-ink-3">{amount(top)}</span>}
        {limit !== null && (
          <span
            className="absolute inset-x-0 border-t border-dashed border-paid-fill text-xs text-paid"
            style={{ top: `${(1 - limit / top) * 100}%` }}
          >
            <span className="absolute right-0 bottom-0">{texts.limit(money(limit))}</span>
          </span>
        )}
        {days.map((day) => (
          <span
            key={day.day}
            title={words(day, amount)}
            className="flex h-full flex-1 flex-col justify-end hover:bg-hover"
          >
            <span className="bg-local-fill" style={part(day.here, top)} />
            <span className="hatched text-needs" style={part(day.unconfirmed, top)} />
            <span className="bg-paid-fill" style={part(day.confirmed, top)} />
          </span>
        ))}
      </div>
      <figcaption className="figures flex items-center gap-4 text-xs text-ink-3">
        <span>{monthDay(days[0]?.day ?? '')}</span>
        <span className="flex flex-1 justify-center gap-4">
          {!isFree && <Key className="bg-paid-fill" text={usageTexts.columns.paid} />}
          <Key className="bg-local-fill" text={isFree ? texts.free : usageTexts.saved} />
        </span>
        <span>{monthDay(days.at(-1)?.day ?? '')}</span>
      </figcaption>
    </figure>
  )
}

function Key({ className, text }: { className: string; text: string }) {
  return (
    <span className="flex items-center gap-1.5">
      <span className={classNames('size-2 rounded-sm', className)} />
      {text}
    </span>
  )
}

function words(day: UsageDay, amount: (value: number) => string): string {
  return texts.day(monthDay(day.day), amount(day.confirmed + day.unconfirmed), amount(day.here))
}

/** The chart in one sentence, for those who do not see it. */
function label({ days, isFree }: RecentDays, amount: (value: number) => string): string {
  const sum = (of: (day: UsageDay) => number) => days.reduce((total, day) => total + of(day), 0)
  const here = amount(sum((day) => day.here))
  return isFree ? texts.allFree(here) : texts.all(amount(sum((day) => day.confirmed + day.unconfirmed)), here)
}
