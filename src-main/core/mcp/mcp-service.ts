import type { McpServer, McpServers, McpSetup, ToolDefinition } from '#contract/mcp.ts'
import { err, ok, type Result } from '#contract/result.ts'
import type { Core } from '../core.ts'
import type { AuditLog } from '../event/audit-log.ts'
import type { EventLog } from '../event/event-log.ts'
import type { ProjectView } from '../project/project-view.ts'
import { refuse } from '../refusal.ts'
import type { McpServerRow } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { Tool } from '../tool/tool.ts'
import { type ConnectionParts, connect } from './mcp-connections.ts'
import type { McpSession } from './mcp-session.ts'
import { createMcpStore, isTrusted } from './mcp-store.ts'
import { createMcpTool } from './mcp-tools.ts'
import { hashOf, viewOf } from './tool-definition.ts'
import { workspaceOffers } from './workspace-offers.ts'

export interface Mcp {
  readonly service: Core['mcp']
  /** The tools of a project's servers; those of servers that are not trusted (any more) say so. */
  tools(projectId: number): readonly Tool[]
  /** Ends what was started for a run. */
  endRun(runId: number): Promise<void>
  close(): Promise<void>
}

const AGAIN = 'Trust it again under Access of the project, or with: baton mcp'

/** MCP servers of projects (T7): who is trusted, and the connections of runs. */
export function createMcp(
  parts: ConnectionParts & {
    readonly store: Store
    readonly events: EventLog
    readonly audit: AuditLog
    projects(): Pick<ProjectView, 'row'>
  },
): Mcp {
  const { store, events, audit } = parts
  const rows = createMcpStore(store)
  /** By run and server. A run has its own connections, which end with it. */
  const open = new Map<number, Map<string, Promise<Result<McpSession, string>>>>()

  function changed(tx: Tx, project_id: number): void {
    events.append(tx, 'project.changed', { project_id }, { fields: ['mcp'] })
  }

  /** Connects for a run, and looks whether the tools are those that were trusted. */
  async function sessionFor(row: McpServerRow, workspace: string, runId: number): Promise<Result<McpSession, string>> {
    const { project_id, name } = row
    const ofRun = open.get(runId) ?? new Map<string, Promise<Result<McpSession, string>>>()
    open.set(runId, ofRun)
    const before = await ofRun.get(name)
    if (before?.ok && before.value.isOpen() && !before.value.isStale()) return before
    const making = (async (): Promise<Result<McpSession, string>> => {
      const session =
        before?.ok && before.value.isOpen()
          ? before
          : await connect(parts, { name, workspace, project_id, run_id: runId }, row.setup)
      if (!session.ok) return session
      const listed = await session.value.list()
      if (!listed.ok) {
        await session.value.close()
        return listed
      }
      const { tools } = listed.value
      const isSame = hashOf(tools) === hashOf(row.tools)
      if (isSame !== (row.seen_tools === null)) {
        await store.write((tx) => {
          rows.see(tx, project_id, name, isSame ? null : tools)
          changed(tx, project_id)
        })
      }
      return session
    })()
    ofRun.set(name, making)
    // What failed is not found there by the next call.
    making.catch(() => ofRun.delete(name))
    return making
  }

  function toolOf(row: McpServerRow, definition: ToolDefinition): Tool {
    const { name: server, setup, seen_tools, project_id } = row
    const isAsItWas = (seen: readonly ToolDefinition[] | null): boolean =>
      seen === null || seen.some((each) => hashOf(each) === hashOf(definition))
    const whyNot = !isTrusted(row)
      ? `The MCP server "${server}" is not trusted, so its tools are off. ${AGAIN}`
      : isAsItWas(seen_tools)
        ? null
        : `The MCP server "${server}" describes "${definition.name.slice(0, 100)}" in another way than when the user trusted it, so it is not called. ${AGAIN}`
    return createMcpTool({
      ...{ server, setup, definition, unavailable: whyNot },
      async session({ workspace, run_id }) {
        const now = rows.get(project_id, server)
        if (now === undefined || !isTrusted(now))
          return err(`The MCP server "${server}" is not trusted any more. ${AGAIN}`)
        const session = await sessionFor(now, workspace.root, run_id)
        if (!session.ok) return err(`The MCP server "${server}" cannot be used: ${session.error}. Use another way.`)
        // Looked at again: connecting may have found other tools.
        if (isAsItWas(rows.get(project_id, server)?.seen_tools ?? null)) return session
        return err(
          `The MCP server "${server}" describes "${definition.name.slice(0, 100)}" in another way than when the user trusted it, so it was not called. ${AGAIN}`,
        )
      },
    }) as Tool
  }

  async function endRun(runId: number): Promise<void> {
    const ofRun = open.get(runId)
    open.delete(runId)
    // One that could not be made must not keep the others from being closed, or the run from its end.
    const made = await Promise.allSettled(ofRun?.values() ?? [])
    await Promise.allSettled(
      made.map((one) => (one.status === 'fulfilled' && one.value.ok ? one.value.value.close() : undefined)),
    )
  }

  async function servers(projectId: number, workspace: string): Promise<McpServers> {
    const items = rows.ofProject(projectId).map(view)
    const known = new Set(items.map(({ name }) => name))
    const offers = (await workspaceOffers(workspace)).filter(({ name }) => !known.has(name))
    return { items, offers }
  }

  return {
    tools: (projectId) => rows.ofProject(projectId).flatMap((row) => row.tools.map((each) => toolOf(row, each))),
    endRun,
    async close() {
      await Promise.all([...open.keys()].map(endRun))
    },
    service: {
      async list(id) {
        const found = parts.projects().row(id)
        return found.ok ? ok(await servers(found.value.id, found.value.workspace)) : found
      },
      async put({ id, name, setup }) {
        const found = parts.projects().row(id)
        if (!found.ok) return found
        const { id: key, workspace } = found.value
        await store.tryWrite((tx) => {
          rows.put(tx, key, name, setup)
          changed(tx, key)
        })
        return ok(await servers(key, workspace))
      },
      async remove({ id, name }) {
        const found = parts.projects().row(id)
        if (!found.ok) return found
        const { id: key, workspace } = found.value
        await store.tryWrite((tx) => {
          rows.remove(tx, key, name)
          changed(tx, key)
        })
        return ok(await servers(key, workspace))
      },
      async approve({ id, name, hash }) {
        const found = parts.projects().row(id)
        if (!found.ok) return found
        const { id: key, workspace } = found.value
        const row = rows.get(key, name)
        if (row === undefined) return refuse('not_found', `The project has no MCP server ${name}.`)
        if (hashOf(row.setup) !== hash) {
          return refuse('conflict', `The MCP server ${name} is not what you saw any more. Look at it again.`)
        }
        const session = await connect(parts, { name, workspace, project_id: key, run_id: null }, row.setup)
        if (!session.ok) return refuse('unavailable', `The MCP server ${name} cannot be used: ${session.error}.`)
        const listed = await session.value.list()
        await session.value.close()
        if (!listed.ok) return refuse('unavailable', `The MCP server ${name} does not list its tools: ${listed.error}.`)
        await store.tryWrite((tx) => {
          rows.approve(tx, key, name, hash, listed.value.tools)
          audit.append(tx, { action: 'mcp.trusted', subject: id, details: { name, hash } })
          changed(tx, key)
        })
        const { items, offers } = await servers(key, workspace)
        const { left_out } = listed.value
        return ok({ items: items.map((each) => (each.name === name ? { ...each, left_out } : each)), offers })
      },
    },
  }
}

