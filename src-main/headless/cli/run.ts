import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseUsd } from '#contract/money.ts'
import type { NewProject } from '#contract/project.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { driveProject } from './drive.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { listenForInterrupt } from './interrupt.ts'
import { say } from './output.ts'
import { createProgress } from './progress.ts'
import { readAttachment } from './read-attachments.ts'
import { reportOutcome } from './report.ts'
import { type Session, withSession } from './session.ts'
import { readSource, type Source } from './source.ts'
import { whyNoModel } from './usable-models.ts'
import { openLockedVault } from './vault.ts'

export interface RunFlags {
  readonly file?: readonly string[]
  readonly yes?: boolean
  readonly budget?: string
  readonly localOnly?: boolean
  readonly canWait?: boolean
  readonly profile?: string
  readonly workspace?: string
  readonly json?: boolean
}

export const DEMO_PROFILE = 'demo'

/** An amount of dollars from the command line. */
export function parseBudget(text: string): number {
  const micros = parseUsd(text)
  if (micros === null) throw new CommandFault(`--budget ${text} is no amount of dollars. Write 2 or 0.50.`, EXIT.usage)
  return micros
}

function openWorkspace(path: string): Result<string, string> {
  const folder = resolve(path)
  try {
    mkdirSync(folder, { recursive: true })
    return ok(folder)
  } catch (fault) {
    return err(`--workspace ${folder} cannot be used: ${(fault as Error).message}. Name a folder that you may write.`)
  }
}

/** The value of an argument; ends the command where it is wrong. */
function argument<T>(result: Result<T, string>): T {
  if (result.ok) return result.value
  throw new CommandFault(result.error, EXIT.usage)
}

function toProject(source: Source, flags: RunFlags): NewProject {
  const attachments = (flags.file ?? []).map((path) => argument(readAttachment(path)))
  return {
    requirements: source.kind === 'plan' ? source.title : source.text,
    attachments,
    local_only: flags.localOnly ?? false,
    can_wait: flags.canWait ?? false,
    ...(flags.budget === undefined ? {} : { budget_micros: parseBudget(flags.budget) }),
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    ...(flags.workspace === undefined ? {} : { workspace: argument(openWorkspace(flags.workspace)) }),
  }
}

/** Makes the project, has it planned (or takes the plan from the file) and follows it to its end. */
export async function runProject(
  session: Session,
  source: Source,
  input: NewProject,
  flags: Pick<RunFlags, 'yes' | 'json'>,
): Promise<ExitCode> {
  const { api } = session.client
  const json = flags.json ?? false
  const refusal = await whyNoModel(api, input.profile, input.local_only ?? false)
  if (refusal !== null) throw new CommandFault(refusal, EXIT.failed)
  const status = await api.system.status()
  if (status.paused) say('All work is paused; resume it in the window, then this goes on.')
  const interrupt = listenForInterrupt(() => say('\nStopping in order; press Ctrl+C again to end at once.'))
  try {
    const project = await api.projects.create(input)
    session.client.takeUp([project.id])
    if (source.kind === 'plan') {
      await api.projects.addPlan({ id: project.id, document: source.document, source: 'file' })
    } else {
      await api.projects.plan({ id: project.id })
    }
    const outcome = await driveProject(session, project.id, status.last_event_id, {
      yes: flags.yes ?? false,
      json,
      interactive: process.stdin.isTTY && process.stderr.isTTY,
      interrupted: interrupt.signal,
      progress: createProgress(process.stderr, json),
    })
    await reportOutcome(session, outcome, json)
    return outcome.code
  } finally {
    interrupt.dispose()
  }
}

/** `baton run` (X1). */
export async function run(text: string, flags: RunFlags): Promise<ExitCode> {
  const source = argument(await readSource(text))
  // Everything that can be wrong in the command is looked at before a core is opened.
  const input = toProject(source, flags)
  return withSession({ demo: flags.profile === DEMO_PROFILE }, async (session) => {
    await openLockedVault(session.client)
    return runProject(session, source, input, flags)
  })
}
