import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { formatUsd } from '#contract/money.ts'
import type { CurrentPlan, Plan } from '#contract/plan.ts'
import { diffPlans } from '#contract/plan-diff.ts'
import type { Api } from '../baton-client.ts'
import { driveProject } from './drive.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { listenForInterrupt } from './interrupt.ts'
import { print, printJson, say } from './output.ts'
import { printable } from './printable.ts'
import { createProgress } from './progress.ts'
import { reportOutcome } from './report.ts'
import { withSession } from './session.ts'
import { readSource } from './source.ts'

export interface ReplanFlags {
  readonly file?: string
  readonly note?: string
  readonly yes?: boolean
  readonly json?: boolean
}

const LOOK_MS = 300

/** `baton replan PROJECT` (P7): proposes a new version of a plan whose tasks go on, and approves it where that is wanted. */
export async function replan(id: string, flags: ReplanFlags): Promise<ExitCode> {
  if (flags.file !== undefined && flags.note !== undefined)
    throw new CommandFault('Give --file or --note, not both: one is a plan, the other asks for one.', EXIT.usage)
  const document = flags.file === undefined ? null : await readPlan(flags.file)
  return withSession({ demo: true }, async (session) => {
    const { api } = session.client
    const current = await api.projects.currentPlan({ id })
    if (flags.note === undefined && document === null) return show(current, flags)
    const { last_event_id } = await api.system.status()
    const plan =
      document === null
        ? await ask(api, id, current, flags.note ?? '')
        : await api.projects.addPlan({ id, document, source: 'file' })
    if (flags.json) printJson({ type: 'plan', ...plan })
    else tell(current, plan)
    if (!(await isApproved(plan, flags))) {
      say(`Version ${plan.version} waits for your approval. The project goes on by the plan that it has.`)
      return EXIT.approval
    }
    await api.plans.approve({ id: plan.id, authorise_micros: plan.estimate.upper_micros })
    if ((await api.projects.get({ id })).state === 'paused') {
      say(`The project has its new plan and stays paused. Go on with: baton resume ${id}`)
      return EXIT.done
    }
    session.client.takeUp([id])
    const interrupt = listenForInterrupt(() => say('\nStopping in order; press Ctrl+C again to end at once.'))
    try {
      const json = flags.json ?? false
      const outcome = await driveProject(session, id, last_event_id, {
        ...{ yes: false, json, interactive: false, interrupted: interrupt.signal },
        progress: createProgress(process.stderr, json),
      })
      await reportOutcome(session, outcome, json)
      return outcome.code
    } finally {
      interrupt.dispose()
    }
  })
}

async function readPlan(path: string): Promise<unknown> {
  const source = await readSource(path)
  if (source.ok && source.value.kind === 'plan') return source.value.document
  const why = source.ok ? 'There is no such .yaml, .yml or .json file.' : source.error
  throw new CommandFault(`${path} cannot be read as a plan. ${why}`, EXIT.usage)
}

function show(current: CurrentPlan, flags: ReplanFlags): ExitCode {
  if (flags.json) printJson({ type: 'current_plan', ...current })
  else print(stringify(current.document, { lineWidth: 100 }).trimEnd())
  return EXIT.done
}

/** Has the planner write the next version, and waits for it. */
async function ask(api: Api, id: string, current: CurrentPlan, note: string): Promise<Plan> {
  await api.plans.revise({ id: current.plan_id, note })
  for (;;) {
    const { replan } = await api.projects.get({ id })
    if (replan === null) throw new CommandFault('Somebody decided on the new plan meanwhile.', EXIT.failed)
    if (replan.state === 'failed') throw new CommandFault(replan.reason, EXIT.failed)
    if (replan.state === 'waiting' && replan.reason !== '') throw new CommandFault(replan.reason, EXIT.failed)
    if (replan.plan_id !== null) return await api.plans.get({ id: replan.plan_id })
    await sleep(LOOK_MS)
  }
}

const MARKS = { added: '+', removed: '-', changed: '~' } as const

/** What the new version does to the tasks that are there. */
function tell(current: CurrentPlan, plan: Plan): void {
  const stateOf = new Map(current.tasks.map(({ key, state }) => [key, state]))
  const lines = diffPlans(current.document, plan.document).map((diff) => {
    const fields = diff.kind === 'changed' ? `: ${diff.fields.map(({ field }) => field).join(', ')}` : ''
    const stopped = diff.kind !== 'added' && stateOf.get(diff.key) === 'running' ? ' (runs now, and is stopped)' : ''
    return `  ${MARKS[diff.kind]} ${printable(diff.key)}  ${printable(diff.title)}${fields}${stopped}`
  })
  const { upper_micros } = plan.estimate
  const cost = upper_micros === 0 ? 'at no cost' : `for up to ${formatUsd(upper_micros)} more`
  print([`Version ${plan.version}, ${cost}:`, ...(lines.length === 0 ? ['  Nothing differs.'] : lines)].join('\n'))
}

async function isApproved({ version }: Plan, { yes, json }: ReplanFlags): Promise<boolean> {
  if (yes) return true
  if (json || !process.stdin.isTTY || !process.stderr.isTTY) return false
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message: `Approve version ${version}?`, output: process.stderr })
  return !isCancel(answer) && answer
}
