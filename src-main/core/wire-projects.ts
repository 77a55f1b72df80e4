import { z } from 'zod'
import { decodeId } from '#contract/ids.ts'
import type { Project } from '#contract/project.ts'
import { ok, type Result } from '#contract/result.ts'
import type { Core } from './core.ts'
import type { HealthMonitor } from './health/health-monitor.ts'
import type { ServiceControl } from './health/service-control.ts'
import type { LazyKnowledge } from './knowledge/lazy-knowledge.ts'
import type { PlanService } from './plan/plan-service.ts'
import type { createArtifacts } from './project/artifacts.ts'
import type { createManyTasks } from './project/many-tasks.ts'
import type { createProjectService } from './project/project-service.ts'
import type { ProjectView } from './project/project-view.ts'
import type { Refusal } from './refusal.ts'
import type { Attempts } from './run/attempts.ts'
import type { RunView } from './run/run-view.ts'
import type { TaskSteering } from './task/task-service.ts'
import type { TaskView } from './task/task-view.ts'
import type { CheckpointRecorder } from './workspace/checkpoint-recorder.ts'
import type { CheckpointService } from './workspace/checkpoint-service.ts'

export interface ProjectWiring {
  readonly projectService: Omit<ReturnType<typeof createProjectService>, 'takeBackHalfMade' | 'createFilled'>
  readonly manyTasks: ReturnType<typeof createManyTasks>
  readonly artifacts: ReturnType<typeof createArtifacts>
  readonly planService: PlanService
  stopPlanning(id: string): Promise<Result<Project, Refusal>>
  readonly taskService: TaskSteering
  readonly projectView: ProjectView
  readonly taskView: TaskView
  readonly runView: RunView
  readonly attempts: Attempts
  readonly checkpoints: CheckpointRecorder
  readonly checkpointService: CheckpointService
  readonly knowledge: LazyKnowledge
  readonly monitor: HealthMonitor
  readonly startFor: ServiceControl['startFor']
}

/** Projects with their plans and tasks, put together from the services that know a part of them each. */
export function wireProjects(parts: ProjectWiring): Pick<Core, 'projects' | 'plans' | 'tasks'> {
  const { projectService, planService, projectView, taskView, runView, checkpointService, monitor } = parts
  /** What was down may be mended: a person who lets work go on has often just seen to that, and paid services are not asked by themselves. */
  const askTheDownAgain = async (): Promise<void> => {
    const down = monitor.services.list().filter((service) => service.state === 'down')
    await Promise.all(down.map((service) => monitor.check(service.name)))
  }
  return {
    projects: {
      ...projectService,
      ...parts.manyTasks.projects,
      ...parts.artifacts,
      async start(id) {
        await askTheDownAgain()
        return projectService.start(id)
      },
      async resume(id) {
        await askTheDownAgain()
        return projectService.resume(id)
      },
      list: projectView.list,
      // It is YAML, which nothing else in core reads.
      sample: async () => (await import('./project/sample-project.ts')).sampleProject(),
      get: projectView.get,
      attempts(id, page) {
        const found = projectView.row(id)
        return found.ok ? ok(parts.attempts.ofProject(found.value.id, page)) : found
      },
      checkpoints: checkpointService.checkpoints,
      restore: checkpointService.restore,
      previewRestore: checkpointService.previewRestore,
      async remove(id) {
        const removed = await projectService.remove(id)
        if (removed.ok) await parts.checkpoints.forget(decodeId('project', id) ?? -1)
        if (removed.ok) await parts.knowledge.forgetRemoved()
        return removed
      },
      async plan(id) {
        await askTheDownAgain()
        const begun = await planService.start(id, '')
        if (begun.ok || !(await parts.startFor(wantedBy(begun.error)))) return begun
        return planService.start(id, '')
      },
      stopPlanning: parts.stopPlanning,
      currentPlan: planService.current,
      addPlan: (id, document, source) => planService.add(id, document, source, ''),
      plans(id) {
        const found = projectView.row(id)
        return found.ok ? ok({ items: planService.ofProject(found.value.id), next_cursor: null }) : found
      },
      tasks(id, page, ids) {
        const found = projectView.row(id)
        return found.ok ? ok(taskView.list(found.value.id, page, ids)) : found
      },
    },
    plans: {
      ...planService.plans,
      async revise(id, note) {
        await askTheDownAgain()
        return planService.plans.revise(id, note)
      },
    },
    tasks: {
      ...parts.taskService,
      diff: checkpointService.diff,
      undo: checkpointService.undo,
      runs(id) {
        const found = taskView.row(id)
        return found.ok ? ok({ items: runView.ofTask(found.value.id), next_cursor: null }) : found
      },
    },
  }
}

/** Local servers that a refused plan could have been made with. */
function wantedBy({ details }: Refusal): readonly string[] {
  return z.object({ wants: z.array(z.string()) }).safeParse(details).data?.wants ?? []
}
