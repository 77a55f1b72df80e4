import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useCallback, useMemo, useRef, useState } from 'react'
import type { Task } from '#contract/task.ts'
import { useAttempts } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { classNames } from '../parts/class-names.ts'
import { useNow } from '../parts/figures.tsx'
import { EmptyState } from '../parts/notes.tsx'
import { useGradual } from '../parts/use-gradual.ts'
import { useWidth } from '../parts/use-width.ts'
import { clock } from '../texts/figures.ts'
import { fits } from './task-line.ts'
import { projectTexts } from './texts.ts'
import { type Block, blocksByRow, closerLook, type Lane, lanesOf, stretchOf, ticksOf } from './timeline-lanes.ts'
import { ROW_HEIGHT, type RowPlace, TimelineRow } from './timeline-row.tsx'
import { type Span, spansOfAttempts, spansOfTasks } from './timeline-spans.ts'
import { TimelineSpent } from './timeline-spent.tsx'

const TICKS = 8
/** Below the last row of a lane. */
const LANE_GAP = 10
/** The padding and the line of times above the first lane; the row of money is within the overscan. */
const ABOVE = 40
/** Rows that are made in one frame. */
const ROWS_AT_ONCE = 6

/** Who worked when, and what was waited for: one lane per model, one bar per run, in the ink of the place. */
export const ProjectTimeline = memo(function ProjectTimeline({
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
  isLarge: boolean
}) {
  // A wait goes on too.
  const isLive = tasks.some((task) => task.started_at !== null && task.ended_at === null)
  const now = useNow(isLive)
  const ran = useMemo(() => tasks.filter((task) => task.started_at !== null && fits(task, search)), [tasks, search])
  if (ran.length === 0)
    return <EmptyState title="Nothing has run yet">Each model gets a lane here once it works.</EmptyState>
  return (
    <Runs key={ran[0]?.project_id} tasks={ran} now={now} selected={selected} onSelect={onSelect} isLarge={isLarge} />
  )
})

/** Of a large project, each task from its first start to its last end; of any other, all runs with their phases and waits. */
function Runs({
  tasks,
  now,
  isLarge,
  ...rest
}: {
  tasks: readonly Task[]
  now: number
  isLarge: boolean
  selected: string | null
  onSelect: (id: string) => void
}) {
  const attempts = useAttempts(isLarge ? null : (tasks[0]?.project_id ?? null)).data
  const spans = useMemo(
    () => (attempts === undefined ? spansOfTasks(tasks, now) : spansOfAttempts(attempts, tasks, now)),
    [attempts, tasks, now],
  )
  return <Lanes spans={spans} {...rest} />
}

function Lanes({
  spans,
  selected,
  onSelect,
}: {
  spans: readonly Span[]
  selected: string | null
  onSelect: (id: string) => void
}) {
  const axis = useRef<HTMLDivElement>(null)
  const width = useWidth(axis)
  const lanes = useMemo(() => (width === null ? [] : lanesOf(spans, width)), [spans, width])
  const [zoom, setZoom] = useState<ReturnType<typeof closerLook> | null>(null)
  const whole = useMemo(() => stretchOf(lanes.flatMap(({ bars }) => bars)), [lanes])
  const shown = zoom ?? whole
  const drawn = useMemo(
    () => lanes.map((lane) => ({ ...lane, blocks: blocksByRow(lane, shown, width ?? 0) })),
    [lanes, shown, width],
  )
  const open = useCallback(
    (block: Block) => {
      const [only, second] = block.bars
      if (only !== undefined && second === undefined) onSelect(only.task.id)
      else setZoom(closerLook(block))
    },
    [onSelect],
  )
  const scroller = useRef<HTMLDivElement>(null)
  const isInSight = useRowsInSight(scroller, lanes)
  // Out of sight as well it stays drawn: an element that goes takes the focus with it.
  const [focused, setFocused] = useState<RowPlace | null>(null)
  const place = (at: number) => `${(100 * (at - shown.from)) / (shown.to - shown.from)}%`
  return (
    <div ref={scroller} className="size-full overflow-auto p-4">
      <div className="grid grid-cols-[10rem_1fr]">
        <div className="h-6">
          {zoom !== null && (
            <Button small onClick={() => setZoom(null)}>
              {projectTexts.wholeTime}
            </Button>
          )}
        </div>
        <div ref={axis} className="relative mr-7 h-6 border-b">
          {ticksOf(shown.from, shown.to, TICKS).map((tick) => (
            <span key={tick} className="figures absolute text-xs text-ink-3" style={{ left: place(tick) }}>
              {clock(tick - whole.from)}
            </span>
          ))}
        </div>
        <TimelineSpent spans={spans} shown={shown} />
        {drawn.map((lane, index) => (
          <section
            key={lane.name}
            aria-label={`${lane.name}, ${projectTexts.runs(lane.bars.length)}`}
            className="contents"
          >
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
            <div className="relative mr-7 border-b" style={{ height: lane.rows * ROW_HEIGHT + LANE_GAP }}>
              {lane.blocks.map(
                (blocks, row) =>
                  (isInSight(index, row) || (focused?.lane === lane.name && focused.row === row)) && (
                    <TimelineRow
                      // biome-ignore lint/suspicious/noArrayIndexKey: a row is its number
                      key={row}
                      lane={lane.name}
                      row={row}
                      blocks={blocks}
                      shown={shown}
                      paid={lane.paid}
                      selected={selected}
                      onOpen={open}
                      onFocus={setFocused}
                    />
                  ),
              )}
            </div>
          </section>
        ))}
      </div>
    </div>
  )
}

/** Which rows of which lanes are to be drawn: those in sight, a few more with each frame. */
function useRowsInSight(
  scroller: { readonly current: HTMLDivElement | null },
  lanes: readonly Lane[],
): (lane: number, row: number) => boolean {
  const firstRows: number[] = []
  const lastRows = new Set<number>()
  let count = 0
  for (const lane of lanes) {
    firstRows.push(count)
    count += lane.rows
    lastRows.add(count - 1)
  }
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: (row) => (lastRows.has(row) ? ROW_HEIGHT + LANE_GAP : ROW_HEIGHT),
    paddingStart: ABOVE,
    overscan: 3,
    useFlushSync: false,
  })
  const rows = virtualizer.getVirtualItems()
  const { first, last } = useGradual({ first: rows[0]?.index ?? 0, last: rows.at(-1)?.index ?? -1 }, ROWS_AT_ONCE)
  return (lane, row) => {
    const place = (firstRows[lane] ?? 0) + row
    return place >= first && place <= last
  }
}
