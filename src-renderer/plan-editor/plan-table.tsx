import { useVirtualizer } from '@tanstack/react-virtual'
import { Lock, TriangleAlert } from 'lucide-react'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { PlanDocument, PlanEstimate, PlanProblem, PlanTask } from '#contract/plan.ts'
import { classNames } from '../parts/class-names.ts'
import { PLAN_COLUMNS } from './columns.ts'
import type { FixedTasks } from './fixed-tasks.ts'
import { CellContent, CellEditor } from './plan-cell.tsx'
import type { HistoryAction } from './plan-history.ts'
import { planKey } from './plan-keys.ts'
import { depths } from './plan-order.ts'

import { planTexts } from './texts.ts'

const ROW = 34
const TITLE = PLAN_COLUMNS.findIndex((column) => column.name === 'title')
/** Deeper than this, indenting would push the title out of its cell. */
const MAX_INDENT = 5

/**
 * The plan's tasks as a grid for the keyboard: arrows move, Enter edits, Tab makes a task depend on the one above, Esc
 * leaves. Only the rows in sight are drawn; the cell in use is told to screen readers by `aria-activedescendant`.
 */
export function PlanTable({
  document,
  estimate,
  problems,
  selected,
  onSelect,
  dispatch,
  isEditable,
  fixed,
}: {
  document: PlanDocument
  estimate: PlanEstimate | null
  problems: readonly PlanProblem[]
  selected: string | null
  onSelect: (key: string) => void
  dispatch: (action: HistoryAction) => void
  isEditable: boolean
  /** Tasks that have finished, which stay as they are. */
  fixed: FixedTasks
}) {
  const grid = useRef<HTMLDivElement>(null)
  const [column, setColumn] = useState(TITLE)
  const [editing, setEditing] = useState(false)
  const index = document.tasks.findIndex((task) => task.key === selected)
  const row = Math.max(0, index)
  const virtualizer = useVirtualizer({
    count: document.tasks.length,
    getScrollElement: () => grid.current,
    estimateSize: () => ROW,
    overscan: 10,
    scrollPaddingStart: 32,
  })
  const estimates = useMemo(() => new Map(estimate?.tasks.map((task) => [task.key, task])), [estimate])
  const faults = useMemo(() => new Map(problems.map((problem) => [problem.task, problem.message])), [problems])
  const template = useMemo(() => ({ gridTemplateColumns: tracksOf(document.tasks) }), [document.tasks])
  const depth = useMemo(() => depths(document.tasks), [document.tasks])
  useEffect(() => {
    if (index >= 0) virtualizer.scrollToIndex(index)
  }, [index, virtualizer])

  const moveTo = (nextRow: number, nextColumn: number) => {
    const task = document.tasks[Math.max(0, Math.min(nextRow, document.tasks.length - 1))]
    if (task !== undefined) onSelect(task.key)
    setColumn(Math.max(0, Math.min(nextColumn, PLAN_COLUMNS.length - 1)))
  }
  const startEditing = (at: number) => {
    setColumn(at)
    setEditing(isEditable && PLAN_COLUMNS[at]?.choices !== 'none')
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (editing) return
    const action = isEditable ? planKey(event, document, document.tasks[row]?.key ?? null) : null
    if (action !== null) dispatch(action)
    else if (event.key === 'Enter' || event.key === 'F2') startEditing(column)
    else if (event.key === 'Escape') grid.current?.blur()
    else {
      const step = STEPS[event.key]
      if (step === undefined) return
      moveTo(step.row === 'end' ? document.tasks.length : row + step.row, column + step.column)
    }
    event.preventDefault()
  }
  return (
    // biome-ignore-start lint/a11y/useSemanticElements: rows of a <table> cannot be placed one by one
    <div
      ref={grid}
      role="grid"
      tabIndex={0}
      aria-label="Tasks of the plan"
      aria-rowcount={document.tasks.length + 1}
      aria-colcount={PLAN_COLUMNS.length}
      aria-activedescendant={`plan-cell-${row}-${column}`}
      aria-describedby="plan-table-keys"
      onKeyDown={onKeyDown}
      className="group min-h-0 flex-1 overflow-auto focus-visible:outline-none"
    >
      <div role="row" tabIndex={-1} style={template} className="sticky top-0 z-10 grid min-w-max border-b bg-ground">
        {PLAN_COLUMNS.map((each) => (
          <div
            key={each.name}
            role="columnheader"
            tabIndex={-1}
            className="h-8 px-2 text-xs leading-8 font-medium text-ink-3"
          >
            {each.label}
          </div>
        ))}
      </div>
      <div role="rowgroup" className="relative min-w-max" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const task = document.tasks[item.index]
          if (task === undefined) return null
          const isRow = task.key === selected
          const fault = faults.get(task.key)
          return (
            <div
              key={task.key}
              role="row"
              tabIndex={-1}
              aria-rowindex={item.index + 2}
              aria-selected={isRow}
              style={{ ...template, height: item.size, transform: `translateY(${item.start}px)` }}
              className={classNames(
                'absolute inset-x-0 top-0 grid border-b',
                isRow ? 'bg-accent-soft' : 'hover:bg-hover',
              )}
            >
              {PLAN_COLUMNS.map((each, at) => {
                const isCell = isRow && at === column
                return (
                  <div
                    key={each.name}
                    id={`plan-cell-${item.index}-${at}`}
                    role="gridcell"
                    tabIndex={-1}
                    aria-colindex={at + 1}
                    aria-readonly={!isEditable || each.choices === 'none'}
                    onMouseDown={() => {
                      if (editing && isCell) return
                      onSelect(task.key)
                      setColumn(at)
                      if (!isCell) setEditing(false)
                    }}
                    onDoubleClick={() => startEditing(at)}
                    className={classNames(
                      'flex min-w-0 items-center gap-1 px-2',
                      isCell &&
                        !editing &&
                        'rounded-sm group-focus:outline-2 group-focus:-outline-offset-2 group-focus:outline-accent',
                    )}
                    style={
                      each.name === 'title'
                        ? { paddingLeft: 8 + 10 * Math.min(MAX_INDENT, depth.get(task.key) ?? 0) }
                        : undefined
                    }
                  >
                    {isCell && editing ? (
                      <CellEditor
                        column={each}
                        task={task}
                        onCancel={() => {
                          setEditing(false)
                          grid.current?.focus()
                        }}
                        onCommit={(text, next) => {
                          setEditing(false)
                          const edit = text === each.read(task) ? null : each.edit(task, text)
                          if (edit !== null) dispatch({ kind: 'edit', edit })
                          if (next !== 'stay') moveTo(row, column + (next === 'right' ? 1 : -1))
                          grid.current?.focus()
                        }}
                      />
                    ) : (
                      <>
                        {each.name === 'title' && fixed.has(task.key) && (
                          <Lock
                            size={12}
                            className="shrink-0 text-ink-3"
                            role="img"
                            aria-label={planTexts.change.locked}
                          />
                        )}
                        {each.name === 'title' && fault !== undefined && (
                          <TriangleAlert size={14} className="shrink-0 text-bad" role="img" aria-label={fault} />
                        )}
                        <CellContent column={each} task={task} estimate={estimates.get(task.key)} />
                      </>
                    )}
                  </div>
                )
              })}
            </div>
          )
        })}
      </div>
    </div>
    // biome-ignore-end lint/a11y/useSemanticElements: rows of a <table> cannot be placed one by one
  )
}

const STEPS: Readonly<Record<string, { row: number | 'end'; column: number }>> = {
  ArrowUp: { row: -1, column: 0 },
  ArrowDown: { row: 1, column: 0 },
  ArrowLeft: { row: 0, column: -1 },
  ArrowRight: { row: 0, column: 1 },
  PageUp: { row: -15, column: 0 },
  PageDown: { row: 15, column: 0 },
  Home: { row: Number.NEGATIVE_INFINITY, column: 0 },
  End: { row: 'end', column: 0 },
}

/** The columns' widths; keys get as much as the longest needs, up to a bound. */
function tracksOf(tasks: readonly PlanTask[]): string {
  const longest = tasks.reduce((most, task) => Math.max(most, task.key.length), 0)
  const keyWidth = Math.min(120, Math.max(52, 18 + Math.ceil(longest * 7.4)))
  return PLAN_COLUMNS.map((column) => (column.name === 'key' ? `${keyWidth}px` : column.width)).join(' ')
}
