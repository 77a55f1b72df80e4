import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Plan } from '#contract/plan.ts'
import { err, ok, type Result } from '#contract/result.ts'
import type { Api } from '../baton-client.ts'
import { printable } from './printable.ts'

const HELP = `# The plan as a file. Save and close the editor to use it; leave it as it is to keep the plan.
# depends_on names the keys of other tasks; tier is local, fast, strong or null (the routing table decides).
`

/** Why an edited plan was not taken, and the text, so that nothing typed is lost. */
export interface EditProblem {
  readonly message: string
  readonly text: string
}

function openEditor(file: string): Result<void, string> {
  const editor = process.env['VISUAL'] || process.env['EDITOR'] || (process.platform === 'win32' ? 'notepad' : 'vi')
  // $EDITOR may carry arguments ("code --wait"), which only a shell takes apart as its owner meant it.
  const opened = spawnSync(`${editor} "${file}"`, { stdio: 'inherit', shell: true })
  if (opened.status === 0) return ok(undefined)
  return err(
    `The editor "${editor}" ended with an error, so the plan is as it was. Set EDITOR to an editor that works here.`,
  )
}

/**
 * Lets a person edit the plan as YAML in $EDITOR and stores what comes back as its next version; the same plan where
 * nothing was changed. `text` is where an earlier try is taken up again.
 */
export async function editPlan(api: Api, plan: Plan, text?: string): Promise<Result<Plan, EditProblem>> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-plan-'))
  const file = join(folder, 'plan.yaml')
  const before = text ?? `${HELP}${stringify(plan.document, { lineWidth: 100 })}`
  try {
    writeFileSync(file, before, { mode: 0o600 })
    const opened = openEditor(file)
    if (!opened.ok) return err({ message: opened.error, text: before })
    const after = readFileSync(file, 'utf8')
    if (after === before && text === undefined) return ok(plan)
    return await store(api, plan, after)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function store(api: Api, plan: Plan, text: string): Promise<Result<Plan, EditProblem>> {
  let document: unknown
  try {
    document = parse(text)
  } catch (fault) {
    return err({ message: `This is not YAML: ${(fault as Error).message}`, text })
  }
  const { problems } = await api.plans.check({ id: plan.id, document })
  if (problems.length > 0) {
    const told = problems.map(
      ({ task, message }) => `  ${task === null ? '' : `${printable(task)}: `}${printable(message)}`,
    )
    return err({ message: `The edited plan cannot be used yet:\n${told.join('\n')}`, text })
  }
  return ok(await api.plans.edit({ id: plan.id, document }))
}
