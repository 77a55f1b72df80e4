import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type DragEvent, type KeyboardEvent, type RefObject, useEffect, useMemo, useState } from 'react'
import type { PlanDocument, PlanEstimate, PlanProblem, PlanTask } from '#contract/plan.ts'
import { forChosen, PLAN_COLUMNS } from './columns.ts'
import type { FixedTasks } from './fixed-tasks.ts'
import type { CellEnd } from './plan-cell.tsx'
import type { HistoryAction } from './plan-history.ts'
import { jump } from './plan-jump.ts'
import { planKey } from './plan-keys.ts'
import { depths } from './plan-order.ts'
import { PlanRow, type RowSetting } from './plan-row.tsx'
import { type DropPlace, dropped, samePlace } from './row-drag.ts'
import { planTexts } from './texts.ts'
import type { Choosing } from './use-plan-selection.ts'

const ROW = 34
const TITLE = PLAN_COLUMNS.findIndex((column) => column.name === 'title')
/** Width of the column with the grip and the checkbox. */
const PICK = '42px'

/**
 * The plan's tasks as a grid for the keyboard: arrows move, with Shift they choose, Enter edits, Tab makes a task depend
 * on the one above, Esc leaves. Only the rows in sight are drawn; the cell in use is told to screen readers by
 * `aria-activedescendant`.
 */
