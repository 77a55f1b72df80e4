import { memo } from 'react'
import { classNames } from '../parts/class-names.ts'
import { duration } from '../texts/figures.ts'
import { taskName } from './task-line.ts'
import { projectTexts } from './texts.ts'
import type { Block } from './timeline-lanes.ts'
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
        key={block.bars[0]?.task.id}
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
      onClick={() => onOpen(block)}
      onFocus={onFocus}
      className={classNames(
        'block h-6 w-full truncate rounded-sm px-1 text-left text-xs leading-6 text-ink hover:brightness-95',
        'border-l-3',
        paid ? 'border-paid-fill bg-paid-soft' : 'border-local-fill bg-local-soft',
        block.bars.some((bar) => bar.task.state === 'failed') && 'border-bad',
        isSelected && 'outline-2 outline-accent',
      )}
    >
      {isOne ? title : block.bars.length}
    </button>
  )
}
