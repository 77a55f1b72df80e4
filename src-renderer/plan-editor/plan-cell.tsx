import { useEffect, useRef } from 'react'
import type { PlanTask, TaskEstimate } from '#contract/plan.ts'
import { TierChip } from '../parts/chip.tsx'
import { classNames } from '../parts/class-names.ts'
import { costRange } from '../project/words.ts'
import type { PlanColumn } from './columns.ts'

/** What one cell of the plan's table shows. */
export function CellContent({
  column,
  task,
  estimate,
}: {
  column: PlanColumn
  task: PlanTask
  estimate: TaskEstimate | undefined
}) {
  if (column.name === 'tier') {
    if (task.tier !== null) return <TierChip tier={task.tier} paid={estimate?.paid} />
    // What the routing table makes of it, in quiet letters: nobody chose it.
    return <span className="text-ink-3">{estimate === undefined ? 'by routing' : `→ ${estimate.tier}`}</span>
  }
  if (column.name === 'estimate') return <EstimateCell estimate={estimate} />
  const text = column.read(task)
  const isQuiet = column.name !== 'title'
  return (
    <span
      title={text}
      className={classNames(
        'truncate',
        isQuiet && 'text-ink-2',
        (column.name === 'key' || column.name === 'depends_on') && 'font-mono text-xs',
      )}
    >
      {text}
    </span>
  )
}

function EstimateCell({ estimate }: { estimate: TaskEstimate | undefined }) {
  if (estimate === undefined) return <span className="text-ink-3">–</span>
  if (!estimate.paid && estimate.high_micros === 0) return <span className="figures text-local">0 $ local</span>
  return (
    <span className="figures truncate text-paid" title={`${estimate.profile ?? estimate.tier}`}>
      {costRange(estimate.low_micros, estimate.high_micros)}
    </span>
  )
}

/** How an edit of a cell ended: where the cursor goes, and whether the value was confirmed, not only left. */
export type CellEnd = { next: 'stay' | 'right' | 'left'; isConfirmed: boolean }

/** The control that edits one cell. Enter and leaving keep the value, Esc drops it, Tab goes on to the next cell. */
export function CellEditor({
  column,
  task,
  onCommit,
  onCancel,
}: {
  column: PlanColumn
  task: PlanTask
  onCommit: (text: string, end: CellEnd) => void
  onCancel: () => void
}) {
  const control = useRef<HTMLInputElement & HTMLSelectElement>(null)
  const isOver = useRef(false)
  useEffect(() => {
    control.current?.focus()
    if (column.choices === null) control.current?.select()
  }, [column])
  const finish = (next: CellEnd['next'], isConfirmed = true) => {
    if (isOver.current) return
    isOver.current = true
    onCommit(control.current?.value ?? '', { next, isConfirmed })
  }
  const shared = {
    ref: control,
    'aria-label': `${column.label} of ${task.key}`,
    defaultValue: column.read(task),
    className: 'h-7 w-full min-w-0 rounded-sm border border-accent bg-surface px-1 text-sm text-ink',
    onBlur: () => finish('stay', false),
    onKeyDown: (event: React.KeyboardEvent) => {
      event.stopPropagation()
      if (event.key === 'Enter') finish('stay')
      else if (event.key === 'Tab') finish(event.shiftKey ? 'left' : 'right')
      else if (event.key === 'Escape') {
        isOver.current = true
        onCancel()
      } else return
      event.preventDefault()
    },
  }
  if (column.choices === null || column.choices === 'none') return <input type="text" autoComplete="off" {...shared} />
  return (
    <select {...shared} onChange={() => finish('stay')}>
      {column.choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  )
}
