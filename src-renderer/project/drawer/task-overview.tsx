import type { Run } from '#contract/run.ts'
import type { Task } from '#contract/task.ts'
import { Chip } from '../../parts/chip.tsx'
import { useNow } from '../../parts/figures.tsx'
import { StateShape } from '../../parts/state-shape.tsx'
import { tellStory } from '../story.ts'
import { needsYou } from '../task-line.ts'
import { taskTexts } from '../texts.ts'
import { RunProgress } from './run-progress.tsx'
import { RunTimeline } from './run-timeline.tsx'
import { TaskPath } from './task-path.tsx'

/** The story of a task in sentences, the phases of its last attempt, and what the plan says of it. */
export function TaskOverview({
  task,
  tasks,
  runs,
  onSelect,
}: {
  task: Task
  tasks: readonly Task[]
  runs: readonly Run[]
  onSelect: (id: string) => void
}) {
  const now = useNow(task.state === 'running')
  const current = runs.find((run) => run.id === task.run_id)
  const needed = tasks.filter((each) => each.depends_on.includes(task.id))
  const before = tasks.filter((each) => task.depends_on.includes(each.id))
  return (
    <div className="flex flex-col gap-5">
      <section aria-label={taskTexts.story} className="flex flex-col gap-2">
        {tellStory(task, runs, now).map((part) => (
          <p key={part.attempt ?? 'now'} className="text-md leading-6 break-words select-text">
            {part.sentences.join(' ')}
          </p>
        ))}
      </section>
      {current !== undefined && <RunProgress run={current} />}
      <TaskPath runs={runs} />
      {task.run_id !== null && (
        <section aria-label={taskTexts.timeline.title}>
          <h3 className="mb-2 text-xs font-medium text-ink-3">{taskTexts.timeline.title}</h3>
          <RunTimeline runId={task.run_id} />
        </section>
      )}
      <section aria-label={taskTexts.task} className="flex flex-col gap-2">
        <h3 className="flex gap-1.5 text-xs font-medium text-ink-3">
          {taskTexts.task}
          <Chip>{task.type}</Chip>
          <Chip>{task.complexity}</Chip>
        </h3>
        {task.description !== '' && (
          <p className="break-words whitespace-pre-wrap text-ink-2 select-text">{task.description}</p>
        )}
        {task.acceptance.length > 0 && (
          <div>
            <h4 className="text-xs text-ink-3">{taskTexts.doneWhen}</h4>
            <ul className="list-disc pl-5">
              {task.acceptance.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          </div>
        )}
        {task.verify_command !== null && (
          <p>
            <span className="text-xs text-ink-3">{taskTexts.check} </span>
            <code className="font-mono text-xs">{task.verify_command}</code>
          </p>
        )}
      </section>
      <TaskLinks label={taskTexts.waitsFor} tasks={before} onSelect={onSelect} />
      <TaskLinks label={taskTexts.neededBy} tasks={needed} onSelect={onSelect} />
    </div>
  )
}

/** Long lists of neighbours are cut: the graph shows them all. */
const MAX_LINKS = 20

function TaskLinks({
  label,
  tasks,
  onSelect,
}: {
  label: string
  tasks: readonly Task[]
  onSelect: (id: string) => void
}) {
  if (tasks.length === 0) return null
  return (
    <section aria-label={label}>
      <h3 className="mb-1 text-xs font-medium text-ink-3">{label}</h3>
      <ul>
        {tasks.slice(0, MAX_LINKS).map((task) => (
          <li key={task.id}>
            <button
              type="button"
              onClick={() => onSelect(task.id)}
              className="flex w-full items-center gap-1.5 rounded px-1 py-0.5 text-left hover:bg-hover"
            >
              <StateShape state={task.state} needsYou={needsYou(task)} />
              <span className="truncate">{task.title}</span>
            </button>
          </li>
        ))}
      </ul>
      {tasks.length > MAX_LINKS && <p className="text-xs text-ink-3">and {tasks.length - MAX_LINKS} more</p>}
    </section>
  )
}
