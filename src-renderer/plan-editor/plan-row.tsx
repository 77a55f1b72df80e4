import { GripVertical, Lock, MessageSquare, TriangleAlert } from 'lucide-react'
import type { CSSProperties, DragEvent } from 'react'
import type { PlanTask, TaskEstimate } from '#contract/plan.ts'
import { classNames } from '../parts/class-names.ts'
import { PLAN_COLUMNS } from './columns.ts'
import { CellContent, CellEditor, type CellEnd } from './plan-cell.tsx'
import { type ChooseHow, howOf } from './plan-selection.ts'
import { type DropPlace, gapAt } from './row-drag.ts'
import { planTexts } from './texts.ts'

/** Deeper than this, indenting would push the title out of its cell. */
const MAX_INDENT = 5

/** What all rows of the table share. */
export type RowSetting = {
  isEditable: boolean
  /** The column of the cursor. */
  column: number
  isEditing: boolean
  onChoose: (key: string, how: ChooseHow) => void
  onCell: (column: number) => void
  onEdit: (column: number) => void
  onCancel: () => void
  onCommit: (task: PlanTask, column: number, text: string, end: CellEnd) => void
  /** Rows are being dragged. */
  isDragging: boolean
  onDragStart: (key: string, event: DragEvent) => void
  onDragOver: (place: DropPlace, event: DragEvent) => void
  onDragEnd: () => void
  onDrop: (place: DropPlace) => void
}

/** One task of the plan's table. */
export function PlanRow({
  task,
  index,
  style,
  setting,
  isChosen,
  isChecked,
  isCursor,
  isFixed,
  depth,
  fault,
  comments,
  estimate,
  drop,
}: {
  task: PlanTask
  index: number
  style: CSSProperties
  setting: RowSetting
  isChosen: boolean
  /** Chosen, and not only gone to. */
  isChecked: boolean
  isCursor: boolean
  /** It has finished and stays as it is. */
  isFixed: boolean
  depth: number
  fault: string | undefined
  comments: number
  estimate: TaskEstimate | undefined
  /** Where what is dragged would land, if here. */
  drop: 'above' | 'below' | 'after' | null
}) {
  const { isEditable, column, isEditing } = setting
  const placeOf = (event: DragEvent<HTMLElement>): DropPlace =>
    event.target instanceof Element && event.target.closest('[data-column="depends_on"]') !== null
      ? { kind: 'after', key: task.key }
      : gapAt(index, event.clientY, event.currentTarget.getBoundingClientRect())
  return (
    // biome-ignore-start lint/a11y/useSemanticElements: rows of a <table> cannot be placed one by one
    <div
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      style={style}
      onDragOver={(event) => setting.onDragOver(placeOf(event), event)}
      onDrop={(event) => {
        if (!setting.isDragging) return
        event.preventDefault()
        setting.onDrop(placeOf(event))
      }}
      className={classNames(
        'group/row absolute inset-x-0 top-0 grid border-b',
        isChosen ? 'bg-accent-soft' : 'hover:bg-hover',
      )}
    >
      <div role="gridcell" tabIndex={-1} aria-colindex={1} className="relative flex items-center gap-0.5 pl-1">
        {(drop === 'above' || drop === 'below') && (
          <span
            aria-hidden
            className={classNames(
              'pointer-events-none absolute left-0 z-10 h-0.5 w-screen bg-accent',
              drop === 'above' ? '-top-px' : '-bottom-px',
            )}
          />
        )}
        <span
          aria-hidden
          title={planTexts.drag}
          draggable={isEditable}
          onDragStart={(event) => setting.onDragStart(task.key, event)}
          onDragEnd={setting.onDragEnd}
          data-grip={task.key}
          className={classNames(
            'flex h-full w-4 items-center justify-center text-ink-3',
            isEditable ? 'cursor-grab opacity-0 group-hover/row:opacity-100' : 'invisible',
          )}
        >
          <GripVertical size={13} />
        </span>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={planTexts.choose(task.key, task.title)}
          checked={isChecked}
          // The grid keeps the focus, and with it the keys.
          onMouseDown={(event) => event.preventDefault()}
          onClick={(event) => setting.onChoose(task.key, event.shiftKey ? 'extend' : 'check')}
          onChange={() => undefined}
          className="size-3.5"
        />
      </div>
      {PLAN_COLUMNS.map((each, at) => {
        const isCell = isCursor && at === column
        return (
          <div
            key={each.name}
            id={`plan-cell-${index}-${at}`}
            role="gridcell"
            tabIndex={-1}
            data-column={each.name}
            aria-colindex={at + 2}
            aria-readonly={!isEditable || each.choices === 'none'}
            onMouseDown={(event) => {
              if (isEditing && isCell) return
              // Shift would mark text from where the mouse was before.
              if (event.shiftKey) event.preventDefault()
              setting.onChoose(task.key, howOf(event))
              setting.onCell(at)
            }}
            onDoubleClick={() => setting.onEdit(at)}
            className={classNames(
              'flex min-w-0 items-center gap-1 px-2',
              isCell &&
                !isEditing &&
                'rounded-sm group-focus:outline-2 group-focus:-outline-offset-2 group-focus:outline-accent',
              drop === 'after' && each.name === 'depends_on' && 'rounded-sm outline-2 -outline-offset-2 outline-accent',
            )}
            style={each.name === 'title' ? { paddingLeft: 8 + 10 * Math.min(MAX_INDENT, depth) } : undefined}
          >
            {isCell && isEditing ? (
              <CellEditor
                column={each}
                task={task}
                onCancel={setting.onCancel}
                onCommit={(text, end) => setting.onCommit(task, at, text, end)}
              />
            ) : (
              <>
                {each.name === 'title' && isFixed && (
                  <Lock size={12} className="shrink-0 text-ink-3" role="img" aria-label={planTexts.change.locked} />
                )}
                {each.name === 'title' && fault !== undefined && (
                  <TriangleAlert size={14} className="shrink-0 text-bad" role="img" aria-label={fault} />
                )}
                <CellContent column={each} task={task} estimate={estimate} />
                {each.name === 'title' && comments > 0 && (
                  <span
                    role="img"
                    aria-label={planTexts.comments.count(comments)}
                    className="figures ml-auto flex shrink-0 items-center gap-0.5 text-xs text-ink-2"
                  >
                    <MessageSquare size={12} aria-hidden />
                    {comments}
                  </span>
                )}
              </>
            )}
          </div>
        )
      })}
    </div>
    // biome-ignore-end lint/a11y/useSemanticElements: rows of a <table> cannot be placed one by one
  )
}
