import { useState } from 'react'
import type { Project } from '#contract/project.ts'
import type { Run } from '#contract/run.ts'
import type { Task } from '#contract/task.ts'
import { useTaskRuns } from '../../client/queries.ts'
import { TierChip } from '../../parts/chip.tsx'
import { Drawer } from '../../parts/drawer.tsx'
import { Select } from '../../parts/field.tsx'
import { Elapsed, Money, Tokens } from '../../parts/figures.tsx'
import { EmptyState, FaultNote } from '../../parts/notes.tsx'
import { StateShape } from '../../parts/state-shape.tsx'
import { TabPanel, Tabs } from '../../parts/tabs.tsx'
import { stateTexts } from '../../texts/states.ts'
import { isPaused, needsYou } from '../task-line.ts'
import { taskTexts } from '../texts.ts'
import { RunContextView } from './run-context.tsx'
import { RunOutput } from './run-output.tsx'
import { RunSteps } from './run-steps.tsx'
import { TaskActions } from './task-actions.tsx'
import { TaskAttempts } from './task-attempts.tsx'
import { TaskFiles } from './task-files.tsx'
import { TaskOverview } from './task-overview.tsx'

type Tab = keyof typeof taskTexts.tabs
const TAB_KEY = 'baton.task-tab'
const TABS: readonly Tab[] = ['overview', 'context', 'steps', 'output', 'files', 'attempts']

/** The tab that is looked at, kept for this tab of the browser: it is the same question to the next task. */
function useTab(): [Tab, (next: Tab) => void] {
  const [tab, setTab] = useState(() => TABS.find((name) => name === sessionStorage.getItem(TAB_KEY)) ?? 'overview')
  const choose = (next: Tab) => {
    sessionStorage.setItem(TAB_KEY, next)
    setTab(next)
  }
  return [tab, choose]
}

/** Everything about one task: its story, what was sent, each call, the output, files and attempts. */
export function TaskDrawer({
  project,
  tasks,
  taskId,
  onClose,
  onSelect,
}: {
  project: Project
  tasks: readonly Task[]
  taskId: string
  onClose: () => void
  onSelect: (id: string) => void
}) {
  const task = tasks.find((each) => each.id === taskId)
  const runs = useTaskRuns(task === undefined ? null : task.id)
  const [tab, setTab] = useTab()
  const [runId, setRunId] = useState<string | null>(null)
  if (task === undefined) {
    return (
      <Drawer label={taskTexts.missing} onClose={onClose} header={taskTexts.missing}>
        <EmptyState title={taskTexts.missing}>{taskTexts.missingWhy}</EmptyState>
      </Drawer>
    )
  }
  const newestFirst = [...(runs.data ?? [])].sort((one, two) => two.attempt - one.attempt)
  const run = newestFirst.find((each) => each.id === runId) ?? newestFirst[0]
  return (
    <Drawer
      label={task.title}
      onClose={onClose}
      header={
        <>
          <h2 className="text-md leading-5 font-semibold break-words">{task.title}</h2>
          <div className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-2">
            <span className="inline-flex items-center gap-1">
              <StateShape state={isPaused(task) ? 'paused' : task.state} needsYou={needsYou(task)} label={false} />
              {isPaused(task) ? stateTexts.paused : needsYou(task) ? stateTexts.needs_you : stateTexts[task.state]}
            </span>
            {task.held && task.state === 'running' && <span>{taskTexts.pausing}</span>}
            <TierChip tier={task.tier} profile={task.profile} {...(task.run_id === null ? {} : { paid: task.paid })} />
            {task.run_id !== null && <Money micros={task.cost_micros} paid={task.paid} />}
            {task.input_tokens + task.output_tokens > 0 && <Tokens count={task.input_tokens + task.output_tokens} />}
            <Elapsed from={task.started_at} to={task.state === 'running' ? null : (task.ended_at ?? task.started_at)} />
          </div>
        </>
      }
    >
      <TaskActions task={task} />
      <Tabs
        label={task.title}
        value={tab}
        onChange={setTab}
        tabs={TABS.map((value) => ({ value, label: taskTexts.tabs[value] }))}
      >
        <TabPanel value="overview">
          {runs.error !== null && <FaultNote error={runs.error} retry={() => void runs.refetch()} />}
          <TaskOverview task={task} tasks={tasks} runs={runs.data ?? []} onSelect={onSelect} />
        </TabPanel>
        {(['context', 'steps', 'output'] as const).map((value) => (
          <TabPanel key={value} value={value}>
            {run === undefined ? (
              <EmptyState title={taskTexts.notRun}>{taskTexts.notRunWhy}</EmptyState>
            ) : (
              <>
                {newestFirst.length > 1 && <AttemptSelect runs={newestFirst} run={run} onSelect={setRunId} />}
                {value === 'context' && <RunContextView runId={run.id} />}
                {value === 'steps' && <RunSteps runId={run.id} />}
                {value === 'output' && <RunOutput run={run} finalText={run.id === task.run_id ? task.output : ''} />}
              </>
            )}
          </TabPanel>
        ))}
        <TabPanel value="files">
          <TaskFiles project={project} task={task} />
        </TabPanel>
        <TabPanel value="attempts">
          <TaskAttempts
            runs={newestFirst}
            onOpen={(id) => {
              setRunId(id)
              setTab('steps')
            }}
          />
        </TabPanel>
      </Tabs>
    </Drawer>
  )
}

function AttemptSelect({ runs, run, onSelect }: { runs: readonly Run[]; run: Run; onSelect: (id: string) => void }) {
  return (
    <Select
      aria-label={taskTexts.attempts}
      className="mb-3"
      value={run.id}
      onChange={onSelect}
      options={runs.map((each) => ({
        value: each.id,
        label: `${taskTexts.attempt(each.attempt)}: ${each.profile ?? ''} ${stateTexts[each.state]}`,
      }))}
    />
  )
}
