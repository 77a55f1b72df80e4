import type { GpuStatus } from '#contract/gpu.ts'
import type { Lock } from '#contract/lock.ts'
import type { McpServer, McpServers } from '#contract/mcp.ts'
import type { Service } from '#contract/service.ts'
import type { Core } from '#core/core.ts'
import { type Caller, seesOnly } from '#core/identity/caller.ts'

const HIDDEN = '(hidden)'
const SOMEBODY_ELSE = "Somebody else's work"

/** A service as `caller` may see it: the program that starts it, with its arguments, is for admins. */
export function serviceFor(caller: Caller, service: Service): Service {
  if (seesOnly(caller) === null || service.own === null) return service
  return { ...service, own: { ...service.own, start: null, pid: null, detail: '' } }
}

/** The card as `caller` may see it: that others' work has it, but not which (S6). */
export function gpuFor({ ownership }: Pick<Core, 'ownership'>, caller: Caller, status: GpuStatus): GpuStatus {
  const owner = seesOnly(caller)
  if (owner === null) return status
  const isOwn = (id: string | null): boolean => id !== null && ownership.ownerOf(id) === owner
  return {
    ...status,
    // Titles alone, of which nobody can tell whose they are.
    holder: status.holder && { ...status.holder, works_on: [] },
    waiting: status.waiting.map((one) => (isOwn(one.task_id) ? one : { ...one, task_id: null, title: SOMEBODY_ELSE })),
  }
}

/** Servers as `caller` may see them: what an admin gave them, such as keys, is not the project's owner's to read. */
export function mcpFor(caller: Caller, { items, offers }: McpServers): McpServers {
  return { items: seesOnly(caller) === null ? items : items.map(withoutValues), offers }
}

function withoutValues(server: McpServer): McpServer {
  const hidden = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.keys(texts).map((name) => [name, HIDDEN]))
  const { config } = server.setup
  const shown =
    'url' in config ? { ...config, headers: hidden(config.headers) } : { ...config, env: hidden(config.env) }
  return { ...server, setup: { ...server.setup, config: shown } }
}

/** Locks as `caller` may see them: those of others' projects name their tasks and files (S6). */
export function locksFor({ ownership }: Pick<Core, 'ownership'>, caller: Caller, locks: readonly Lock[]): Lock[] {
  const owner = seesOnly(caller)
  return locks.filter(
    ({ project_id }) => owner === null || project_id === null || ownership.ownerOf(project_id) === owner,
  )
}
