import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useMemo, useRef } from 'react'
import type { TaskState } from '#contract/states.ts'
import type { Task } from '#contract/task.ts'
import { classNames } from '../parts/class-names.ts'
import { useGradual } from '../parts/use-gradual.ts'
import { number } from '../texts/figures.ts'
import { TaskCard } from './task-card.tsx'
import { fits, taskName } from './task-line.ts'

const COLUMNS: readonly { name: string; label: string; states: readonly TaskState[]; always: boolean }[] = [
  { name: 'pending', label: 'Not yet', states: ['pending'], always: true },
  { name: 'ready', label: 'Ready', states: ['ready'], always: true },
  { name: 'running', label: 'Running', states: ['running'], always: true },
  { name: 'waiting', label: 'Waiting', states: ['waiting'], always: false },
  { name: 'stuck', label: 'Failed or blocked', states: ['failed', 'blocked'], always: false },
  { name: 'done', label: 'Done', states: ['succeeded', 'skipped'], always: true },
  { name: 'cancelled', label: 'Cancelled', states: ['cancelled'], always: false },
]
const COLUMN_OF = new Map(COLUMNS.flatMap(({ name, states }) => states.map((state) => [state, name] as const)))
const CARD = 72
/** Cards of a column that are made in one frame. */
const CARDS_AT_ONCE = 8

/** The tasks in columns by state, the same cards as in the graph. */
export const ProjectBoard = memo(function ProjectBoard(props: {
  tasks: readonly Task[]
  search: string
  selected: string | null
  onSelect: (id: string) => void
}) {
  const { tasks, search } = props
  const kept = useRef<ReadonlyMap<string, readonly Task[]>>(new Map())
  const columns = useMemo(() => {
    const shown = Map.groupBy(
      tasks.filter((task) => fits(task, search)),
      (task) => COLUMN_OF.get(task.state) ?? '',
    )
    // A column in which nothing has changed is not drawn anew.
    kept.current = new Map(COLUMNS.map(({ name }) => [name, sameOr(kept.current.get(name), shown.get(name) ?? [])]))
    return COLUMNS.map((column) => ({ ...column, tasks: kept.current.get(column.name) ?? [] }))
  }, [tasks, search])
  return (
    <div className="flex size-full gap-3 overflow-x-auto p-4">
      {columns
        .filter((column) => column.always || column.tasks.length > 0)
        .map((column) => (
          <Column
            key={column.name}
            label={column.label}
            tasks={column.tasks}
            selected={props.selected}
            onSelect={props.onSelect}
          />
        ))}
    </div>
  )
})

function sameOr(before: readonly Task[] | undefined, now: readonly Task[]): readonly Task[] {
  return before?.length === now.length && before.every((task, index) => task === now[index]) ? before : now
}

const Column = memo(function Column({
  label,
  tasks,
  selected,
  onSelect,
}: {
  label: string
  tasks: readonly Task[]
  selected: string | null
  onSelect: (id: string) => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => CARD,
    overscan: 6,
    getItemKey: (index) => tasks[index]?.id ?? index,
  })
  const items = virtualizer.getVirtualItems()
  const { first, last } = useGradual({ first: items[0]?.index ?? 0, last: items.at(-1)?.index ?? -1 }, CARDS_AT_ONCE)
  return (
    <section
      aria-label={`${label}, ${tasks.length}`}
      className="flex w-56 min-w-44 flex-1 flex-col rounded border bg-sunk"
    >
      <h2 className="flex h-9 shrink-0 items-center justify-between px-3 text-xs font-medium text-ink-2">
        {label}
        <span className="figures text-ink-3">{number(tasks.length)}</span>
      </h2>
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
        <ul className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const task = tasks[item.index]
            if (task === undefined || item.index < first || item.index > last) return null
            return (
              <li
                key={item.key}
                className="absolute inset-x-2 top-0"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <CardButton task={task} isSelected={task.id === selected} onSelect={onSelect} />
              </li>
            )
          })}
        </ul>
      </div>
    </section>
  )
})

const CardButton = memo(function CardButton({
  task,
  isSelected,
  onSelect,
}: {
  task: Task
  isSelected: boolean
  onSelect: (id: string) => void
}) {
  return (
    <button
      type="button"
      aria-label={taskName(task)}
      aria-current={isSelected}
      onClick={() => onSelect(task.id)}
      className={classNames(
        'block w-full rounded border bg-surface text-left hover:border-line-strong',
        isSelected ? 'border-accent outline outline-accent' : 'border-line',
      )}
    >
      <TaskCard task={task} />
    </button>
  )
})
