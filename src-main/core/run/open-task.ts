import type { RunContext } from '#contract/run-context.ts'
import type { TaskRow } from '../store/schema.ts'
import { type Passage, passed } from './outcome.ts'
import type { RunFrame } from './run-frame.ts'
import { taskContext } from './task-context.ts'

/**
 * The phases before the work of a task for which no model has to think (G2), because an approved plan, or an earlier attempt
 * at a free prompt, and the routing table say all of it. Answers with the context for the work.
 *
 * @param known where it is known from
 */
export async function openTask(
  frame: RunFrame,
  task: TaskRow,
  known = 'Known from the approved plan.',
  system?: string,
): Promise<Passage<RunContext>> {
  const { run, trail, profile } = frame
  const context = await taskContext(frame, task, system)
  await Promise.all([
    trail.mark('intent', 'started', task.title),
    trail.mark('intent', 'completed', known),
    trail.mark('planner', 'started', 'Place in the plan'),
    trail.mark('planner', 'completed', `Task ${task.position + 1} of the plan.`),
    trail.mark('selector', 'started', 'Which model'),
    trail.mark('selector', 'completed', `${profile.display_name}. ${run.route_reason}`, { profile: profile.name }),
  ])
  return passed(context)
}
