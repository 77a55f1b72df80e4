import { z } from 'zod'
import type { CommandEnd, Sandbox, SandboxLimits } from '../sandbox/sandbox.ts'
import { DEFAULT_LIMITS } from '../sandbox/sandbox.ts'
import type { Tool, ToolContext, ToolResult } from './tool.ts'
import { failed } from './tool-result.ts'

const MAX_SECONDS = 3_600

const parameters = z.lazy(() =>
  z.strictObject({
    command: z.string().trim().min(1).max(20_000).describe('A line for the shell; it runs in the workspace'),
    timeout_s: z.int().min(1).max(MAX_SECONDS).default(120).describe('After so many seconds it is ended'),
    idempotent: z
      .boolean()
      .default(false)
      .describe('Whether it may be run again where Baton was stopped in the middle, as tests and builds may'),
  }),
)
type Parameters = z.infer<typeof parameters>

/** `run_command` (T4): a command that reaches the workspace and nothing else. Off where there is no sandbox. */
export function createRunCommand(sandbox: Sandbox): Tool<Parameters> {
  return {
    name: 'run_command',
    description:
      'Runs a shell command in the workspace, in a sandbox: no network but for the hosts that the plan names for this task, no other files than the workspace’s and the system’s programs, nothing lives on after it. Answers with its exit code and output.',
    risk: 'execute',
    parameters,
    get unavailable() {
      return sandbox.unavailable
    },

    async execute({ command, timeout_s }, context) {
      const limits = { ...DEFAULT_LIMITS, time_ms: timeout_s * 1_000 }
      const { value: ran, files_changed } = await context.recordChanges(() =>
        sandbox.run({
          ...{ command, limits, workspace: context.workspace.root, signal: context.signal },
          hosts: context.plan_hosts,
          ...{ project_id: context.project_id, run_id: context.run_id },
        }),
      )
      if (!ran.ok) return failed(ran.error)
      return ran.value.ended_by === 'cancelled'
        ? cancelled(ran.value, files_changed, context)
        : { is_error: ran.value.exit_code !== 0, text: report(ran.value, limits), files_changed }
    },

    // What it did before it was ended, nobody can tell; it reached nothing but the workspace.
    recover: async ({ command, idempotent }) =>
      idempotent
        ? { kind: 'redo' }
        : { kind: 'unknown', reason: `Whether the command "${command.slice(0, 200)}" came to its end is not known.` },
  }
}

/** Where Baton stops, the call stays open, and is settled when it comes back. */
function cancelled({ output }: CommandEnd, files_changed: readonly string[], { signal }: ToolContext): ToolResult {
  const text = `The command was ended before it was done.\n${output}`
  if (signal.reason !== 'shutdown') return { is_error: true, text, files_changed }
  const reason = 'Baton was stopped while a command was running.'
  return { is_error: true, text, files_changed, suspends: { on: 'retry', reason, open: true, max_tries: 1 } }
}

function report(
  { ended_by, exit_code, output, duration_ms, renamed, network }: CommandEnd,
  limits: SandboxLimits,
): string {
  const seconds = (duration_ms / 1_000).toFixed(1)
  const how = ended_by === 'exit' ? `Exit code ${exit_code} after ${seconds} s.` : `${whyEnded(ended_by, limits)}`
  const moved = renamed.map(
    ({ from, to }) => `"${from}" must not be made by a command, because of its name; it is now "${to}".`,
  )
  const refused = (network?.refused ?? []).map(({ host, why }) => `${host} was not reached, because ${why}.`)
  const absent = network?.absent ?? null
  return [
    how,
    ...moved,
    ...(absent === null ? [] : [absent]),
    ...refused,
    output.trim() === '' ? '(no output)' : output,
  ].join('\n')
}

function whyEnded(bound: Exclude<CommandEnd['ended_by'], 'exit'>, limits: SandboxLimits): string {
  switch (bound) {
    case 'time':
      return `Ended, because it took longer than ${limits.time_ms / 1_000} s. Give it more time by timeout_s, or do less at once.`
    case 'memory':
      return `Ended, because its processes took more than ${limits.memory_bytes / 1_048_576} MiB of memory together. Do less at once.`
    case 'processes':
      return `Ended, because it had more than ${limits.processes} processes. Start fewer at once.`
    case 'disk':
      return 'Ended, because it took too much of the disk. Write less.'
    case 'cancelled':
      return 'Ended, because the run was stopped.'
  }
}