function view(row: McpServerRow): McpServer {
  const { name, setup, tools, seen_tools } = row
  const risk = 'url' in setup.config ? 'network' : 'execute'
  const state = !isTrusted(row) ? 'untrusted' : seen_tools === null ? 'trusted' : 'changed'
  const detail = {
    untrusted: 'Nothing of it is started or asked until you trust it.',
    changed: `Its tools are not those that you trusted: ${difference(tools, seen_tools ?? []).join(', ')}.`,
    trusted: '',
  }[state]
  const shown = state === 'changed' ? (seen_tools ?? []) : tools
  return {
    ...{ name, setup, state, detail, does: doesOf(setup), hash: hashOf(setup) },
    tools: shown.map((tool) => viewOf(name, tool, risk)),
    left_out: [],
  }
}

function difference(before: readonly ToolDefinition[], now: readonly ToolDefinition[]): string[] {
  const old = new Map(before.map((tool) => [tool.name, hashOf(tool)]))
  const kept = new Set(now.map(({ name }) => name))
  return [
    ...now.filter(({ name }) => !old.has(name)).map(({ name }) => `${name} is new`),
    ...now
      .filter((tool) => old.has(tool.name) && old.get(tool.name) !== hashOf(tool))
      .map(({ name }) => `${name} is another`),
    ...before.filter(({ name }) => !kept.has(name)).map(({ name }) => `${name} is gone`),
  ].slice(0, 20)
}

/** In one line what trusting a server allows. */
function doesOf({ config, sandboxed, hosts, folders, variables }: McpSetup): string {
  const given = variables.length === 0 ? '' : ` It gets ${variables.join(', ')} of your environment.`
  if ('url' in config) return `Asks ${config.url}.${given}`
  const line = [config.command, ...config.args].map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word),
  )
  const where = sandboxed
    ? ` in the sandbox${folders.length === 0 ? '' : `, reading ${folders.join(', ')}`}${hosts.length === 0 ? '' : `, reaching ${hosts.join(', ')}`}`
    : ' outside of the sandbox, with all that you may do on this machine'
  return `Runs ${line.join(' ')}${where}.${given}`
}
