import type { Plan, TaskEstimate } from '#contract/plan.ts'
import { formatMsRange, formatUsdRange, profileLabel } from './format.ts'
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

function confidence(samples: number): string {
  if (samples === 0) return 'not yet based on work of this machine'
  return `based on ${samples} like task${samples === 1 ? '' : 's'}`
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
      own === undefined ? '' : own.paid ? formatUsdRange(own.low_micros, own.high_micros) : paint.local('0 $'),
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
  const cost = estimate.high_micros === 0 ? '0 $ local' : formatUsdRange(estimate.low_micros, estimate.high_micros)
  const repairs = plan.repairs.map((repair) => paint.dim(`  Set right by Baton: ${printable(repair.what)}`))
  return [
    '',
    `  ${paint.bold(printable(document.title))}${plan.version > 1 ? paint.dim(`  version ${plan.version}`) : ''}`,
    ...(document.summary === '' ? [] : wrap(document.summary, columns - 2).map((line) => `  ${line}`)),
    '',
    table,
    '',
    `  ${document.tasks.length} tasks · ${paint.bold(cost)} · ${formatMsRange(estimate.low_ms, estimate.high_ms)} ${paint.dim(`· ${confidence(estimate.samples)}`)}`,
    ...repairs,
    '',
  ].join('\n')
}
