import type { Task } from '#contract/task.ts'
import { classNames } from '../parts/class-names.ts'
import { useNow } from '../parts/figures.tsx'
import { EmptyState } from '../parts/notes.tsx'
import { clock, duration } from '../texts/figures.ts'
import { fits, taskName } from './task-line.ts'
import { lanesOf, ticksOf } from './timeline-lanes.ts'
import { costWords } from './words.ts'

const ROW = 26
const TICKS = 8

/** Who worked when: one lane per model, one bar per task's last run, in the ink of the place. */
export function ProjectTimeline({
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
  const lanes = lanesOf(
    tasks.filter((task) => fits(task, search)),
    now,
  )
  const bars = lanes.flatMap((lane) => lane.bars)
  if (bars.length === 0)
    return <EmptyState title="Nothing has run yet">Each model gets a lane here once it works.</EmptyState>
  const from = Math.min(...bars.map((bar) => bar.from))
  const to = Math.max(from + 1_000, ...bars.map((bar) => bar.to))
  const place = (at: number) => `${(100 * (at - from)) / (to - from)}%`
  return (
    <div className="size-full overflow-auto p-4">
      <div className="grid grid-cols-[10rem_1fr]">
        <div className="h-6" />
        <div className="relative h-6 border-b">
          {ticksOf(from, to, TICKS).map((tick) => (
            <span key={tick} className="figures absolute text-xs text-ink-3" style={{ left: place(tick) }}>
              {clock(tick - from)}
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
              {lane.bars.map((bar) => (
                <button
                  key={bar.task.id}
                  type="button"
                  title={`${bar.task.title}: ${duration(bar.to - bar.from)}, ${costWords(bar.task.cost_micros, bar.task.paid)}`}
                  aria-label={`${taskName(bar.task)}, ${duration(bar.to - bar.from)}`}
                  aria-pressed={bar.task.id === selected}
                  onClick={() => onSelect(bar.task.id)}
                  className={classNames(
                    'absolute h-[22px] min-w-1 truncate rounded-sm px-1 text-left text-xs leading-[22px] text-ink hover:brightness-95',
                    'border-l-3',
                    lane.paid ? 'border-paid-fill bg-paid-soft' : 'border-local-fill bg-local-soft',
                    bar.task.state === 'failed' && 'border-bad',
                    bar.task.id === selected && 'outline-2 outline-accent',
                  )}
                  style={{
                    left: place(bar.from),
                    width: `calc(${place(from + bar.to - bar.from)} - 1px)`,
                    top: 5 + bar.row * ROW,
                  }}
                >
                  {bar.task.title}
                </button>
              ))}
            </div>
          </section>
        ))}
      </div>
    </div>
  )
}
