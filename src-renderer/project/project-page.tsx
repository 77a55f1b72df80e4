import { Columns3, FileText, Flag, GanttChart, GitFork, Search } from 'lucide-react'
import { type ReactNode, useCallback, useDeferredValue, useMemo, useState } from 'react'
import type { Project } from '#contract/project.ts'
import type { Task } from '#contract/task.ts'
import { isGone } from '../client/fault.ts'
import { useProject, useTasks, useTasksRead } from '../client/queries.ts'
import { Input } from '../parts/field.tsx'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Page } from '../parts/page.tsx'
import { Progress } from '../parts/progress.tsx'
import { ViewSwitch } from '../parts/tabs.tsx'
import { navigate } from '../route.ts'
import { BudgetStop } from './budget-stop.tsx'
import { TaskDrawer } from './drawer/task-drawer.tsx'
import { GonePage } from './gone-page.tsx'
import { ProjectActions } from './project-actions.tsx'
import { ProjectBoard } from './project-board.tsx'
import { ProjectFiles } from './project-files.tsx'
import { ProjectGraph } from './project-graph.tsx'
import { ProjectStateLine } from './project-state-line.tsx'
import { ProjectSummary } from './project-summary.tsx'
import { ProjectTimeline } from './project-timeline.tsx'
import { ResultPanel } from './result-panel.tsx'
import { fits, searchOf } from './task-line.ts'
import { projectTexts } from './texts.ts'
import { useView, type View } from './use-view.ts'

const ICONS = {
  result: <Flag size={14} aria-hidden />,
  graph: <GitFork size={14} aria-hidden />,
  board: <Columns3 size={14} aria-hidden />,
  timeline: <GanttChart size={14} aria-hidden />,
  files: <FileText size={14} aria-hidden />,
}

/** Up to here a graph can be read as a whole. */
const LARGE_FROM = 300

/** A project at work: graph, board and timeline are three views of one set of tasks. */
export default function ProjectPage({ projectId, taskId }: { projectId: string; taskId: string | null }) {
  const project = useProject(projectId)
  const tasks = useTasks(projectId)
  const error = project.error ?? tasks.error
  if (isGone(project.error)) return <GonePage />
  if (project.data === undefined || tasks.data === undefined) {
    return (
      <Page title="Project">
        {error === null ? (
          <SkeletonRows rows={8} />
        ) : (
          <FaultNote error={error} retry={() => void Promise.all([project.refetch(), tasks.refetch()])} />
        )}
      </Page>
    )
  }
  return (
    <LoadedProject
      project={project.data}
      tasks={tasks.data}
      taskId={taskId}
      unread={<UnreadTasks project={project.data} listed={tasks.data.length} query={tasks} />}
    />
  )
}

