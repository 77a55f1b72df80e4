import { MAX_PLAN_TASKS, type PlanDocument, type PlanProblem, type PlanRepair, planDocument } from '#contract/plan.ts'
import { crossProblems, type KnownNames, shapeProblems } from './check-plan.ts'
import { findPlanJson, isRecord } from './find-plan-json.ts'
import { resolveDependencies } from './plan-dependencies.ts'
import { readTaskFields, readText, readTitle } from './plan-fields.ts'
import { assignKeys } from './plan-keys.ts'
import { PLAN_MEMBERS, readMembers, TASK_MEMBERS } from './plan-members.ts'
import { PlanNotes } from './plan-notes.ts'
import { kindOf, quote } from './quote.ts'

/** A plan read from a model's answer with everything that was set right, or every reason why it cannot be used. */
export type ParsedPlan =
  | { readonly ok: true; readonly document: PlanDocument; readonly repairs: PlanRepair[] }
  | { readonly ok: false; readonly problems: PlanProblem[] }

/**
 * Reads a plan from whatever a model answered (P3). What can be set right without loss is, and each change is told as a
 * repair; anything else is a problem, never a guess. Takes any text, and never throws for one.
 */
export function parsePlan(text: string, known: KnownNames): ParsedPlan {
  const notes = new PlanNotes()
  const found = findPlanJson(text)
  if (!found.ok) return { ok: false, problems: [{ task: null, field: null, message: found.message }] }
  for (const repair of found.repairs) notes.repair(null, repair)
  const draft = readPlan(found.value, known, notes)
  const problems = notes.problems()
  if (draft === null || problems.length > 0) return { ok: false, problems }
  const parsed = planDocument.safeParse(draft)
  if (!parsed.success) return { ok: false, problems: shapeProblems(draft, parsed.error.issues) }
  const crossed = crossProblems(parsed.data, known)
  if (crossed.length > 0) return { ok: false, problems: crossed }
  return { ok: true, document: parsed.data, repairs: notes.repairs() }
}

function readPlan(root: unknown, known: KnownNames, notes: PlanNotes): Record<string, unknown> | null {
  const members = readRoot(root, notes)
  if (members === null) return null
  const entries = readEntries(members.get('tasks'), notes)
  if (entries === null) return null
  const records = entries.map(({ value, label }) => readMembers(value, TASK_MEMBERS, label, notes))
  const ids = records.map((record, index) => record.get('id') ?? entries[index]?.name)
  const assigned = assignKeys(ids, notes)
  const fields = records.map((record, index) => readTaskFields(record, assigned.keys[index] ?? '', known, notes))
  const written = records.map((record, index) => ({
    depends_on: record.get('depends_on'),
    title: String(fields[index]?.['title'] ?? ''),
  }))
  const dependencies = resolveDependencies(written, assigned, notes)
  const summary = readText(members.get('summary'), null, 'summary', notes)
  const heading = readTitle(members.get('title'), summary, null, notes)
  if (heading.title === '')
    notes.repair(null, `The plan had no title; it is called "Plan of ${fields.length} tasks" now.`)
  return {
    title: heading.title === '' ? `Plan of ${fields.length} tasks` : heading.title,
    summary: heading.description,
    tasks: fields.map((task, index) => ({ ...task, depends_on: dependencies[index] ?? [] })),
  }
}

function readRoot(root: unknown, notes: PlanNotes): Map<string, unknown> | null {
  if (Array.isArray(root)) {
    notes.repair(null, 'Took the list for the tasks of the plan.')
    return new Map([['tasks', root]])
  }
  if (isRecord(root) && !('tasks' in root) && 'plan' in root) {
    const others = Object.keys(root).filter((name) => name !== 'plan')
    for (const name of others) notes.repair(null, `Left out ${quote(name)}, which plans do not have.`)
    notes.repair(null, 'Took the plan out of an object around it.')
    return Array.isArray(root['plan']) ? new Map([['tasks', root['plan']]]) : readRoot(withoutPlan(root['plan']), notes)
  }
  if (isRecord(root)) return readMembers(root, PLAN_MEMBERS, null, notes)
  notes.problem(
    null,
    null,
    `The answer is ${kindOf(root)}. Answer with one JSON object that has "title", "summary" and "tasks".`,
  )
  return null
}

/** A plan inside a plan inside a plan is not unwrapped further. */
function withoutPlan(value: unknown): unknown {
  return isRecord(value) && !('tasks' in value) ? { tasks: undefined } : value
}

interface Entry {
  readonly value: Record<string, unknown>
  /** The name under which the task stands, where tasks are an object instead of a list. */
  readonly name: string | undefined
  /** How notes call the task before it has a key. */
  readonly label: string
}

function readEntries(tasks: unknown, notes: PlanNotes): Entry[] | null {
  const named: [string | undefined, unknown][] | null = Array.isArray(tasks)
    ? tasks.map((task) => [undefined, task])
    : isRecord(tasks)
      ? Object.entries(tasks)
      : null
  if (named === null) {
    notes.problem(null, 'tasks', `"tasks" is ${kindOf(tasks)}. Give a list of tasks.`)
    return null
  }
  if (named.length === 0) {
    notes.problem(null, 'tasks', 'The plan has no tasks. Give at least one.')
    return null
  }
  if (named.length > MAX_PLAN_TASKS) {
    const message = `The plan has ${named.length} tasks; at most ${MAX_PLAN_TASKS} are possible. Answer with a coarser plan.`
    notes.problem(null, 'tasks', message)
    return null
  }
  if (!Array.isArray(tasks)) notes.repair(null, 'Read the tasks, an object, as a list with their names as ids.')
  const entries: Entry[] = []
  for (const [index, [name, value]] of named.entries()) {
    const id = isRecord(value) ? (value['id'] ?? name) : name
    const label = typeof id === 'string' || typeof id === 'number' ? String(id).slice(0, 80) : `#${index + 1}`
    if (isRecord(value)) entries.push({ value, name, label })
    else notes.problem(null, 'tasks', `Task ${index + 1} is ${kindOf(value)}. Give an object with the task's fields.`)
  }
  return entries.length === named.length ? entries : null
}
