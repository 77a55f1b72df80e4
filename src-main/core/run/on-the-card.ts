import type { TenantId } from '../gpu/tenant.ts'
import { type Ending, suspendedRun } from './outcome.ts'
import type { RunFrame } from './run-frame.ts'

/**
 * The card for one step that needs it (H3), or how the run ends here: where the other side has it, a task goes to wait and
 * is called for its side's batch. `leave` when the step is over.
 */
export async function enterCard(
  { services, run, task, project, control }: RunFrame,
  side: TenantId,
): Promise<{ readonly ok: true; leave(): void } | Ending> {
  const title = task?.title ?? project.name
  const entry = await services.gpu.enter(side, { task_id: run.task_id, title, signal: control.signal })
  if (entry.ok) return entry
  const stop = control.end()
  return stop === null ? suspendedRun('resource', entry.reason) : { ok: false, outcome: stop }
}

/** The side of the card on which a provider's models work; null for those that work elsewhere or that cannot be told to unload. */
export function sideOf(provider: string): TenantId | null {
  return provider === 'ollama' ? 'ollama' : null
}