function LoadedProject({
  project,
  tasks,
  taskId,
  unread,
}: {
  project: Project
  tasks: readonly Task[]
  taskId: string | null
  unread: ReactNode
}) {
  const [chosen, setView] = useView(project)
  // The switch answers at once; the view is made behind it.
  const view = useDeferredValue(chosen)
  const [typed, setSearch] = useState('')
  // The field answers at once; ten thousand tasks are filtered after it.
  const search = useDeferredValue(searchOf(typed))
  const [file, setFile] = useState<string | null>(null)
  const projectId = project.id
  const select = useCallback((id: string | null) => navigate({ page: 'project', projectId, taskId: id }), [projectId])
  const views: View[] = ['graph', 'board', 'timeline', 'files']
  if (project.result !== null) views.unshift('result')
  const hasTasks = tasks.length > 0
  // Then a line of its own says why.
  const stopped = useMemo(() => tasks.find((task) => task.state === 'waiting' && task.waiting_on === 'budget'), [tasks])
  const isStopped = stopped !== undefined
  const isOfTasks = view === 'graph' || view === 'board' || view === 'timeline'
  // Events are applied four times a second; what a person does goes before drawing them.
  const shared = { tasks: useDeferredValue(tasks), search, selected: taskId, onSelect: select }
  const all = Math.max(tasks.length, countOf(project))
  return (
    <div className="flex min-h-0 min-w-0 flex-1">
      <Page
        fill
        title={project.name}
        subtitle={<ProjectStateLine project={project} withReason={!isStopped} />}
        actions={<ProjectActions project={project} isStopped={isStopped} />}
      >
        {(hasTasks || project.result !== null) && (
          <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b px-6 py-2">
            <ViewSwitch
              label={projectTexts.view}
              value={chosen}
              onChange={setView}
              views={views.map((value) => ({ value, label: projectTexts.views[value], icon: ICONS[value] }))}
            />
            <ProjectSummary project={project} />
            {isOfTasks && <Filter value={typed} onChange={setSearch} />}
          </div>
        )}
        {unread}
        {stopped !== undefined && <BudgetStop project={project} stopped={stopped} />}
        <div className="min-h-0 flex-1">
          {!hasTasks && view !== 'files' && view !== 'result' && <NoTasks project={project} />}
          {hasTasks && isOfTasks && search !== '' && !tasks.some((task) => fits(task, search)) && (
            <p role="status" className="px-6 py-2 text-ink-3">
              {projectTexts.noMatch}
            </p>
          )}
          {hasTasks && view === 'graph' && <ProjectGraph {...shared} isLarge={all > LARGE_FROM} />}
          {hasTasks && view === 'board' && <ProjectBoard {...shared} />}
          {hasTasks && view === 'timeline' && <ProjectTimeline {...shared} isLarge={all > LARGE_FROM} />}
          {view === 'files' && <ProjectFiles key={file} project={project} first={file} />}
          {view === 'result' && project.result !== null && (
            <ResultPanel
              project={project}
              result={project.result}
              onOpenFiles={(path) => {
                setFile(path)
                setView('files')
              }}
            />
          )}
        </div>
      </Page>
      {taskId !== null && (
        <TaskDrawer
          key={taskId}
          project={project}
          tasks={tasks}
          taskId={taskId}
          onClose={() => select(null)}
          onSelect={select}
        />
      )}
    </div>
  )
}

function countOf({ task_counts }: Project): number {
  return Object.values(task_counts).reduce((sum, count) => sum + count, 0)
}

/** Says how far the reading of a large project is, or why it ended. */
function UnreadTasks({
  project,
  listed,
  query,
}: {
  project: Project
  listed: number
  query: Pick<ReturnType<typeof useTasks>, 'error' | 'isFetching' | 'refetch'>
}) {
  const read = useTasksRead(project.id)
  const all = countOf(project)
  if (query.error !== null) {
    return (
      <div className="border-b p-2">
        <FaultNote error={query.error} retry={() => void query.refetch()} />
      </div>
    )
  }
  if (!query.isFetching || listed >= all) return null
  return (
    <div className="animate-late border-b px-6 py-1">
      <Progress value={read / all} label={projectTexts.reading}>
        {projectTexts.read(read, all)}
      </Progress>
    </div>
  )
}

function Filter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <div className="relative ml-auto w-40 shrink-0">
      <Search size={14} aria-hidden className="pointer-events-none absolute top-2.25 left-2 text-ink-3" />
      <Input
        type="search"
        aria-label={projectTexts.search}
        placeholder={projectTexts.search}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="pl-7"
      />
    </div>
  )
}

function NoTasks({ project }: { project: Project }) {
  const { state } = project
  const known = state === 'draft' || state === 'planning' || state === 'awaiting_approval'
  const [title, why] = known ? projectTexts.noTasks[state] : projectTexts.noTasks.other
  return (
    <EmptyState title={title}>
      <p>{project.reason === '' ? why : project.reason}</p>
      {state === 'planning' && (
        <div className="mt-4">
          <Progress value={null} label={title} />
        </div>
      )}
    </EmptyState>
  )
}
