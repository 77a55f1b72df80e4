import type { StoredEvent } from '#contract/event.ts'
import type { Task } from '#contract/task.ts'
import { keys, nameOf } from './keys.ts'

/** What an event says about a task right away, before the task is read again. */
export type TaskPatch = Partial<Pick<Task, 'state' | 'waiting_on' | 'reason' | 'run_id' | 'run_phase' | 'profile'>>

/** What a batch of events means for the caches. */
export interface EventEffects {
  /** Patches by project id, then by task id; later events win. */
  readonly taskPatches: ReadonlyMap<string, ReadonlyMap<string, TaskPatch>>
  /** Tasks whose place in the list of their project is out of date, by project id. */
  readonly staleTasks: ReadonlyMap<string, ReadonlySet<string>>
  /** Names (`nameOf`) of the keys whose answers are out of date. */
  readonly stale: ReadonlySet<string>
}

/** Reduces any number of events to one change of the caches. */
export function createEventEffects() {
  let taskPatches = new Map<string, Map<string, TaskPatch>>()
  let staleTasks = new Map<string, Set<string>>()
  let stale = new Set<string>()
  return {
    add(event: StoredEvent): void {
      const patch = taskPatch(event)
      if (patch !== null && event.project_id !== null && event.task_id !== null) {
        const tasks = taskPatches.get(event.project_id) ?? new Map<string, TaskPatch>()
        tasks.set(event.task_id, { ...tasks.get(event.task_id), ...patch })
        taskPatches.set(event.project_id, tasks)
      }
      if (changesTask(event) && event.project_id !== null && event.task_id !== null) {
        const ids = staleTasks.get(event.project_id) ?? new Set<string>()
        staleTasks.set(event.project_id, ids.add(event.task_id))
      }
      for (const key of staleKeys(event)) stale.add(nameOf(key))
    },
    /** What has been added since it was last taken. */
    take(): EventEffects {
      const taken = { taskPatches, staleTasks, stale }
      taskPatches = new Map()
      staleTasks = new Map()
      stale = new Set()
      return taken
    },
  }
}

/** Tasks with the patches put in; the same array where nothing changed, so that nothing renders. */
export function patchTasks(tasks: readonly Task[], patches: ReadonlyMap<string, Partial<Task>>): readonly Task[] {
  if (!tasks.some((task) => patches.has(task.id))) return tasks
  return tasks.map((task) => {
    const patch = patches.get(task.id)
    return patch === undefined ? task : { ...task, ...patch }
  })
}

function taskPatch(event: StoredEvent): TaskPatch | null {
  switch (event.type) {
    case 'task.state':
      return { state: event.data.state, waiting_on: event.data.waiting_on, reason: event.data.reason }
    case 'run.state':
      return event.run_id === null ? null : { run_id: event.run_id, profile: event.data.profile }
    case 'run.phase':
      return { run_phase: event.data.node }
    default:
      return null
  }
}

/** Whether the task shows something else in a list after it. */
function changesTask(event: StoredEvent): boolean {
  switch (event.type) {
    case 'task.changed':
    case 'task.escalated':
    case 'task.state':
    case 'run.state':
      return true
    case 'step.state':
      return event.data.state !== 'sent'
    default:
      return false
  }
}

function staleKeys(event: StoredEvent): (readonly unknown[])[] {
  const project = event.project_id
  const ofProject = project === null ? [] : [keys.project(project)]
  const ofAttempts = project === null || event.task_id === null ? [] : [keys.attempts(project)]
  const ofTask =
    event.task_id === null || project === null ? [] : [keys.task(event.task_id), keys.taskRuns(event.task_id)]
  const ofRun =
    event.run_id === null ? [] : [keys.run(event.run_id), keys.runSteps(event.run_id), keys.runTimeline(event.run_id)]
  switch (event.type) {
    case 'project.created':
    case 'project.imported':
    case 'project.changed':
    case 'project.state':
      return [
        ...ofProject,
        keys.projects,
        keys.freeRuns,
        keys.status,
        ...(project === null ? [] : [keys.plans(project), keys.mcp(project)]),
      ]
    case 'plan.proposed':
    case 'plan.state':
    case 'plan.repaired':
    case 'plan.commented':
      return [
        ...ofProject,
        keys.projects,
        keys.plan(event.data.plan_id),
        ...(project === null ? [] : [keys.plans(project), keys.currentPlan(project)]),
      ]
    case 'task.created':
      return [...ofTask, ...ofProject, ...(project === null ? [] : [keys.tasks(project)])]
    case 'task.changed':
    case 'task.escalated':
      return [
        ...ofTask,
        ...ofProject,
        ...(project === null ? [] : [keys.currentPlan(project)]),
        // Nothing that is paused is in the queue.
        ...('fields' in event.data && event.data.fields.includes('held') ? [keys.status] : []),
      ]
    case 'task.state':
      return [
        ...ofTask,
        ...ofProject,
        keys.projects,
        keys.status,
        ...(project === null ? [] : [keys.artifacts(project), keys.currentPlan(project)]),
      ]
    case 'checkpoint.created':
      return [
        ...(event.task_id === null ? [['task-diff']] : [keys.taskDiff(event.task_id)]),
        ...(project === null ? [] : [keys.artifacts(project)]),
      ]
    case 'run.state':
      return [
        ...ofTask,
        // A plan that is being written for a project that goes on shows in nothing else.
        ...(event.task_id === null ? ofProject : []),
        ...ofAttempts,
        ...ofRun,
        keys.freeRuns,
        ...(event.data.state === 'running' ? [keys.runContext(event.run_id ?? '')] : [keys.routeOutcomes]),
      ]
    case 'run.phase':
      return [...ofAttempts, ...ofRun]
    case 'step.state':
      return event.data.state === 'sent'
        ? ofRun
        : [...ofTask, ...ofRun, ...ofAttempts, ...ofProject, keys.status, keys.budget, keys.usage, keys.projects]
    case 'approval.state':
      return [keys.approvals, keys.status, ...ofRun]
    case 'budget.changed':
    case 'budget.warning':
    case 'budget.stopped':
    case 'budget.unconfirmed':
    case 'budget.corrected':
      return [keys.budget, keys.status, keys.usage, ...ofProject, ...(project === null ? [] : [keys.attempts(project)])]
    case 'service.process':
    case 'service.state':
      return [keys.services, keys.status, keys.models, keys.gpu]
    case 'provider.held':
      return [keys.services, keys.status, keys.models]
    case 'settings.changed':
      return [
        keys.settings,
        keys.models,
        keys.modelKeys,
        keys.vault,
        keys.status,
        keys.routeOutcomes,
        keys.knowledgeStatus,
      ]
    case 'backup.created':
    case 'backup.failed':
      return [keys.backups]
    case 'knowledge.source':
    case 'knowledge.model':
      return [keys.knowledge]
    case 'job.queued':
    case 'job.started':
    case 'job.progress':
    case 'job.ended':
      return [keys.jobs]
    case 'webhook.changed':
      return [keys.webhooks, keys.webhookSecrets]
    case 'executor.paused':
      return [keys.status]
    case 'lock.granted':
    case 'lock.ended':
      return event.data.resource.startsWith('gpu:') ? [keys.gpu] : []
    default:
      // What no page shows yet.
      return []
  }
}
