import { memo } from 'react'
import { classNames } from '../parts/class-names.ts'
import { duration } from '../texts/figures.ts'
import { stateTexts } from '../texts/states.ts'
import { taskName } from './task-line.ts'
import { projectTexts } from './texts.ts'
import type { Bar, Block } from './timeline-lanes.ts'
import type { Span } from './timeline-spans.ts'
import { costWords } from './words.ts'

/** A bar of 24 pixels, as high as a target is to be, and what parts it from the next. */
export const ROW_HEIGHT = 28

/** Where a row stands. */
export type RowPlace = { readonly lane: string; readonly row: number }

/** One row of a lane. */
export const TimelineRow = memo(function TimelineRow({
  lane,
  row,
  blocks,
  shown: { from, to },
  onFocus,
  ...rest
}: {
  lane: string
  row: number
  blocks: readonly Block[]
  shown: { readonly from: number; readonly to: number }
  paid: boolean
  selected: string | null
  onOpen: (block: Block) => void
  onFocus: (place: RowPlace) => void
}) {
  const share = (ms: number) => `${(100 * ms) / (to - from)}%`
  return blocks.map((block) => {
    const start = Math.max(from, block.from)
    return (
      // What has a place of its own shares its style with nothing, so it has little style: the button's is worked out once.
      <div
        key={block.bars[0]?.id}
        className="absolute min-w-[25px] pr-px"
        style={{
          left: share(start - from),
          width: share(Math.min(to, block.to) - start),
          top: 5 + row * ROW_HEIGHT,
        }}
      >
        <BlockButton block={block} onFocus={() => onFocus({ lane, row })} {...rest} />
      </div>
    )
  })
})

/** One run, or so many of them that they cannot be told apart at this width: those open by a closer look. */
function BlockButton({
  block,
  paid,
  selected,
  onOpen,
  onFocus,
}: {
  block: Block
  paid: boolean
  selected: string | null
  onOpen: (block: Block) => void
  onFocus: () => void
}) {
  const [first, second] = block.bars
  if (first === undefined) return null
  const time = duration(block.to - block.from)
  const isOne = second === undefined
  const isSelected = block.bars.some((bar) => bar.task.id === selected)
  const cost = block.bars.reduce((sum, bar) => sum + bar.cost_micros, 0)
  const title = isOne ? titleOf(first) : projectTexts.runs(block.bars.length)
  const waits = isOne ? first.waits.map(({ from, to, reason }) => projectTexts.waited(duration(to - from), reason)) : []
  return (
    <button
      type="button"
      title={[`${title}: ${time}, ${costWords(cost, paid)}`, ...waits].join('\n')}
      aria-label={
        isOne ? [`${nameOf(first)}, ${time}`, ...waits].join('. ') : `${title}, ${time}. ${projectTexts.lookCloser}`
      }
      aria-current={isSelected}
      onClick={() => onOpen(block)}
      onFocus={onFocus}
      className={classNames(
        'relative block h-6 w-full truncate rounded-sm px-1 text-left text-xs leading-6 text-ink hover:brightness-95',
        'border-l-3',
        paid ? 'border-paid-fill bg-paid-soft' : 'border-local-fill bg-local-soft',
        block.bars.some((bar) => bar.state === 'failed') && 'border-bad',
        isSelected && 'outline-2 outline-accent',
      )}
    >
      {isOne && <Inside span={first} />}
      <span className="relative">{isOne ? title : block.bars.length}</span>
    </button>
  )
}

/** More phases than this are not told apart in a bar. */
const MOST_PHASES = 40

/** Where its phases begin, as lines, and what it waited for, hatched. */
function Inside({ span: { from, to, phases, waits } }: { span: Span }) {
  const share = (ms: number) => `${(100 * ms) / Math.max(1, to - from)}%`
  return (
    <span aria-hidden className="absolute inset-0">
      {phases.length <= MOST_PHASES &&
        phases.slice(1).map((phase, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: phases can begin in the same millisecond, and never change places
            key={index}
            className="absolute bottom-0 h-1 w-px bg-line-strong"
            style={{ left: share(phase.from - from) }}
          />
        ))}
      {waits.map((wait, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          key={index}
          className="hatched absolute inset-y-0 text-line-strong/60"
          style={{ left: share(wait.from - from), width: share(wait.to - wait.from) }}
        />
      ))}
    </span>
  )
}

function titleOf({ task, attempt }: Bar): string {
  return attempt === 1 ? task.title : `${task.title}, ${projectTexts.attempt(attempt)}`
}

function nameOf(bar: Bar): string {
  // How the task stands is told by its last run; how an earlier one ended is all that is left to tell of it.
  const isLast = bar.id === bar.task.id || bar.id === bar.task.run_id
  if (!isLast) return `${titleOf(bar)}: ${stateTexts[bar.state]}`
  return bar.attempt === 1 ? taskName(bar.task) : `${taskName(bar.task)}, ${projectTexts.attempt(bar.attempt)}`
}
