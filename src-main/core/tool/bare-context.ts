import type { Workspace } from '../workspace/workspace.ts'
import type { ToolContext } from './tool.ts'

/** For calls outside of a run: nothing is shown, and what a command changes is not kept for undo. */
export function bareContext(
  workspace: Workspace,
  signal: AbortSignal = new AbortController().signal,
  { project_id = 0, run_id = 0, hosts = [] }: Partial<Pick<ToolContext, 'project_id' | 'run_id' | 'hosts'>> = {},
): ToolContext {
  return {
    ...{ workspace, signal, project_id, run_id, hosts, plan_hosts: [] },
    recordChanges: async (act) => ({ value: await act(), files_changed: [] }),
  }
}
