import { MessageSquare } from 'lucide-react'
import { useCallback, useMemo } from 'react'
import type { PlanDocument, PlanEstimate, PlanTask } from '#contract/plan.ts'
import { TaskGraph } from '../graph/task-graph.tsx'
import { TierChip } from '../parts/chip.tsx'
import type { HistoryAction } from './plan-history.ts'
import { planKey } from './plan-keys.ts'
import { howOf } from './plan-selection.ts'
import { planTexts } from './texts.ts'
import type { Choosing } from './use-plan-selection.ts'

type Item = { id: string; depends_on: readonly string[]; task: PlanTask }

/** One item per task object, so that tasks that were not edited are not drawn again. */
const items = new WeakMap<PlanTask, Item>()

function itemOf(task: PlanTask): Item {
  const known = items.get(task)
  if (known !== undefined) return known
  const item = { id: task.key, depends_on: task.depends_on, task }
  items.set(task, item)
  return item
}

/** The plan as a graph: drag from the right side of a task to another to make it wait; remove with Delete. */
export function PlanGraph({
  document,
  estimate,
  choosing,
  comments,
  onOpen,
  dispatch,
  isEditable,
}: {
  document: PlanDocument
  estimate: PlanEstimate | null
  choosing: Choosing
  /** How many comments there are by task. */
  comments: ReadonlyMap<string, number>
  onOpen: (what: 'fields' | 'comments') => void
  dispatch: (action: HistoryAction) => void
  isEditable: boolean
}) {
  const list = useMemo(() => document.tasks.map(itemOf), [document.tasks])
  const estimates = useMemo(() => new Map(estimate?.tasks.map((task) => [task.key, task])), [estimate])
  const draw = useCallback(
    ({ task }: Item) => {
      const guess = estimates.get(task.key)
      const said = comments.get(task.key) ?? 0
      return (
        <div title={`${task.key}: ${task.title}`} className="flex h-full flex-col justify-center gap-1 px-3">
          <div data-far="title" className="truncate text-sm font-medium">
            {task.title}
          </div>
          <div data-far="rest" className="flex items-center gap-1.5 overflow-hidden text-xs text-ink-3">
            <span className="font-mono">{task.key}</span>
            <TierChip tier={task.tier ?? guess?.tier ?? null} paid={guess?.paid} />
            {said > 0 && (
              <span className="figures ml-auto flex items-center gap-0.5" title={planTexts.comments.count(said)}>
                <MessageSquare size={11} aria-hidden />
                {said}
              </span>
            )}
          </div>
        </div>
      )
    },
    [estimates, comments],
  )
  const editing = {
    onConnect: (from: string, to: string) => dispatch({ kind: 'edit', edit: { kind: 'connect', from, to } }),
    onDisconnect: (from: string, to: string) => dispatch({ kind: 'edit', edit: { kind: 'disconnect', from, to } }),
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys that the focused node inside leaves over
    <div
      className="size-full"
      onKeyDown={(event) => {
        // Tab goes from node to node here; indenting belongs to the table.
        if (!isEditable || event.defaultPrevented || event.key === 'Tab') return
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
          event.preventDefault()
          choosing.chooseAll()
          return
        }
        const letter = event.key.toLowerCase()
        if ((letter === 'e' || letter === 'c') && !event.ctrlKey && !event.metaKey && !event.altKey) {
          event.preventDefault()
          onOpen(letter === 'e' ? 'fields' : 'comments')
          return
        }
        const action = planKey(event, document, choosing.chosen)
        if (action === null) return
        event.preventDefault()
        dispatch(action)
      }}
    >
      <TaskGraph
        label="Graph of the plan"
        items={list}
        selected={choosing.cursor}
        chosen={choosing.keys}
        // What stands between two tasks of a graph is not plain: Shift adds one, as Ctrl does.
        onSelect={(key, held) => choosing.choose(key, howOf(held) === 'only' ? 'only' : 'toggle')}
        onBox={choosing.chooseMany}
        draw={draw}
        nameOf={nameOf}
        colourOf={colourOf}
        {...(isEditable ? editing : {})}
      />
    </div>
  )
}

function nameOf({ task }: Item): string {
  const after = task.depends_on.length === 0 ? 'depends on nothing' : `after ${task.depends_on.join(', ')}`
  return `${task.key}: ${task.title}, ${task.type}, ${after}`
}

function colourOf({ task }: Item): string {
  return task.tier === null || task.tier === 'local' ? 'var(--color-local-fill)' : 'var(--color-paid-fill)'
}