export function PlanTable({
  ref,
  document,
  estimate,
  problems,
  choosing,
  comments,
  dispatch,
  onOpen,
  isEditable,
  fixed,
}: {
  ref: RefObject<HTMLDivElement | null>
  document: PlanDocument
  estimate: PlanEstimate | null
  problems: readonly PlanProblem[]
  choosing: Choosing
  /** How many comments there are by task. */
  comments: ReadonlyMap<string, number>
  dispatch: (action: HistoryAction) => void
  /** E was pressed: the keyboard goes to all fields of what is chosen; C: to its comments. */
  onOpen: (what: 'fields' | 'comments') => void
  isEditable: boolean
  /** Tasks that have finished, which stay as they are. */
  fixed: FixedTasks
}) {
  const [column, setColumn] = useState(TITLE)
  const [editing, setEditing] = useState(false)
  const [digits, setDigits] = useState('')
  const [dragged, setDragged] = useState<{ keys: readonly string[]; row: number } | null>(null)
  const [drop, setDrop] = useState<DropPlace | null>(null)
  const { cursor, chosen, keys } = choosing
  const index = document.tasks.findIndex((task) => task.key === cursor)
  const row = Math.max(0, index)
  const virtualizer = useVirtualizer({
    count: document.tasks.length,
    getScrollElement: () => ref.current,
    estimateSize: () => ROW,
    overscan: 10,
    scrollPaddingStart: 32,
    // The row that is dragged stays there when it scrolls out of sight: only there the browser tells of the end.
    rangeExtractor: (range) => [
      ...new Set([...defaultRangeExtractor(range), ...(dragged === null ? [] : [dragged.row])]),
    ],
  })
  const estimates = useMemo(() => new Map(estimate?.tasks.map((task) => [task.key, task])), [estimate])
  const faults = useMemo(() => new Map(problems.map((problem) => [problem.task, problem.message])), [problems])
  const template = useMemo(() => ({ gridTemplateColumns: tracksOf(document.tasks) }), [document.tasks])
  const depth = useMemo(() => depths(document.tasks), [document.tasks])
  useEffect(() => {
    if (index >= 0) virtualizer.scrollToIndex(index)
  }, [index, virtualizer])

  // Whoever opens a plan can use the keys at once; who came from elsewhere on the page is not taken away.
  useEffect(() => {
    if (window.document.activeElement === window.document.body) ref.current?.focus({ preventScroll: true })
  }, [ref])

  /** From a field elsewhere, too: a click on a checkbox would leave the keys there. */
  const takeFocus = () => ref.current?.focus({ preventScroll: true })
  const moveTo = (nextRow: number, nextColumn: number, how: Parameters<Choosing['choose']>[1]) => {
    const task = document.tasks[Math.max(0, Math.min(nextRow, document.tasks.length - 1))]
    if (task !== undefined && (nextRow !== row || how === 'extend')) choosing.choose(task.key, how)
    setColumn(Math.max(0, Math.min(nextColumn, PLAN_COLUMNS.length - 1)))
  }
  const startEditing = (at: number) => {
    setColumn(at)
    setEditing(isEditable && PLAN_COLUMNS[at]?.choices !== 'none')
  }
  const stopEditing = () => {
    setEditing(false)
    ref.current?.focus()
  }
  const commit = (task: PlanTask, at: number, text: string, { next, isConfirmed }: CellEnd) => {
    const each = PLAN_COLUMNS[at]
    setEditing(false)
    const isForAll = chosen.length > 1 && isConfirmed && Array.isArray(each?.choices)
    const edit = each === undefined || (text === each.read(task) && !isForAll) ? null : each.edit(task, text)
    if (edit !== null) dispatch({ kind: 'edit', edit: forChosen(edit, task, chosen) })
    if (next !== 'stay') setColumn(Math.max(0, Math.min(at + (next === 'right' ? 1 : -1), PLAN_COLUMNS.length - 1)))
    if (isConfirmed) ref.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (editing || event.target instanceof HTMLInputElement) return
    const action = isEditable ? planKey(event, document, chosen) : null
    const isCommand = event.ctrlKey || event.metaKey
    const letter = event.key.toLowerCase()
    if (/^[0-9]$/.test(event.key) && !isCommand && !event.altKey) {
      const jumped = jump(document.tasks, digits, event.key)
      setDigits(jumped.digits)
      if (jumped.key !== null) choosing.choose(jumped.key, 'only')
      event.preventDefault()
      return
    }
    setDigits('')
    if (action !== null) {
      dispatch(action)
      // A new task wants a name first.
      if (action.kind === 'edit' && action.edit.kind === 'add') startEditing(TITLE)
    } else if (isCommand && letter === 'a') choosing.chooseAll()
    else if (event.key === ' ' && cursor !== null) choosing.choose(cursor, 'check')
    else if (event.key === 'Enter' || event.key === 'F2') startEditing(column)
    else if (event.key === 'Escape') {
      if (chosen.length > 1 && cursor !== null) choosing.choose(cursor, 'only')
      else ref.current?.blur()
    } else if (!isCommand && !event.altKey && (letter === 'e' || letter === 'c')) {
      onOpen(letter === 'e' ? 'fields' : 'comments')
    } else {
      const step = STEPS[event.key]
      if (step === undefined) return
      const how = event.shiftKey ? 'extend' : isCommand ? 'look' : 'only'
      // Sideways, what is chosen stays: the cell of one column is edited for all of them.
      if (step.row === 0) moveTo(row, column + step.column, 'look')
      else moveTo(step.row === 'end' ? document.tasks.length - 1 : row + step.row, column, how)
    }
    event.preventDefault()
  }
  const setting: RowSetting = {
    ...{ isEditable, column, isEditing: editing },
    onChoose: (key, how) => {
      takeFocus()
      choosing.choose(key, how)
    },
    onCell: setColumn,
    onEdit: startEditing,
    onCancel: stopEditing,
    onCommit: commit,
    isDragging: dragged !== null,
    onDragStart: (key, event) => {
      const rows = keys.has(key) ? chosen : [key]
      if (!keys.has(key)) choosing.choose(key, 'only')
      setDragged({ keys: rows, row: document.tasks.findIndex((task) => task.key === key) })
      event.dataTransfer.effectAllowed = 'linkMove'
      event.dataTransfer.setData('text/plain', rows.join(', '))
    },
    onDragOver: (place, event: DragEvent) => {
      if (dragged === null) return
      event.preventDefault()
      event.dataTransfer.dropEffect = place.kind === 'gap' ? 'move' : 'link'
      if (!samePlace(place, drop)) setDrop(place)
    },
    onDragEnd: () => {
      setDragged(null)
      setDrop(null)
    },
    onDrop: (place) => {
      if (dragged !== null) dispatch({ kind: 'edit', edit: dropped(document, dragged.keys, place) })
      setDragged(null)
      setDrop(null)
      ref.current?.focus()
    },
  }
  const dropAt = (at: number, key: string) => {
    if (drop?.kind === 'after') return drop.key === key ? 'after' : null
    if (drop?.at === at) return 'above'
    return drop?.at === document.tasks.length && at === document.tasks.length - 1 ? 'below' : null
  }
  return (
    // biome-ignore-start lint/a11y/useSemanticElements: rows of a <table> cannot be placed one by one
    <div
      ref={ref}
      role="grid"
      tabIndex={0}
      aria-label="Tasks of the plan"
      aria-multiselectable
      aria-rowcount={document.tasks.length + 1}
      aria-colcount={PLAN_COLUMNS.length + 1}
      aria-activedescendant={`plan-cell-${row}-${column}`}
      aria-describedby="plan-table-keys"
      onKeyDown={onKeyDown}
      className="group min-h-0 flex-1 overflow-auto focus-visible:outline-none"
    >
      <div role="row" tabIndex={-1} style={template} className="sticky top-0 z-10 grid min-w-max border-b bg-ground">
        <div role="columnheader" tabIndex={-1} className="flex items-center pl-[22px]">
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={planTexts.chooseAll}
            checked={keys.size === document.tasks.length}
            onMouseDown={(event) => event.preventDefault()}
            onChange={() => {
              takeFocus()
              if (keys.size === document.tasks.length && cursor !== null) choosing.choose(cursor, 'only')
              else choosing.chooseAll()
            }}
            className="size-3.5"
          />
        </div>
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
          return (
            <PlanRow
              key={task.key}
              task={task}
              index={item.index}
              style={{ ...template, height: item.size, transform: `translateY(${item.start}px)` }}
              setting={setting}
              isChosen={keys.has(task.key)}
              isChecked={keys.has(task.key) && !choosing.isPlain}
              isCursor={task.key === cursor}
              isFixed={fixed.has(task.key)}
              depth={depth.get(task.key) ?? 0}
              fault={faults.get(task.key)}
              comments={comments.get(task.key) ?? 0}
              estimate={estimates.get(task.key)}
              drop={dropAt(item.index, task.key)}
            />
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
  return [PICK, ...PLAN_COLUMNS.map((column) => (column.name === 'key' ? `${keyWidth}px` : column.width))].join(' ')
}
