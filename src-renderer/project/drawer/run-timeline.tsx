import { ChevronRight, Clock, Cpu, MessageCircleQuestion, Wrench } from 'lucide-react'
import { useState } from 'react'
import type { RunMoment } from '#contract/run-timeline.ts'
import type { Phase } from '#contract/states.ts'
import { useRunTimeline } from '../../client/queries.ts'
import { Button } from '../../parts/button.tsx'
import { Chip } from '../../parts/chip.tsx'
import { classNames } from '../../parts/class-names.ts'
import { Money, Tokens, useNow } from '../../parts/figures.tsx'
import { FaultNote, SkeletonRows } from '../../parts/notes.tsx'
import { StateShape } from '../../parts/state-shape.tsx'
import { duration } from '../../texts/figures.ts'
import { taskTexts } from '../texts.ts'
import { PHASE_WORDS } from '../words.ts'
import { axisOf, groupsOf, type PhaseGroup, usedIn } from './timeline-axis.ts'

/** Calls of one phase that are shown at once; a long one has hundreds. */
const SHOWN_CALLS = 25
const SHORTEST_WAIT_MS = 1_000

/** All that happened in a run: its phases on one axis, each with why, its calls, waits and questions, and what they took. */
export function RunTimeline({ runId }: { runId: string }) {
  const timeline = useRunTimeline(runId)
  const moments = timeline.data ?? []
  const now = useNow(moments.some((moment) => moment.to === null))
  if (timeline.error !== null) return <FaultNote error={timeline.error} retry={() => void timeline.refetch()} />
  if (timeline.data === undefined) return <SkeletonRows />
  const { groups, beside } = groupsOf(moments)
  if (moments.length === 0) return <p className="text-ink-3">{taskTexts.timeline.notStarted}</p>
  const axis = axisOf(moments, now)
  const end = beside.find(({ kind }) => kind === 'end')
  return (
    <ol className="flex flex-col gap-1">
      {beside
        .filter((moment) => moment.kind !== 'end' && (moment.kind !== 'wait' || isWait(moment)))
        .map((moment) => (
          <MomentRow key={moment.id} moment={moment} now={now} />
        ))}
      {groups.map((group) => (
        <PhaseRow key={group.phase.id} group={group} axis={axis} now={now} />
      ))}
      {end !== undefined && <EndRow end={end} isTold={groups.at(-1)?.phase.reason === end.reason} />}
    </ol>
  )
}

function PhaseRow({ group, axis, now }: { group: PhaseGroup; axis: (at: string | null) => number; now: number }) {
  const { phase, within } = group
  const calls = within.filter(({ kind }) => kind === 'model' || kind === 'tool')
  const others = within.filter((moment) => moment.kind === 'approval' || isWait(moment))
  const isWaiting = others.some(({ to }) => to === null)
  const isRunning = phase.to === null
  const [wanted, setWanted] = useState<boolean | null>(null)
  const isOpen = wanted ?? isRunning
  const [most, setMost] = useState(SHOWN_CALLS)
  const { tokens, cost_micros, paid } = usedIn(calls)
  const name = PHASE_WORDS[phase.name as Phase]
  const [from, to] = [axis(phase.from), axis(phase.to)]
  const head = (
    <>
      <span className="flex min-w-0 items-center gap-1.5">
        <ChevronRight
          size={12}
          aria-hidden
          className={classNames(
            'shrink-0 text-ink-3 transition-transform',
            isOpen && 'rotate-90',
            calls.length === 0 && 'invisible',
          )}
        />
        <StateShape state={isRunning && isWaiting ? 'waiting' : phase.state} size={12} />
        <span className="truncate">{name}</span>
      </span>
      <span className="relative h-2 rounded-full bg-sunk">
        <span
          className={classNames(
            'absolute h-full min-w-0.5 rounded-full',
            phase.state === 'failed'
              ? 'bg-bad'
              : paid
                ? 'bg-paid'
                : cost_micros === 0 && tokens > 0
                  ? 'bg-local'
                  : 'bg-accent',
          )}
          style={{ left: `${Math.min(from, 99)}%`, width: `${Math.max(0, to - from)}%` }}
        />
      </span>
      <span className="figures text-right text-ink-3">{lasted(phase, now)}</span>
    </>
  )
  const grid = 'grid w-full grid-cols-[13rem_1fr_3.5rem] items-center gap-2 rounded text-left text-xs'
  return (
    <li>
      {calls.length === 0 ? (
        <div className={classNames(grid, 'min-h-6')}>{head}</div>
      ) : (
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={taskTexts.timeline.showCalls(name, calls.length)}
          onClick={() => setWanted(!isOpen)}
          className={classNames(grid, 'min-h-6 hover:bg-hover')}
        >
          {head}
        </button>
      )}
      <div className="ml-[1.7rem] flex flex-col gap-0.5 text-xs">
        {phase.reason !== '' && <p className="break-words text-ink-2 select-text">{phase.reason}</p>}
        {phase.findings.map((finding) => (
          <p key={finding} className="break-words whitespace-pre-wrap text-bad select-text">
            {finding}
          </p>
        ))}
        {calls.length > 0 && (
          <p className="flex flex-wrap gap-x-2 text-ink-3">
            <span>{taskTexts.timeline.calls(calls.length)}</span>
            {tokens > 0 && <Tokens count={tokens} />}
            {tokens > 0 && <Money micros={cost_micros} paid={paid} />}
          </p>
        )}
        {isOpen && calls.length > 0 && (
          <ol className="my-1 flex flex-col gap-1 border-l pl-2">
            {calls.slice(0, most).map((moment) => (
              <MomentRow key={moment.id} moment={moment} now={now} />
            ))}
          </ol>
        )}
        {isOpen && calls.length > most && (
          <Button small onClick={() => setMost(calls.length)} className="self-start">
            {taskTexts.timeline.more(calls.length - most)}
          </Button>
        )}
        {others.length > 0 && (
          <ol className="flex flex-col gap-1">
            {others.map((moment) => (
              <MomentRow key={moment.id} moment={moment} now={now} />
            ))}
          </ol>
        )}
      </div>
    </li>
  )
}

