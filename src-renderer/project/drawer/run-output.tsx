import { ArrowDown } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import type { Run } from '#contract/run.ts'
import { useLiveOutput } from '../../client/live-output.ts'
import { Button } from '../../parts/button.tsx'
import { classNames } from '../../parts/class-names.ts'
import { EmptyState } from '../../parts/notes.tsx'
import { number } from '../../texts/figures.ts'
import { taskTexts } from '../texts.ts'
import { TextBlock } from './text-block.tsx'

/** As close to the end as counts as being there, in px. */
const NEAR_END = 24

/** What the model writes, as it writes it; follows only while the reader is at the end. */
export function RunOutput({ run, finalText }: { run: Run; finalText: string }) {
  const live = useLiveOutput(run.id)
  const scroller = useRef<HTMLDivElement>(null)
  const [isAtEnd, setAtEnd] = useState(true)
  const texts = taskTexts.output
  const written = live === undefined ? 0 : live.characters + live.dropped
  const toEnd = () => {
    const element = scroller.current
    if (element !== null) element.scrollTop = element.scrollHeight
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: `written` is what makes the text longer
  useLayoutEffect(() => {
    if (isAtEnd) toEnd()
  }, [written, isAtEnd])
  if (finalText !== '' && run.state !== 'running')
    return <TextBlock label={taskTexts.tabs.output} text={finalText} tall />
  if (live === undefined || live.characters === 0) return <EmptyState title={texts.none}>{texts.noneWhy}</EmptyState>
  return (
    <div className="relative">
      <div
        ref={scroller}
        role="log"
        aria-label={taskTexts.tabs.output}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget
          setAtEnd(scrollHeight - scrollTop - clientHeight < NEAR_END)
        }}
        className="h-[58vh] overflow-auto rounded border bg-sunk px-2 py-1.5 font-mono text-xs leading-5 break-words whitespace-pre-wrap select-text"
      >
        {live.dropped > 0 && <p className="text-ink-3">{texts.dropped(number(live.dropped))}</p>}
        {live.pieces.map((piece, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces only grow at the end
            key={index}
            className={classNames(
              piece.kind === 'thinking' && 'text-ink-3 italic',
              piece.kind === 'tool' && 'text-accent',
            )}
          >
            {piece.kind === 'text' ? piece.text : `\n[${texts[piece.kind]}] ${piece.text}\n`}
          </span>
        ))}
      </div>
      {!isAtEnd && (
        <Button small icon={<ArrowDown size={13} />} onClick={toEnd} className="absolute right-4 bottom-3 shadow-pop">
          {texts.end}
        </Button>
      )}
    </div>
  )
}
