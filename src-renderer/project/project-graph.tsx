import { ChevronsLeftRight, LocateFixed } from 'lucide-react'
import { memo, useCallback, useMemo, useRef, useState } from 'react'
import type { TaskState } from '#contract/states.ts'
import type { Task } from '#contract/task.ts'
import { chooseShown, focusOn } from '../graph/focus.ts'
import { FOLD_ID, type FoldItem, foldFinished, isFold, LATER_ID } from '../graph/fold.ts'
import { TaskGraph } from '../graph/task-graph.tsx'
import { IconButton } from '../parts/button.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { TaskCard } from './task-card.tsx'
import { fits, isFinished, taskColour, taskName } from './task-line.ts'
import { projectTexts } from './texts.ts'

type Item = Task | FoldItem<Task>

/** As many running tasks as fit in one view. */
const MAX_FOLLOWED = 6
/** Below this, the whole graph is in sight and folding hides more than it helps. */
const FOLD_FROM = 12
/** A large one shows so many tasks: those that run, wait or failed, then what comes next. */
const MOST_SHOWN = 150

const NO_TASKS: readonly Task[] = []
const RANKS = {
  running: 0,
  waiting: 0,
  failed: 0,
  ready: 1,
  pending: 2,
  blocked: 2,
  cancelled: 3,
  succeeded: 3,
  skipped: 3,
} as const satisfies Record<TaskState, number>

function isFinishedTask(task: Task): boolean {
  return isFinished(task.state)
}

/** The tasks as a graph from left to right, live. */
export const ProjectGraph = memo(function ProjectGraph({
  tasks,
  search,
  selected,
  onSelect,
  isLarge,
}: {
  tasks: readonly Task[]
  search: string
  selected: string | null
  onSelect: (id: string) => void
  /** It cannot be read as a whole, so a part of it is shown. */
  isLarge: boolean
}) {
  const [isFolding, setFolding] = useState(true)
  const [isFollowing, setFollowing] = useState(() => tasks.some((task) => task.state === 'running'))
  const [limit, setLimit] = useState(MOST_SHOWN)
  const focused = useFocused(isLarge ? tasks : NO_TASKS, limit, search, selected)
  const items = useMemo((): readonly Item[] => {
    if (isLarge) return focused
    return isFolding && tasks.length >= FOLD_FROM ? foldFinished(tasks, isFinishedTask) : tasks
  }, [tasks, isLarge, focused, isFolding])
  const running = isFollowing ? tasks.filter((task) => task.state === 'running').slice(0, MAX_FOLLOWED) : []
  const draw = useCallback(
    (item: Item) => (isFold(item) ? <FoldCard fold={item} /> : <TaskCard task={item} isDim={!fits(item, search)} />),
    [search],
  )
  const select = useCallback(
    (id: string) => {
      if (id !== FOLD_ID && id !== LATER_ID) onSelect(id)
      else if (isLarge) setLimit((before) => before + MOST_SHOWN)
      else setFolding(false)
    },
    [onSelect, isLarge],
  )
  return (
    <div className="relative size-full">
      <TaskGraph
        label="Graph of the tasks"
        items={items}
        selected={selected}
        onSelect={select}
        draw={draw}
        nameOf={nameOf}
        colourOf={colourOf}
        follow={running.map((task) => task.id)}
        onLeave={() => setFollowing(false)}
      />
      <div className="absolute top-3 right-3 flex gap-1 rounded border bg-surface p-0.5">
        {!isLarge && (
          <IconButton
            label={projectTexts.fold}
            icon={<ChevronsLeftRight size={16} />}
            pressed={isFolding}
            onClick={() => setFolding(!isFolding)}
          />
        )}
        <IconButton
          label={projectTexts.follow}
          icon={<LocateFixed size={16} />}
          pressed={isFollowing}
          onClick={() => setFollowing(!isFollowing)}
        />
      </div>
    </div>
  )
})

/** The tasks of a large project that are worth a look now, and folds for the rest. */
function useFocused(tasks: readonly Task[], limit: number, search: string, selected: string | null): readonly Item[] {
  const shown = useRef<ReadonlySet<string> | null>(null)
  return useMemo(() => {
    const isWanted = (task: Task) => task.id === selected || (search !== '' && fits(task, search))
    const rankOf = (task: Task) => (isWanted(task) ? 0 : RANKS[task.state])
    shown.current = chooseShown(tasks, limit, { rankOf, isFinished: isFinishedTask }, shown.current)
    return focusOn(tasks, shown.current, isFinishedTask)
  }, [tasks, limit, search, selected])
}

function FoldCard({ fold }: { fold: FoldItem<Task> }) {
  const isDone = fold.id === FOLD_ID
  return (
    <div className="flex h-full items-center gap-2 px-3 text-sm text-ink-2">
      <StateShape state={isDone ? 'succeeded' : 'pending'} label={false} />
      <span className="flex-1">{foldWords(fold)}</span>
      <span className="text-xs text-accent">{isDone ? projectTexts.unfold : projectTexts.showMore}</span>
    </div>
  )
}

function foldWords({ id, folded }: FoldItem<Task>): string {
  return id === FOLD_ID ? projectTexts.folded(folded.length) : projectTexts.later(folded.length)
}

function nameOf(item: Item): string {
  return isFold(item) ? `${foldWords(item)}. ${projectTexts.showMore}` : taskName(item)
}

function colourOf(item: Item): string {
  if (isFold(item)) return item.id === FOLD_ID ? 'var(--color-good)' : 'var(--color-line-strong)'
  return taskColour(item)
}
