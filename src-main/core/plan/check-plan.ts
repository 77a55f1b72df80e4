import { type PlanDocument, type PlanProblem, type PlanTask, planDocument } from '#contract/plan.ts'
import { parseRelativePath } from '../workspace/relative-path.ts'
import { cyclePath, findCycle } from './graph-checks.ts'
import { quote } from './quote.ts'

/** What plans are checked against. */
export interface KnownNames {
  /** Names of the tools that exist. */
  readonly tools: readonly string[]
}

/**
 * Checks a plan that a person wrote or edited, or that came from a file. Unlike `parsePlan` it sets nothing right.
 *
 * @returns the document where its shape is right (defaults filled in), and every problem; it may be used only where
 * there is no problem
 */
export function checkPlan(
  document: unknown,
  known: KnownNames,
): { document: PlanDocument | null; problems: PlanProblem[] } {
  const parsed = planDocument.safeParse(document)
  if (!parsed.success) return { document: null, problems: shapeProblems(document, parsed.error.issues) }
  return { document: parsed.data, problems: crossProblems(parsed.data, known) }
}

/** What is wrong between the parts of a plan whose shape is right: keys, dependencies, cycles, tools, paths. */
export function crossProblems(document: PlanDocument, known: KnownNames): PlanProblem[] {
  const tools = new Set(known.tools)
  const keys = new Map<string, number>()
  for (const task of document.tasks) keys.set(task.key, (keys.get(task.key) ?? 0) + 1)
  const problems: PlanProblem[] = []
  for (const [key, count] of keys) {
    if (count === 1) continue
    problems.push(problem(key, 'key', `${count} tasks have the key ${quote(key)}. Give each task a key of its own.`))
  }
  for (const task of document.tasks) problems.push(...taskProblems(task, keys, tools))
  const cycle = findCycle(
    document.tasks.map((task) => ({ ...task, depends_on: task.depends_on.filter((key) => key !== task.key) })),
  )
  if (cycle !== null) {
    const message = `These tasks wait for each other, so none could ever start: ${cyclePath(cycle)}. Remove one of these dependencies.`
    problems.push(problem(cycle[0] ?? null, 'depends_on', message))
  }
  return problems
}

function taskProblems(task: PlanTask, keys: ReadonlyMap<string, number>, tools: ReadonlySet<string>): PlanProblem[] {
  const problems: PlanProblem[] = []
  const seen = new Set<string>()
  for (const dependency of task.depends_on) {
    const why =
      dependency === task.key
        ? 'A task cannot depend on itself.'
        : !keys.has(dependency)
          ? `There is no task with the key ${quote(dependency)}.`
          : seen.has(dependency)
            ? `The dependency on ${quote(dependency)} is named twice.`
            : null
    if (why !== null) problems.push(problem(task.key, 'depends_on', `${why} Remove or correct it.`))
    seen.add(dependency)
  }
  for (const tool of task.tools) {
    if (!tools.has(tool)) problems.push(problem(task.key, 'tools', unknownTool(tool, [...tools])))
  }
  for (const field of ['write_scope', 'artifacts'] as const) {
    for (const path of task[field]) {
      const why = pathFault(path)
      if (why !== null) problems.push(problem(task.key, field, why))
    }
  }
  return problems
}

/** Says which tools there are, for a person and for a model. */
export function unknownTool(tool: string, tools: readonly string[]): string {
  return `There is no tool called ${quote(tool)}. ${tools.length === 0 ? 'No tools can be used here.' : `Use some of: ${tools.join(', ')}.`}`
}

/** Why a path cannot belong to a workspace, or null where it can. */
export function pathFault(path: string): string | null {
  const parsed = parseRelativePath(path)
  if (!parsed.ok) return parsed.error.message
  return parsed.value.length === 0 && path.trim() === '' ? 'A path is empty. Remove it or name a file.' : null
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Zod's findings in words that name the task instead of a position. */
export function shapeProblems(document: unknown, issues: readonly Issue[]): PlanProblem[] {
  return issues.map((issue) => {
    const [root, index, field] = issue.path
    if (root !== 'tasks' || typeof index !== 'number') {
      return problem(null, root === undefined ? null : String(root), `${issue.message}.`)
    }
    return problem(
      taskName(document, index),
      field === undefined ? null : String(field),
      `Task ${index + 1}: ${issue.message}.`,
    )
  })
}

function taskName(document: unknown, index: number): string | null {
  if (typeof document !== 'object' || document === null || !('tasks' in document)) return null
  const task: unknown = Array.isArray(document.tasks) ? document.tasks[index] : null
  if (typeof task !== 'object' || task === null || !('key' in task)) return null
  return typeof task.key === 'string' ? task.key : null
}

export function problem(task: string | null, field: string | null, message: string): PlanProblem {
  return { task, field, message }
}

const MAX_LINES_FOR_MODEL = 40

/** The text that goes back to the model once when its plan could not be used (P3). */
export function problemsForModel(problems: readonly PlanProblem[]): string {
  const lines = problems.slice(0, MAX_LINES_FOR_MODEL).map(({ task, field, message }) => {
    const place = [task === null ? '' : `task ${quote(task)}`, field ?? ''].filter((part) => part !== '').join(', ')
    return place === '' ? `- ${message}` : `- ${place}: ${message}`
  })
  const rest = problems.length - lines.length
  if (rest > 0) lines.push(`- and ${rest} more of the same kinds`)
  return [
    'Your plan could not be used, for these reasons:',
    '',
    ...lines,
    '',
    'Set these right and answer with the whole plan again, as one JSON object and nothing else.',
  ].join('\n')
}
