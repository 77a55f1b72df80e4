import { memo, useMemo, useState } from 'react'
import type { Task } from '#contract/task.ts'
import { Button } from '../parts/button.tsx'
import { classNames } from '../parts/class-names.ts'
import { useNow } from '../parts/figures.tsx'
import { EmptyState } from '../parts/notes.tsx'
import { clock, duration } from '../texts/figures.ts'
import { fits, taskName } from './task-line.ts'
import { projectTexts } from './texts.ts'
import { type Block, blocksOf, lanesOf, ticksOf } from './timeline-lanes.ts'
import { costWords } from './words.ts'

const ROW = 26
const TICKS = 8

/** Who worked when: one lane per model, one bar per task's last run, in the ink of the place. */
export const ProjectTimeline = memo(function ProjectTimeline({
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
  const isLive = tasks.some((task) => task.state === 'running')
  const now = useNow(isLive)
  const [zoom, setZoom] = useState<{ from: number; to: number } | null>(null)
  const lanes = useMemo(
    () =>
      lanesOf(
        tasks.filter((task) => fits(task, search)),
        now,
      ),
    [tasks, search, now],
  )
  const bars = lanes.flatMap((lane) => lane.bars)
  if (bars.length === 0)
    return <EmptyState title="Nothing has run yet">Each model gets a lane here once it works.</EmptyState>
  const first = bars.reduce((least, bar) => Math.min(least, bar.from), Number.POSITIVE_INFINITY)
  const last = bars.reduce((most, bar) => Math.max(most, bar.to), first + 1_000)
  const { from, to } = zoom ?? { from: first, to: last }
  const place = (at: number) => `${(100 * (at - from)) / (to - from)}%`
  return (
    <div className="size-full overflow-auto p-4">
      <div className="grid grid-cols-[10rem_1fr]">
        <div className="h-6">
          {zoom !== null && (
            <Button small onClick={() => setZoom(null)}>
              {projectTexts.wholeTime}
            </Button>
          )}
        </div>
        <div className="relative h-6 border-b">
          {ticksOf(from, to, TICKS).map((tick) => (
            <span key={tick} className="figures absolute text-xs text-ink-3" style={{ left: place(tick) }}>
              {clock(tick - first)}
            </span>
          ))}
        </div>
        {lanes.map((lane) => (
          <section key={lane.name} aria-label={lane.name} className="contents">
            <h2
              className={classNames(
                'flex items-start gap-2 truncate border-b py-2 pr-2 text-xs font-medium',
                lane.paid ? 'text-paid' : 'text-local',
              )}
            >
              <span
                className={classNames(
                  'mt-1 size-2 shrink-0 rounded-full',
                  lane.paid ? 'bg-paid-fill' : 'bg-local-fill',
                )}
              />
              {lane.name}
            </h2>
            <div className="relative border-b" style={{ height: lane.rows * ROW + 10 }}>
              {blocksOf(lane, from, to).map((block) => (
                <BlockButton
                  key={block.bars[0]?.task.id}
                  block={block}
                  paid={lane.paid}
                  selected={selected}
                  left={place(Math.max(from, block.from))}
                  width={place(from + Math.min(to, block.to) - Math.max(from, block.from))}
                  onOpen={() => {
                    const [only, second] = block.bars
                    if (only !== undefined && second === undefined) onSelect(only.task.id)
                    else setZoom({ from: block.from, to: Math.max(block.to, block.from + 1_000) })
                  }}
                />
              ))}
            </div>
          </section>
        ))}
      </div>
    </div>
  )
})

/** One run, or so many of them that they cannot be told apart at this width: those open by a closer look. */
function BlockButton({
  block,
  paid,
  selected,
  left,
  width,
  onOpen,
}: {
  block: Block
  paid: boolean
  selected: string | null
  left: string
  width: string
  onOpen: () => void
}) {
  const [first, second] = block.bars
  if (first === undefined) return null
  const { task } = first
  const time = duration(block.to - block.from)
  const isOne = second === undefined
  const isSelected = block.bars.some((bar) => bar.task.id === selected)
  const cost = block.bars.reduce((sum, bar) => sum + bar.task.cost_micros, 0)
  const title = isOne ? task.title : projectTexts.runs(block.bars.length)
  return (
    <button
      type="button"
      title={`${title}: ${time}, ${costWords(cost, paid)}`}
      aria-label={isOne ? `${taskName(task)}, ${time}` : `${title}, ${time}. ${projectTexts.lookCloser}`}
      aria-pressed={isSelected}
      onClick={onOpen}
      className={classNames(
        'absolute h-[22px] min-w-1 truncate rounded-sm px-1 text-left text-xs leading-[22px] text-ink hover:brightness-95',
        'border-l-3',
        paid ? 'border-paid-fill bg-paid-soft' : 'border-local-fill bg-local-soft',
        block.bars.some((bar) => bar.task.state === 'failed') && 'border-bad',
        isSelected && 'outline-2 outline-accent',
      )}
      style={{ left, width: `calc(${width} - 1px)`, top: 5 + block.row * ROW }}
    >
      {isOne ? title : block.bars.length}
    </button>
  )
}
