import { money } from '../texts/figures.ts'
import { projectTexts } from './texts.ts'
import type { Span, Stretch } from './timeline-spans.ts'

const HEIGHT = 28

/** What the runs cost, added up over time: a row above the lanes. Nothing where nothing was paid. */
export function TimelineSpent({ spans, shown }: { spans: readonly Span[]; shown: Stretch }) {
  const total = spans.reduce((sum, { cost_micros }) => sum + cost_micros, 0)
  if (total === 0) return null
  const x = (at: number) =>
    ((Math.min(shown.to, Math.max(shown.from, at)) - shown.from) / (shown.to - shown.from)) * 100
  let sum = 0
  const steps = spans
    .toSorted((one, two) => one.to - two.to)
    .map((span) => {
      sum += span.cost_micros
      return `H${x(span.to).toFixed(2)}V${(HEIGHT * (1 - sum / total)).toFixed(2)}`
    })
  return (
    <>
      <h2 className="border-b py-2 pr-2 text-xs font-medium text-ink-2">
        {projectTexts.spent} <span className="figures text-paid">{money(total)}</span>
      </h2>
      <div className="mr-7 border-b py-1">
        <svg
          role="img"
          aria-label={projectTexts.spentOverTime(money(total))}
          viewBox={`0 -1 100 ${HEIGHT + 2}`}
          preserveAspectRatio="none"
          className="h-7 w-full"
        >
          <path
            d={`M0 ${HEIGHT}${steps.join('')}H100`}
            vectorEffect="non-scaling-stroke"
            className="fill-none stroke-paid-fill stroke-2"
          />
        </svg>
      </div>
    </>
  )
}