/** Whether it is worth telling: that a run changed hands is said by its phases. */
function isWait({ kind, from, to }: RunMoment): boolean {
  return kind === 'wait' && (to === null || Date.parse(to) - Date.parse(from) >= SHORTEST_WAIT_MS)
}

/** A call, a wait or a question, with why and what it took. */
function MomentRow({ moment, now }: { moment: RunMoment; now: number }) {
  const texts = taskTexts.timeline
  const isCall = moment.kind === 'model' || moment.kind === 'tool'
  const tokens = moment.input_tokens + moment.output_tokens
  return (
    <li className="text-xs">
      <div className="flex items-center gap-1.5">
        <StateShape state={moment.state} needsYou={moment.kind === 'approval' && moment.to === null} size={12} />
        <MomentIcon kind={moment.kind} />
        <span className={classNames('min-w-0 flex-1 truncate', isCall && 'font-mono')}>{nameOf(moment)}</span>
        {moment.reused && <Chip title={taskTexts.steps.reused}>{texts.kept}</Chip>}
        <span className="flex shrink-0 items-center gap-2 text-ink-3">
          {tokens > 0 && <Tokens count={tokens} />}
          {moment.kind === 'model' && <Money micros={moment.cost_micros} paid={moment.paid} />}
          <span className="figures w-14 text-right">{lasted(moment, now)}</span>
        </span>
      </div>
      {moment.reason !== '' && (
        <p
          className={classNames(
            'ml-[2.35rem] line-clamp-3 break-words select-text',
            moment.state === 'failed' ? 'text-bad' : 'text-ink-3',
          )}
        >
          {moment.reason}
        </p>
      )}
    </li>
  )
}

function MomentIcon({ kind }: { kind: RunMoment['kind'] }) {
  const props = { size: 12, className: 'shrink-0 text-ink-3' }
  switch (kind) {
    case 'model':
      return <Cpu {...props} aria-label={taskTexts.timeline.model} />
    case 'tool':
      return <Wrench {...props} aria-label={taskTexts.timeline.tool} />
    case 'approval':
      return <MessageCircleQuestion {...props} aria-hidden />
    case 'wait':
    case 'phase':
    case 'end':
      return <Clock {...props} aria-hidden />
  }
}

/** `isTold`: the last phase has said why already. */
function EndRow({ end, isTold }: { end: RunMoment; isTold: boolean }) {
  const texts = taskTexts.timeline.end
  const word =
    end.state === 'succeeded' || end.state === 'failed' || end.state === 'cancelled' ? texts[end.state] : texts.other
  return (
    <li className="mt-1 flex flex-col gap-0.5 border-t pt-2 text-xs">
      <span className="ml-[1.125rem] flex items-center gap-1.5">
        <StateShape state={end.state} size={12} label={false} />
        <span>{word}</span>
        <span className="ml-auto flex gap-2 text-ink-3">
          <Tokens count={end.input_tokens + end.output_tokens} />
          <Money micros={end.cost_micros} paid={end.paid} />
        </span>
      </span>
      {end.reason !== '' && !isTold && <p className="ml-[1.7rem] break-words text-ink-2 select-text">{end.reason}</p>}
    </li>
  )
}

function nameOf({ kind, name, to }: RunMoment): string {
  if (kind === 'wait') return to === null ? taskTexts.timeline.waiting : taskTexts.timeline.wait
  return kind === 'approval' ? taskTexts.timeline.question(name) : name
}

function lasted({ from, to }: RunMoment, now: number): string {
  return duration(Math.max(0, (to === null ? now : Date.parse(to)) - Date.parse(from)))
}
