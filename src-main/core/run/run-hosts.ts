import type { RunFrame } from './run-frame.ts'

/** Hosts that a run's tools may reach without a question: of its project, of its task's plan, and all where the settings say so. */
export function runHosts({ project, task, services }: Pick<RunFrame, 'project' | 'task' | 'services'>): string[] {
  const all = services.settings.settings().network_policy === 'allow' ? ['*'] : []
  return [...project.allowed_hosts, ...(task?.hosts ?? []), ...all]
}
