import type { Result } from '#contract/result.ts'
import type { Child } from '../process/children.ts'

/** Bounds of one command. Where one is passed, all of the command's processes end. */
export interface SandboxLimits {
  readonly time_ms: number
  /** Resident memory of all its processes together. */
  readonly memory_bytes: number
  readonly processes: number
  /** The largest file it may write. */
  readonly file_bytes: number
  /** How much room on the workspace's disk may go while it runs. */
  readonly disk_bytes: number
  /** How much of its output is kept: its beginning and its end. */
  readonly output_characters: number
}

export const DEFAULT_LIMITS: SandboxLimits = {
  time_ms: 120_000,
  memory_bytes: 4 * 1_073_741_824,
  processes: 256,
  file_bytes: 1_073_741_824,
  disk_bytes: 4 * 1_073_741_824,
  output_characters: 30_000,
}

export interface SandboxCommand {
  /** A line for the shell. */
  readonly command: string
  /** Absolute path of the workspace: the only folder that it can write to and keep. */
  readonly workspace: string
  readonly limits: SandboxLimits
  /** Hosts that it may reach over HTTP and HTTPS, as `hostPattern` writes them; empty: no network. */
  readonly hosts?: readonly string[] | undefined
  readonly signal: AbortSignal
  /** Whose work it is, for the record of children. */
  readonly project_id: number | null
  readonly run_id: number | null
}

/** How a command ended. */
export interface CommandEnd {
  /** `exit`: by itself; otherwise what ended it. */
  readonly ended_by: 'exit' | 'time' | 'memory' | 'processes' | 'disk' | 'cancelled'
  /** Null where it was ended. 128 and more: by a signal. */
  readonly exit_code: number | null
  /** Both outputs in one, its middle left out where it is long. */
  readonly output: string
  readonly duration_ms: number
  /** What it made under forbidden names (T3) and got other names for. Relative to the workspace, with `/`. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[]
  /** Who was asked over the network; null where it had none. */
  readonly network: CommandNetwork | null
}

export interface CommandNetwork {
  /** As `host:port`. */
  readonly reached: readonly string[]
  readonly refused: readonly { readonly host: string; readonly why: string }[]
  /** Why there was none although hosts were named. */
  readonly absent: string | null
}

/** A program that goes on running in a sandbox, and is spoken to over its standard input and output. */
export interface SandboxedProgram {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly workspace: string
  /** Folders besides the workspace that it may read. */
  readonly folders: readonly string[]
  readonly hosts: readonly string[]
  readonly what: string
  readonly project_id: number | null
  readonly run_id: number | null
}

export interface RunningProgram {
  readonly child: Child
  readonly closed: Promise<void>
  end(): Promise<void>
}

/** Runs commands so that they reach the workspace and nothing else (T4). */
export interface Sandbox {
  /** Why commands cannot be run on this machine and what to do; null where they can. */
  readonly unavailable: string | null
  /** The error says why it was not begun; what it does by itself, failing included, is no error. */
  run(command: SandboxCommand): Promise<Result<CommandEnd, string>>
  /** Starts a program that goes on running. The error says why it was not begun. */
  start(program: SandboxedProgram): Promise<Result<RunningProgram, string>>
}
