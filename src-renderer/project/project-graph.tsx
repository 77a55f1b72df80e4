import { ChevronsLeftRight, LocateFixed } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import type { Task } from '#contract/task.ts'
import { FOLD_ID, type FoldItem, foldFinished, isFold } from '../graph/fold.ts'
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

/** The tasks as a graph from left to right, live. */
export function ProjectGraph({
  tasks,
  search,
  selected,
  onSelect,
}: {
  tasks: readonly Task[]
  search: string
  selected: string | null
  onSelect: (id: string) => void
}) {
  const [isFolding, setFolding] = useState(true)
  const [isFollowing, setFollowing] = useState(() => tasks.some((task) => task.state === 'running'))
  const items = useMemo(
    (): Item[] =>
      isFolding && tasks.length >= FOLD_FROM ? foldFinished(tasks, (task) => isFinished(task.state)) : [...tasks],
    [tasks, isFolding],
  )
  const running = isFollowing ? tasks.filter((task) => task.state === 'running').slice(0, MAX_FOLLOWED) : []
  const draw = useCallback(
    (item: Item) =>
      isFold(item) ? <FoldCard count={item.folded.length} /> : <TaskCard task={item} isDim={!fits(item, search)} />,
    [search],
  )
  const select = useCallback((id: string) => (id === FOLD_ID ? setFolding(false) : onSelect(id)), [onSelect])
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
        <IconButton
          label={projectTexts.fold}
          icon={<ChevronsLeftRight size={16} />}
          pressed={isFolding}
          onClick={() => setFolding(!isFolding)}
        />
        <IconButton
          label={projectTexts.follow}
          icon={<LocateFixed size={16} />}
          pressed={isFollowing}
          onClick={() => setFollowing(!isFollowing)}
        />
      </div>
    </div>
  )
}

function FoldCard({ count }: { count: number }) {
  return (
    <div className="flex h-full items-center gap-2 px-3 text-sm text-ink-2">
      <StateShape state="succeeded" label={false} />
      <span className="flex-1">{projectTexts.folded(count)}</span>
      <span className="text-xs text-accent">{projectTexts.unfold}</span>
    </div>
  )
}

function nameOf(item: Item): string {
  return isFold(item) ? `${projectTexts.folded(item.folded.length)}. ${projectTexts.unfold}` : taskName(item)
}

function colourOf(item: Item): string {
  return isFold(item) ? 'var(--color-good)' : taskColour(item)
}
