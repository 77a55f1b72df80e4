import { formatUsd } from '#contract/money.ts'
import type { EstimateErrors, Plan, PlanEstimate, Sureness, TaskEstimate } from '#contract/plan.ts'
import { formatMs, formatMsRange, formatTokens, formatUsdRange, profileLabel } from './format.ts'
import type { Paint } from './paint.ts'
import { column, printable, textWidth, wrap } from './printable.ts'
import { renderTable } from './table.ts'

const TITLE_WIDTH = 44
const MAX_NAMED = 4

function dependencies(keys: readonly string[], numbers: ReadonlyMap<string, number>): string {
  const named = keys.map((key) => String(numbers.get(key) ?? key))
  return named.length <= MAX_NAMED
    ? named.join(' ')
    : `${named.slice(0, MAX_NAMED - 1).join(' ')} +${named.length - MAX_NAMED + 1}`
}

function where(estimate: TaskEstimate | undefined, paint: Paint): string {
  if (estimate === undefined) return ''
  if (estimate.profile === null) return paint.bad(`${estimate.tier}: no model`)
  const ink = estimate.paid ? paint.paid : paint.local
  return ink(printable(profileLabel(estimate.profile)))
}

const SURENESS: Readonly<Record<Sureness, string>> = {
  guess: 'a first guess, nothing like it was done on this machine yet',
  rough: 'rough',
  fair: 'fairly sure',
  good: 'sure',
}

function confidence({ sureness, samples, calibrated_by }: PlanEstimate): string {
  if (samples === 0 && calibrated_by === 0) return SURENESS[sureness]
  return `${SURENESS[sureness]}, based on ${several(samples, 'like task')} and ${several(calibrated_by, 'finished project')}`
}

function several(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}

function howPastOnesHeld(what: string, errors: EstimateErrors | null): string[] {
  if (errors === null) return []
  const { estimates, held, median_error } = errors
  const off = Math.round(100 * median_error)
  return [`${what}: ${held} of the last ${estimates} held, median error ${off > 0 ? '+' : ''}${off} %`]
}

/** The estimate of the whole, how sure it is, how past ones turned out, and what approving allows. */
function estimateLines(estimate: PlanEstimate, tasks: number, paint: Paint): string[] {
  const cost = estimate.high_micros === 0 ? '0 $ local' : formatUsdRange(estimate.low_micros, estimate.high_micros)
  const { low_ms, likely_ms, high_ms, likely_micros, upper_micros, call_micros, past } = estimate
  const likelyCost = estimate.high_micros === 0 ? '' : paint.dim(` likely ${formatUsd(likely_micros)}`)
  const tiers = Object.entries(estimate.tokens_by_tier).filter(([, count]) => count > 0)
  const held = [
    ...(estimate.high_micros === 0 ? [] : howPastOnesHeld('cost', past.cost)),
    ...howPastOnesHeld('time', past.time),
    ...howPastOnesHeld('tokens', past.tokens),
  ]
  return [
    `  ${several(tasks, 'task')} · ${paint.bold(cost)}${likelyCost} · ${formatMsRange(low_ms, high_ms)}${paint.dim(` likely ${formatMs(likely_ms)}`)}`,
    `  ${paint.dim(`Tokens: ${formatTokens(estimate.low_tokens)} – ${formatTokens(estimate.high_tokens)}, likely ${tiers.map(([tier, count]) => `${formatTokens(count)} ${tier}`).join(', ')}`)}`,
    `  ${paint.dim(`How sure: ${confidence(estimate)}`)}`,
    ...(held.length === 0 ? [] : [`  ${paint.dim(`Past estimates: ${held.join('; ')}`)}`]),
    ...(upper_micros === 0
      ? []
      : [
          `  ${paint.dim(`Approving allows ${formatUsd(upper_micros)}, which should do for 49 of 50 such projects; ${formatUsd(call_micros)} of it is room for the last call`)}`,
        ]),
  ]
}

/** The plan with its estimate, as text for a terminal (P4). */
export function renderPlan(plan: Plan, paint: Paint, columns: number): string {
  const { document, estimate } = plan
  const numbers = new Map(document.tasks.map((task, index) => [task.key, index + 1]))
  const estimates = new Map(estimate.tasks.map((each) => [each.key, each]))
  const width = Math.min(TITLE_WIDTH, Math.max(...document.tasks.map((task) => textWidth(printable(task.title)))))
  const rows = document.tasks.map((task, index) => {
    const own = estimates.get(task.key)
    return [
      paint.dim(String(index + 1)),
      column(printable(task.title), width),
      paint.dim(task.type),
      where(own, paint),
      paint.dim(dependencies(task.depends_on, numbers)),
      own === undefined
        ? ''
        : own.paid || own.high_micros > 0
          ? formatUsdRange(own.low_micros, own.high_micros)
          : paint.local('0 $'),
    ]
  })
  const table = renderTable(
    [
      { title: '#', align: 'right' },
      { title: 'task' },
      { title: 'type' },
      { title: 'model' },
      { title: 'after' },
      { title: 'estimate', align: 'right' },
    ],
    rows,
    paint,
  )
  const repairs = plan.repairs.map((repair) => paint.dim(`  Set right by Baton: ${printable(repair.what)}`))
  return [
    '',
    `  ${paint.bold(printable(document.title))}${plan.version > 1 ? paint.dim(`  version ${plan.version}`) : ''}`,
    ...(document.summary === '' ? [] : wrap(document.summary, columns - 2).map((line) => `  ${line}`)),
    '',
    table,
    '',
    ...estimateLines(estimate, document.tasks.length, paint),
    ...repairs,
    '',
  ].join('\n')
}
