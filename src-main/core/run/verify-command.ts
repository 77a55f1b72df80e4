import { z } from 'zod'
import type { TaskRow } from '../store/schema.ts'
import { withoutMarks } from '../tool/untrusted.ts'
import { type Passage, passed } from './outcome.ts'
import type { RunFrame } from './run-frame.ts'
import { callTool } from './tool-step.ts'

const TOOL = 'run_command'
/** Tests of a whole library may take their time. */
const TIMEOUT_S = 600
/** Of what the command said, for the model that mends it and for the person who reads it; errors stand at the end. */
const MAX_CHARACTERS = 6_000

const reported = z.object({ text: z.string() })

/** Whether a command tells if the task is done: the plan has one, and this machine can run it (T4). */
export function hasCommand({ services }: RunFrame, task: TaskRow): boolean {
  return commandOf(task) !== null && whyNoCommand(services) === null
}

/**
 * Runs the task's verify command in the sandbox (G3); a command that fails is a violation, with what it said. A step of the
 * verifier, so it is not run again where the run goes on later. Where there is no sandbox nothing is run, and nothing found.
 */
export async function verifyCommand(frame: RunFrame, task: TaskRow, round: number): Promise<Passage<string[]>> {
  const command = commandOf(task)
  if (command === null || !hasCommand(frame, task)) return passed([])
  const arguments_ = { command, timeout_s: TIMEOUT_S, idempotent: true }
  const asked = { id: placeOf(round), name: TOOL, arguments: arguments_ }
  const called = await callTool(frame, { phase: 'verifier', key: placeOf(round) }, asked)
  if (!called.ok) return called
  const { is_error, text } = called.value
  if (!is_error) return passed([])
  return passed([`The check \`${command}\` failed. What it said:\n<untrusted>\n${shortEnd(text)}\n</untrusted>`])
}

/** What the check of this round reported, for the result; empty where none was run. */
export function commandReport({ services, run }: RunFrame, task: TaskRow, round: number): string {
  const step = services.journal.finished(run.id, { phase: 'verifier', key: placeOf(round) })
  if (step === null) return ''
  const { text } = reported.parse(services.journal.value(step.output))
  return `\n\nChecked by \`${commandOf(task)}\`, which passed:\n${shortEnd(text)}`
}

/** For the summary of the verifier: that a command of the plan was not run, and why; null where none was left out. */
export function commandLeftOut({ services }: RunFrame, task: TaskRow): string | null {
  return commandOf(task) === null ? null : whyNoCommand(services)
}

function commandOf({ verify_command }: TaskRow): string | null {
  return verify_command === null || verify_command.trim() === '' ? null : verify_command
}

function whyNoCommand({ tools }: RunFrame['services']): string | null {
  const tool = tools.get(TOOL)
  return tool === undefined ? 'There is no tool that runs commands.' : (tool.unavailable ?? null)
}

function placeOf(round: number): string {
  return `verify/${round}/command`
}

function shortEnd(text: string): string {
  const plain = withoutMarks(text)
  return plain.length <= MAX_CHARACTERS ? plain : `…${plain.slice(-MAX_CHARACTERS)}`
}
