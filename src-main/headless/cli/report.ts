import { join } from 'node:path'
import { formatUsd } from '#contract/money.ts'
import type { Plan } from '#contract/plan.ts'
import type { Artifact, Project } from '#contract/project.ts'
import type { UsageRow } from '#contract/usage.ts'
import { CoreGone } from '../baton-client.ts'
import type { Outcome } from './drive.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { formatBytes, formatCost, formatMs, formatTokens, profileLabel, textColumns, usdNumber } from './format.ts'
import { print, printJson, say } from './output.ts'
import { createPaint, type Paint } from './paint.ts'
import { clip, column, printable, textWidth, wrap } from './printable.ts'
import type { Session } from './session.ts'
import { renderTable } from './table.ts'

const MAX_LISTED = 100
const NAME_WIDTH = 76

/** How to go on from where a project stopped, by the code that it ended with. */
function advice(code: ExitCode, { id: projectId, state }: Pick<Project, 'id' | 'state'>): string | null {
  switch (code) {
    case EXIT.failed:
      return state === 'waiting'
        ? `Everything finished is kept. Mend that, then go on with: baton resume ${projectId}`
        : null
    case EXIT.interrupted:
      return `Interrupted; everything finished is kept. Go on with: baton resume ${projectId}`
    case EXIT.budget:
      return `Stopped by the budget; everything finished is kept. Go on with a higher limit: baton resume ${projectId} --budget USD`
    case EXIT.approval:
      return `Your answer is needed. Approve a plan with: baton resume ${projectId} --yes. See what a task asks with: baton approvals`
    default:
      return null
  }
}

function costTable(rows: readonly UsageRow[], total: UsageRow, paint: Paint): string {
  const line = (row: UsageRow, label: string) => [
    label,
    String(row.calls),
    formatTokens(row.input_tokens),
    formatTokens(row.output_tokens),
    row.cost_micros === 0 ? paint.local('0 $ local') : paint.paid(formatCost(row.cost_micros, true)),
  ]
  return renderTable(
    [
      { title: 'model' },
      { title: 'calls', align: 'right' },
      { title: 'tokens in', align: 'right' },
      { title: 'tokens out', align: 'right' },
      { title: 'cost', align: 'right' },
    ],
    [
      ...rows.map((row) => line(row, printable(profileLabel(row.label)))),
      ...(rows.length > 1 ? [line(total, paint.bold('total'))] : []),
    ],
    paint,
  )
}

function fileLines(workspace: string, artifacts: readonly Artifact[], paint: Paint): string[] {
  const listed = artifacts
    .slice(0, MAX_LISTED)
    .map((file) => ({ ...file, path: printable(join(workspace, file.path)) }))
  const width = Math.max(...listed.map((file) => textWidth(file.path)))
  const lines = listed.map((file) => `  ${column(file.path, width)}  ${paint.dim(formatBytes(file.bytes).padStart(8))}`)
  if (artifacts.length > MAX_LISTED) lines.push(paint.dim(`  and ${artifacts.length - MAX_LISTED} more files there`))
  return lines
}

interface LeftBehind {
  readonly artifacts: readonly Artifact[]
  readonly usage: { readonly rows: readonly UsageRow[]; readonly total: UsageRow }
  /** The plan with its estimate and what it came to; null where there is none yet. */
  readonly plan: Plan | null
}

async function leftBehind(session: Session, { id, plan_id }: Pick<Project, 'id' | 'plan_id'>): Promise<LeftBehind> {
  try {
    const { api } = session.client
    const [artifacts, usage, plan] = await Promise.all([
      api.projects.artifacts({ id }),
      api.usage.summary({ by: 'model', project_id: id }),
      plan_id === null ? null : api.plans.get({ id: plan_id }),
    ])
    return { artifacts: artifacts.items, usage, plan }
  } catch (fault) {
    if (!(fault instanceof CoreGone)) throw fault
    await session.reopen()
    return leftBehind(session, { id, plan_id })
  }
}

/** Ends a command with what the project left behind: as text, or as the last JSON line (X1). */
export async function reportOutcome(session: Session, { view, code }: Outcome, json: boolean): Promise<void> {
  const { project, tasks } = view
  const { artifacts, usage, plan } = await leftBehind(session, project)
  if (json) {
    printJson({
      type: 'result',
      status: project.state,
      reason: project.reason,
      summary: project.result?.summary ?? null,
      project_id: project.id,
      workspace: project.workspace,
      artifacts: artifacts.map((file) => file.path),
      cost_usd: usdNumber(project.spent_micros),
      tasks: { total: tasks.length, ...project.task_counts },
      estimate: plan?.estimate ?? null,
      actual: plan?.actual ?? null,
      exit_code: code,
    })
    return
  }
  const paint = createPaint(process.stdout)
  const mark = code === EXIT.done ? paint.good('✓') : code === EXIT.failed ? paint.bad('✗') : paint.waiting('◷')
  print(`\n${mark} ${paint.bold(clip(printable(project.name), NAME_WIDTH))} · ${project.state.replace('_', ' ')}`)
  if (project.reason !== '') print(`  ${printable(project.reason)}`)
  if (project.result !== null && project.result.summary !== '') {
    print('')
    for (const line of wrap(project.result.summary, textColumns(process.stdout) - 2)) print(`  ${line}`.trimEnd())
  }
  if (project.result !== null && project.result.not_done.length > 0) {
    print(`\n  ${paint.bold('Not done')}`)
    for (const each of project.result.not_done) print(`  ${printable(each.title)}: ${printable(each.reason)}`)
  }
  if (artifacts.length > 0) {
    print(`\n  ${paint.bold(`${artifacts.length} file${artifacts.length === 1 ? '' : 's'}`)}`)
    for (const line of fileLines(project.workspace, artifacts, paint)) print(line)
  }
  if (usage.rows.length > 0) print(`\n${costTable(usage.rows, usage.total, paint)}`)
  if (project.result !== null) {
    const { elapsed_ms, estimated_high_ms, estimated_high_micros, cost_micros } = project.result
    const cost = formatCost(cost_micros, estimated_high_micros > 0)
    const limit = estimated_high_micros === 0 ? '' : ` and ${formatUsd(estimated_high_micros)}`
    // A free prompt has no estimate.
    const estimate = estimated_high_ms === 0 ? '' : ` (estimate: up to ${formatMs(estimated_high_ms)}${limit})`
    print(`\n  ${formatMs(elapsed_ms)}, ${cost}${paint.dim(estimate)}`)
  }
  const next = advice(code, project)
  if (next !== null) say(`\n${next}`)
}
