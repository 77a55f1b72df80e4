import { constraintsOf, newRun } from '#contract/new-run.ts'
import { driveProject } from './drive.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { listenForInterrupt } from './interrupt.ts'
import { say } from './output.ts'
import { createProgress } from './progress.ts'
import { reportOutcome } from './report.ts'
import { DEMO_PROFILE, parseBudget } from './run.ts'
import { withSession } from './session.ts'
import { whyNoModel } from './usable-models.ts'
import { openLockedVault } from './vault.ts'

export interface AskFlags {
  readonly budget?: string
  readonly localOnly?: boolean
  readonly profile?: string
  readonly with?: readonly string[]
  readonly json?: boolean
}

const MICROS_PER_CENT = 10_000

function constraint(text: string): [string, unknown] {
  const at = text.indexOf('=')
  if (at <= 0) throw new CommandFault(`--with ${text} names no value. Write it as --with max_days=5.`, EXIT.usage)
  const name = text.slice(0, at)
  // Named like one of the request's own fields, it would not be a constraint.
  if (Object.keys(constraintsOf({ [name]: 1 })).length === 0) {
    throw new CommandFault(
      `--with ${text}: ${name} has a meaning of its own; call the constraint otherwise.`,
      EXIT.usage,
    )
  }
  return [name, jsonOrText(text.slice(at + 1))]
}

/** Numbers, true and false, lists and objects as what they are; everything else as text. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** `baton ask` (G6): a free prompt, followed to its answer. */
export function ask(prompt: string, flags: AskFlags): Promise<ExitCode> {
  const json = flags.json ?? false
  const cents = flags.budget === undefined ? undefined : Math.floor(parseBudget(flags.budget) / MICROS_PER_CENT)
  const parsed = newRun.safeParse({
    ...Object.fromEntries((flags.with ?? []).map(constraint)),
    prompt,
    local_only: flags.localOnly ?? false,
    ...(cents === undefined ? {} : { budget_usd_cents: cents }),
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
  })
  if (!parsed.success) throw new CommandFault(parsed.error.issues[0]?.message ?? 'It cannot be asked.', EXIT.usage)
  const input = parsed.data
  return withSession({ demo: flags.profile === DEMO_PROFILE }, async (session) => {
    const { api } = session.client
    await openLockedVault(session.client)
    const refusal = await whyNoModel(api, input.profile, input.local_only)
    if (refusal !== null) throw new CommandFault(refusal, EXIT.failed)
    const { last_event_id } = await api.system.status()
    const interrupt = listenForInterrupt(() => say('\nStopping in order; press Ctrl+C again to end at once.'))
    try {
      const { run_id } = await api.runs.create(input)
      const { project_id } = await api.runs.get({ id: run_id })
      session.client.takeUp([project_id])
      const outcome = await driveProject(session, project_id, last_event_id, {
        ...{ yes: true, json, interactive: false },
        interrupted: interrupt.signal,
        progress: createProgress(process.stderr, json),
      })
      await reportOutcome(session, outcome, json)
      return outcome.code
    } finally {
      interrupt.dispose()
    }
  })
}
