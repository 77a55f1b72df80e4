import { type ReactNode, useId, useState } from 'react'
import { Button } from '../parts/button.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { firstRunTexts as texts } from '../texts/first-run.ts'
import type { AnyState } from '../texts/states.ts'
import type { Check, CheckState } from './checks.ts'

const SHAPES: Record<CheckState, AnyState> = {
  looking: 'running',
  ready: 'succeeded',
  offered: 'proposed',
  incomplete: 'proposed',
  missing: 'failed',
  failing: 'failed',
  optional: 'skipped',
}

/** A line of the first run: its state as a shape and in words, one sentence, and the button that mends it. */
export function CheckRow({ check, button, below }: { check: Check; button?: ReactNode; below?: ReactNode }) {
  return (
    <li className="flex flex-col gap-3 px-4 py-2.5">
      <div className="flex items-center gap-3">
        <StateShape state={SHAPES[check.state]} size={16} label={false} />
        <div className="min-w-0 flex-1">
          <p>
            <span className="text-md font-medium">{check.name}</span>
            <span className="ml-2 text-ink-3">{texts.words[check.state]}</span>
          </p>
          {check.sentence !== '' && <p className="break-words text-ink-2">{check.sentence}</p>}
        </div>
        {button}
      </div>
      {below}
    </li>
  )
}

/** The same, with a button that opens what has to be done below the line. */
export function OpeningRow({
  check,
  open,
  children,
}: {
  check: Check
  /** What the button says. */
  open: string
  children: ReactNode
}) {
  const [isOpen, setOpen] = useState(false)
  const panelId = useId()
  const word = isOpen ? texts.fix.close : open
  return (
    <CheckRow
      check={check}
      button={
        <Button
          aria-expanded={isOpen}
          aria-controls={isOpen ? panelId : undefined}
          aria-label={texts.fix.of(word, check.name)}
          onClick={() => setOpen(!isOpen)}
        >
          {word}
        </Button>
      }
      below={
        isOpen && (
          <div id={panelId} className="ml-7 flex flex-col gap-2 border-l-2 pb-1 pl-4">
            {children}
          </div>
        )
      }
    />
  )
}
