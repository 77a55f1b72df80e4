import type { Project } from '#contract/project.ts'
import type { Result } from '#contract/result.ts'
import type { Task } from '#contract/task.ts'
import type { Core } from '#core/core.ts'
import type { Refusal } from '#core/refusal.ts'

/**
 * A core that was opened for one command executes that command's projects only. Other commands may attach to it: what a
 * person plans, approves, starts, resumes or retries through any face is taken up too, beside what the host named.
 */
export function takingUp(core: Core): Core {
  const asked = new Set<string>()
  let everything = false

  function execute(projects: 'all' | readonly string[]): void {
    if (projects === 'all') everything = true
    else for (const id of projects) asked.add(id)
    core.execute(everything ? 'all' : [...asked])
  }
  async function project(answer: Promise<Result<Project, Refusal>>): Promise<Result<Project, Refusal>> {
    const result = await answer
    if (result.ok && !everything) execute([result.value.id])
    return result
  }
  async function task(answer: Promise<Result<Task, Refusal>>): Promise<Result<Task, Refusal>> {
    const result = await answer
    if (result.ok && !everything) execute([result.value.project_id])
    return result
  }

  const { projects, plans, tasks } = core
  return {
    ...core,
    execute,
    projects: {
      ...projects,
      plan: (id) => project(projects.plan(id)),
      start: (id) => project(projects.start(id)),
      resume: (id) => project(projects.resume(id)),
    },
    plans: {
      ...plans,
      approve: (id, micros) => project(plans.approve(id, micros)),
      revise: (id, note) => project(plans.revise(id, note)),
    },
    tasks: {
      ...tasks,
      retry: (id, from) => task(tasks.retry(id, from)),
      resume: (id) => task(tasks.resume(id)),
    },
  }
}
