import type { z } from 'zod'
import type { Workspace } from '../workspace/workspace.ts'

/** What a tool may do at worst. Policies decide by it (T5). */
export type ToolRisk = 'read' | 'write' | 'execute' | 'network' | 'spend'

/** What a tool call gave back. Errors go back to the model as results; they are never thrown. */
export interface ToolResult {
  readonly is_error: boolean
  /** Text for the model. */
  readonly text: string
  /** Files that the call changed, relative to the workspace, with `/`. */
  readonly files_changed: readonly string[]
  /** Nothing was done because the disk is full: no matter for the model; the call is made again when there is room. */
  readonly disk_full?: boolean
}

export interface ToolContext {
  readonly workspace: Workspace
  readonly signal: AbortSignal
}

/**
 * What an open call of a tool can tell after a crash (E5): `done` with its result, `redo` when it surely did not
 * happen or can safely happen again, `unknown` when nobody can tell.
 */
export type ToolRecovery =
  | { readonly kind: 'done'; readonly result: ToolResult }
  | { readonly kind: 'redo' }
  | { readonly kind: 'unknown'; readonly reason: string }

/**
 * One tool. `prepare` runs before the journal writes `sent`: it checks what can be checked without an effect and returns
 * a small plain note (for a file write: the hash before and after) which `recover` gets back after a crash.
 */
export interface Tool<Parameters = unknown> {
  readonly name: string
  readonly description: string
  readonly risk: ToolRisk
  readonly parameters: z.ZodType<Parameters>
  prepare?(parameters: Parameters, context: ToolContext): Promise<Readonly<Record<string, unknown>>>
  execute(parameters: Parameters, context: ToolContext): Promise<ToolResult>
  recover?(parameters: Parameters, note: Readonly<Record<string, unknown>>, context: ToolContext): Promise<ToolRecovery>
}
