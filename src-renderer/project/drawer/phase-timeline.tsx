import type { RunEvent } from '#contract/run.ts'
import type { Phase } from '#contract/states.ts'
import { useRunEvents } from '../../client/queries.ts'
import { classNames } from '../../parts/class-names.ts'
import { useNow } from '../../parts/figures.tsx'
import { FaultNote } from '../../parts/notes.tsx'
import { StateShape } from '../../parts/state-shape.tsx'
import { duration } from '../../texts/figures.ts'
import { PHASE_WORDS } from '../words.ts'

type Span = { id: string; node: Phase; from: number; to: number | null; failed: boolean; summary: string }

/** The phases of a run in their order, each with a bar on one time axis. */
export function PhaseTimeline({ runId }: { runId: string }) {
  const events = useRunEvents(runId)
  const spans = spansOf(events.data ?? [])
  const now = useNow(spans.some((span) => span.to === null))
  if (events.error !== null) return <FaultNote error={events.error} retry={() => void events.refetch()} />
  const first = spans[0]
  if (first === undefined) return <p className="text-ink-3">Not started.</p>
  const end = Math.max(...spans.map((span) => span.to ?? now), first.from + 1)
  const whole = end - first.from
  return (
    <ol className="flex flex-col gap-0.5">
      {spans.map((span) => {
        const to = span.to ?? Math.max(now, span.from)
        return (
          <li
            key={span.id}
            title={span.summary}
            className="grid grid-cols-[11rem_1fr_3.5rem] items-center gap-2 text-xs"
          >
            <span className="flex items-center gap-1.5 truncate">
              <StateShape state={span.to === null ? 'running' : span.failed ? 'failed' : 'succeeded'} size={12} />
              {PHASE_WORDS[span.node]}
            </span>
            <span className="relative h-2 rounded-full bg-sunk">
              <span
                className={classNames('absolute h-full min-w-0.5 rounded-full', span.failed ? 'bg-bad' : 'bg-accent')}
                style={{
                  left: `${(100 * (span.from - first.from)) / whole}%`,
                  width: `${(100 * (to - span.from)) / whole}%`,
                }}
              />
            </span>
            <span className="figures text-right text-ink-3">{duration(to - span.from)}</span>
          </li>
        )
      })}
    </ol>
  )
}

/** Pairs starts with ends: of one phase, an end closes the last start that is still open. */
function spansOf(events: readonly RunEvent[]): Span[] {
  const spans: Span[] = []
  for (const event of [...events].sort((one, two) => one.sequence - two.sequence)) {
    const at = Date.parse(event.timestamp)
    if (event.phase === 'started') {
      spans.push({ id: event.id, node: event.node, from: at, to: null, failed: false, summary: event.summary })
      continue
    }
    const open = spans.findLast((span) => span.node === event.node && span.to === null)
    if (open === undefined) continue
    open.to = at
    open.failed = event.phase === 'failed'
    open.summary = event.summary
  }
  return spans
}
