import { and, asc, eq } from 'drizzle-orm'
import type { McpSetup, ToolDefinition } from '#contract/mcp.ts'
import { type McpServerRow, mcpServer } from '../store/schema.ts'
import { steady } from '../store/steady.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import { hashOf } from './tool-definition.ts'

/** The servers of projects as rows. */
export interface McpStore {
  ofProject(projectId: number): McpServerRow[]
  get(projectId: number, name: string): McpServerRow | undefined
  /** A new setup is not trusted, whatever the one before was. */
  put(tx: Tx, projectId: number, name: string, setup: McpSetup): void
  remove(tx: Tx, projectId: number, name: string): void
  approve(tx: Tx, projectId: number, name: string, hash: string, tools: readonly ToolDefinition[]): void
  /** Keeps tools that are not those that were trusted; null where they are again. */
  see(tx: Tx, projectId: number, name: string, tools: readonly ToolDefinition[] | null): void
}

export function createMcpStore({ orm }: Store): McpStore {
  const one = (projectId: number, name: string) => and(eq(mcpServer.project_id, projectId), eq(mcpServer.name, name))
  // Asked with each call of a tool: to build its SQL each time costs more than to answer it.
  const ofProject = orm
    .select()
    .from(mcpServer)
    .where(eq(mcpServer.project_id, steady('project')))
    .orderBy(asc(mcpServer.name))
    .prepare()
  return {
    ofProject: (projectId) => ofProject.all({ project: projectId }),
    get: (projectId, name) => orm.select().from(mcpServer).where(one(projectId, name)).get(),
    put(tx, project_id, name, setup) {
      const fields = { setup, approved_hash: null, tools: [], seen_tools: null, updated_at: Date.now() }
      tx.orm
        .insert(mcpServer)
        .values({ project_id, name, ...fields })
        .onConflictDoUpdate({ target: [mcpServer.project_id, mcpServer.name], set: fields })
        .run()
    },
    remove(tx, projectId, name) {
      tx.orm.delete(mcpServer).where(one(projectId, name)).run()
    },
    approve(tx, projectId, name, approved_hash, tools) {
      const fields = { approved_hash, tools: [...tools], seen_tools: null, updated_at: Date.now() }
      tx.orm.update(mcpServer).set(fields).where(one(projectId, name)).run()
    },
    see(tx, projectId, name, tools) {
      const seen_tools = tools === null ? null : [...tools]
      tx.orm.update(mcpServer).set({ seen_tools }).where(one(projectId, name)).run()
    },
  }
}

export function isTrusted({ setup, approved_hash }: McpServerRow): boolean {
  return approved_hash === hashOf(setup)
}
