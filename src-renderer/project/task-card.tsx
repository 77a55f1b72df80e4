import type { Task } from '#contract/task.ts'
import { TierChip } from '../parts/chip.tsx'
import { classNames } from '../parts/class-names.ts'
import { Elapsed, Tokens } from '../parts/figures.tsx'
import { StateShape } from '../parts/state-shape.tsx'
import { money } from '../texts/figures.ts'
import { isPaused, needsYou, taskLine } from './task-line.ts'

/** What a node of the graph and a card of the board show: state and title, the chips, and why it does not run. */
export function TaskCard({ task, isDim = false }: { task: Task; isDim?: boolean }) {
  const line = taskLine(task)
  const tokens = task.input_tokens + task.output_tokens
  const hasClock = task.state === 'running' || task.ended_at !== null
  const isCalm = task.state === 'pending' || task.state === 'skipped' || task.state === 'cancelled'
  return (
    <div className={classNames('flex h-16 flex-col justify-center overflow-hidden px-2.5', isDim && 'opacity-30')}>
      <div className="flex items-center gap-1.5">
        <span data-far="mark" className="inline-flex">
          <StateShape state={isPaused(task) ? 'paused' : task.state} needsYou={needsYou(task)} />
        </span>
        <span
          data-far="title"
          title={task.title}
          className={classNames('truncate text-sm font-medium', isCalm && 'text-ink-2')}
        >
          {task.title}
        </span>
      </div>
      <div
        data-far="rest"
        className="figures flex h-5 items-center gap-1.5 overflow-hidden text-xs whitespace-nowrap text-ink-3"
      >
        {task.run_id === null ? (
          <>
            {task.tier !== null && <TierChip tier={task.tier} />}
            <span>{task.type}</span>
          </>
        ) : (
          <>
            <span className="min-w-0 overflow-hidden">
              <TierChip tier={null} profile={task.profile ?? task.tier ?? 'local'} paid={task.paid} />
            </span>
            <span className={task.paid ? 'text-paid' : 'text-local'}>
              {task.cost_micros === 0 ? '0 $' : money(task.cost_micros)}
            </span>
            {tokens > 0 && <Tokens count={tokens} />}
          </>
        )}
      </div>
      {(line !== '' || hasClock) && (
        <div data-far="rest" className="flex gap-2 text-xs leading-4 text-ink-3">
          <span title={line} className={classNames('min-w-0 flex-1 truncate', task.state === 'failed' && 'text-bad')}>
            {line}
          </span>
          {hasClock && <Elapsed from={task.started_at} to={task.state === 'running' ? null : task.ended_at} />}
        </div>
      )}
    </div>
  )
}
