import type { z } from 'zod'
import type { Citation } from '#contract/knowledge-words.ts'
import type { ToolProgress } from '#contract/stream-item.ts'
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
  /** Where what the text tells stands (K3), in its order. */
  readonly citations?: readonly Citation[]
  /** The run has to wait before this can go on. */
  readonly suspends?: ToolWait
  /** The call failed in a way that is its service's own, for the service's breaker (H2). */
  readonly service_failed?: boolean
  /** Nothing was done because the disk is full or read-only: no matter for the model; the call is made again later. */
  readonly disk_refuses?: boolean
}

/** Why a call cannot end now. */
export interface ToolWait {
  /** `resource`: until its service answers again; `retry`: for a moment. */
  readonly on: 'resource' | 'retry'
  readonly reason: string
  /** What it began may still come to its end: it is left open and settled by `recover` when the run goes on. */
  readonly open: boolean
  /** Where the call is made again: how often at most; after that its text goes to the model. */
  readonly max_tries: number
}

export interface ToolContext {
  readonly workspace: Workspace
  /** Whose work it is, by their keys. */
  readonly project_id: number
  readonly run_id: number
  /** Hosts of the internet that this work may reach without a question; `*`: all. */
  readonly hosts: readonly string[]
  /** Those of them that the approved plan names for this task: commands reach these alone (T4). */
  readonly plan_hosts: readonly string[]
  /** Aborts with the reason of the stop; `shutdown` means that Baton comes back to an open call. */
  readonly signal: AbortSignal
  /** Shows how far a long call is. Nobody may listen. */
  onProgress?(progress: ToolProgress): void
  /** Carries out what changes files past `workspace`; finds which, and keeps them for undo (E10). */
  recordChanges<T>(act: () => Promise<T>): Promise<{ value: T; files_changed: string[] }>
}

/**
 * What an open call of a tool can tell after a crash (E5): `done` with its result, `redo` when it surely did not
 * happen or can safely happen again, `unknown` when nobody can tell.
 */
export type ToolRecovery =
  | { readonly kind: 'done'; readonly result: ToolResult }
  | { readonly kind: 'redo' }
  /** It cannot be told now; asked again when its service answers. */
  | { readonly kind: 'wait'; readonly reason: string }
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
  /** The JSON Schema that models are given; absent: that of `parameters`. */
  readonly schema?: Readonly<Record<string, unknown>>
  /** Whether its calls are asked about (T5); absent: by its risk and the settings. */
  readonly policy?: 'allow' | 'ask'
  /** No answer of a person holds for another call. */
  readonly asked_each_time?: boolean
  /** A question: answered by a person or by a model of this machine, through the run, instead of being executed. */
  readonly asks?: 'user' | 'local_model'
  /** The local service without which it cannot begin (H2). */
  readonly service?: 'comfyui'
  /** Why it is off on this machine and what to do; null or absent where it is on. */
  readonly unavailable?: string | null
  /** Why the call can never be made, in a sentence for the model, so that nobody is asked about it; `hosts` as in the context. */
  impossible?(parameters: Parameters, hosts: readonly string[]): string | null | Promise<string | null>
  prepare?(parameters: Parameters, context: ToolContext): Promise<Readonly<Record<string, unknown>>>
  /** `note` is what `prepare` gave. */
  execute(parameters: Parameters, context: ToolContext, note: Readonly<Record<string, unknown>>): Promise<ToolResult>
  recover?(parameters: Parameters, note: Readonly<Record<string, unknown>>, context: ToolContext): Promise<ToolRecovery>
}
