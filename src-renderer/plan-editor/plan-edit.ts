import type { PlanDocument, PlanTask } from '#contract/plan.ts'
import { MAX_PLAN_TASKS, planTask, taskKey } from '#contract/plan.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { findPath, orderByDependencies } from './plan-order.ts'

/** One change to a plan that a person asked for. */
export type PlanEdit =
  | { kind: 'set_plan'; title?: string; summary?: string }
  | { kind: 'add'; after: string | null }
  /** A copy beside the task: same dependencies, nothing depends on it yet. */
  | { kind: 'duplicate'; key: string }
  /** Two tasks out of one: the second follows the first and takes over those that depended on it. */
  | { kind: 'split'; key: string }
  /** `rewire`: dependants depend on what the removed task depended on. `drop`: they only lose the dependency. */
  | { kind: 'remove'; key: string; dependants: 'rewire' | 'drop' }
  | { kind: 'move'; key: string; to: number }
  | { kind: 'set_field'; key: string; change: TaskChange }
  | { kind: 'rename'; key: string; to: string }
  | { kind: 'set_dependencies'; key: string; depends_on: string[] }
  | { kind: 'connect'; from: string; to: string }
  | { kind: 'disconnect'; from: string; to: string }
  /** Makes the task depend on the one above it (Tab in the table). */
  | { kind: 'indent'; key: string }
  /** Takes back what indent did. */
  | { kind: 'outdent'; key: string }
  | { kind: 'order' }
  | { kind: 'replace'; document: PlanDocument }

/** The fields of a task that can be set without touching other tasks. */
export type TaskChange = Partial<Omit<PlanTask, 'key' | 'depends_on'>>

/** A changed plan, what the user should know about the change, and the task to select. */
export type Edited = { document: PlanDocument; notice: string; select: string | null }

const NO_KEYS: ReadonlySet<string> = new Set()

/**
 * Applies one edit. The document given is never changed. The error says why the edit is refused. `used`: keys that no
 * new task gets besides those of the document, because they name another task elsewhere.
 */
export function editPlan(document: PlanDocument, edit: PlanEdit, used = NO_KEYS): Result<Edited, string> {
  switch (edit.kind) {
    case 'set_plan':
      return setPlan(document, edit)
    case 'add':
      return add(document, edit.after, used)
    case 'duplicate':
      return duplicate(document, edit.key, used)
    case 'split':
      return split(document, edit.key, used)
    case 'remove':
      return remove(document, edit.key, edit.dependants)
    case 'move':
      return move(document, edit.key, edit.to)
    case 'set_field':
      return setField(document, edit.key, edit.change)
    case 'rename':
      return rename(document, edit.key, edit.to)
    case 'set_dependencies':
      return setDependencies(document, edit.key, edit.depends_on)
    case 'connect':
      return connect(document, edit.from, edit.to)
    case 'disconnect':
      return update(document, edit.to, (task) => ({ ...task, depends_on: without(task.depends_on, edit.from) }))
    case 'indent':
      return indent(document, edit.key)
    case 'outdent':
      return outdent(document, edit.key)
    case 'order':
      return order(document)
    case 'replace':
      return ok({ document: edit.document, notice: '', select: edit.document.tasks[0]?.key ?? null })
  }
}

function setPlan(document: PlanDocument, change: { title?: string; summary?: string }): Result<Edited, string> {
  const title = change.title ?? document.title
  if (title.trim() === '') return err('The plan needs a title.')
  return ok({ document: { ...document, title, summary: change.summary ?? document.summary }, notice: '', select: null })
}

function add(document: PlanDocument, after: string | null, used: ReadonlySet<string>): Result<Edited, string> {
  const full = refuseWhenFull(document)
  if (full !== null) return err(full)
  const key = freeKey(document, used)
  const task: PlanTask = {
    key,
    title: 'New task',
    description: '',
    type: 'writing',
    complexity: 'simple',
    tier: null,
    tools: [],
    depends_on: [],
    acceptance: [],
    verify_command: null,
    write_scope: [],
    hosts: [],
    artifacts: [],
  }
  return ok({ document: insertAfter(document, task, after), notice: '', select: key })
}

function duplicate(document: PlanDocument, key: string, used: ReadonlySet<string>): Result<Edited, string> {
  const found = find(document, key)
  if (!found.ok) return found
  const full = refuseWhenFull(document)
  if (full !== null) return err(full)
  const copy: PlanTask = { ...found.value, key: freeKey(document, used), title: `${found.value.title} (copy)` }
  return ok({ document: insertAfter(document, copy, key), notice: '', select: copy.key })
}

function split(document: PlanDocument, key: string, used: ReadonlySet<string>): Result<Edited, string> {
  const copied = duplicate(document, key, used)
  if (!copied.ok) return copied
  const second = copied.value.select
  const title = find(document, key)
  if (!title.ok || second === null) return copied
  const dependants = document.tasks.filter((task) => task.depends_on.includes(key)).map((task) => task.key)
  const tasks = copied.value.document.tasks.map((task) => {
    if (task.key === second) return { ...task, title: `${title.value.title} (part 2)`, depends_on: [key] }
    return dependants.includes(task.key) ? { ...task, depends_on: replaceIn(task.depends_on, key, [second]) } : task
  })
  const notice =
    dependants.length === 0 ? '' : `${list(dependants)} now ${verb(dependants, 'waits', 'wait')} for ${second}.`
  return ok({ document: { ...document, tasks }, notice, select: second })
}

function remove(document: PlanDocument, key: string, dependants: 'rewire' | 'drop'): Result<Edited, string> {
  const found = find(document, key)
  if (!found.ok) return found
  if (document.tasks.length === 1) return err('A plan needs at least one task. Reject the plan to drop it as a whole.')
  const index = document.tasks.indexOf(found.value)
  const affected = document.tasks.filter((task) => task.depends_on.includes(key)).map((task) => task.key)
  const heirs = dependants === 'rewire' ? found.value.depends_on : []
  const tasks = document.tasks
    .filter((task) => task.key !== key)
    .map((task) =>
      affected.includes(task.key) ? { ...task, depends_on: replaceIn(task.depends_on, key, heirs) } : task,
    )
  const select = tasks[Math.min(index, tasks.length - 1)]?.key ?? null
  return ok({ document: { ...document, tasks }, notice: removalNotice(found.value, affected, heirs), select })
}

function removalNotice(task: PlanTask, affected: string[], heirs: readonly string[]): string {
  if (affected.length === 0) return `${task.key} removed.`
  const now =
    heirs.length > 0
      ? `now ${verb(affected, 'depends', 'depend')} on ${list(heirs)} instead`
      : `no longer ${verb(affected, 'waits', 'wait')} for it`
  return `${task.key} removed; ${list(affected)} ${now}.`
}

function move(document: PlanDocument, key: string, to: number): Result<Edited, string> {
  const found = find(document, key)
  if (!found.ok) return found
  const tasks = document.tasks.filter((task) => task.key !== key)
  tasks.splice(Math.max(0, Math.min(to, tasks.length)), 0, found.value)
  return ok({ document: { ...document, tasks }, notice: '', select: key })
}

function setField(document: PlanDocument, key: string, change: TaskChange): Result<Edited, string> {
  const found = find(document, key)
  if (!found.ok) return found
  const parsed = planTask.safeParse({ ...found.value, ...change })
  if (parsed.success) return update(document, key, () => parsed.data)
  const issue = parsed.error.issues[0]
  return err(
    `This cannot be the ${String(issue?.path[0] ?? 'value')} of ${key}: ${issue?.message ?? 'it is not valid'}.`,
  )
}

function rename(document: PlanDocument, key: string, to: string): Result<Edited, string> {
  if (key === to) return ok({ document, notice: '', select: key })
  const parsed = taskKey.safeParse(to)
  if (!parsed.success) return err(`“${to}” cannot name a task: use ${parsed.error.issues[0]?.message ?? 'letters'}.`)
  if (document.tasks.some((task) => task.key === to)) return err(`Another task is already called ${to}.`)
  const found = find(document, key)
  if (!found.ok) return found
  const tasks = document.tasks.map((task) => ({
    ...task,
    key: task.key === key ? to : task.key,
    depends_on: replaceIn(task.depends_on, key, [to]),
  }))
  return ok({ document: { ...document, tasks }, notice: '', select: to })
}

function setDependencies(document: PlanDocument, key: string, dependsOn: string[]): Result<Edited, string> {
  const wanted = [...new Set(dependsOn)]
  for (const on of wanted) {
    const refusal = refuseDependency(document, key, on)
    if (refusal !== null) return err(refusal)
  }
  return update(document, key, (task) => ({ ...task, depends_on: wanted }))
}

function connect(document: PlanDocument, from: string, to: string): Result<Edited, string> {
  const refusal = refuseDependency(document, to, from)
  if (refusal !== null) return err(refusal)
  return update(document, to, (task) => ({ ...task, depends_on: [...new Set([...task.depends_on, from])] }))
}

function indent(document: PlanDocument, key: string): Result<Edited, string> {
  const index = document.tasks.findIndex((task) => task.key === key)
  const above = document.tasks[index - 1]
  if (above === undefined) return err('The first task has none above it to depend on.')
  return connect(document, above.key, key)
}

function outdent(document: PlanDocument, key: string): Result<Edited, string> {
  const found = find(document, key)
  if (!found.ok) return found
  const above = document.tasks[document.tasks.indexOf(found.value) - 1]
  const last = found.value.depends_on.at(-1)
  if (last === undefined) return err(`${key} depends on nothing.`)
  const drop = above !== undefined && found.value.depends_on.includes(above.key) ? above.key : last
  return update(document, key, (task) => ({ ...task, depends_on: without(task.depends_on, drop) }))
}

function order(document: PlanDocument): Result<Edited, string> {
  const ordered = orderByDependencies(document.tasks)
  if (ordered === null) return err('The tasks cannot be ordered: some depend on each other in a circle.')
  return ok({
    document: { ...document, tasks: ordered },
    notice: 'Tasks stand in the order of their dependencies.',
    select: null,
  })
}

/** Why `key` cannot depend on `on`; null where it can. */
function refuseDependency(document: PlanDocument, key: string, on: string): string | null {
  if (key === on) return `${key} cannot depend on itself.`
  if (!document.tasks.some((task) => task.key === on)) return `There is no task ${on}.`
  const circle = findPath(document.tasks, on, key)
  if (circle === null) return null
  return `${key} cannot depend on ${on}: that closes a circle (${[key, ...circle].join(' → ')}).`
}

function update(document: PlanDocument, key: string, change: (task: PlanTask) => PlanTask): Result<Edited, string> {
  const found = find(document, key)
  if (!found.ok) return found
  const tasks = document.tasks.map((task) => (task.key === key ? change(task) : task))
  return ok({ document: { ...document, tasks }, notice: '', select: key })
}

function find(document: PlanDocument, key: string): Result<PlanTask, string> {
  const task = document.tasks.find((candidate) => candidate.key === key)
  return task === undefined ? err(`There is no task ${key} any more.`) : ok(task)
}

function insertAfter(document: PlanDocument, task: PlanTask, after: string | null): PlanDocument {
  const index = after === null ? -1 : document.tasks.findIndex((candidate) => candidate.key === after)
  const tasks = [...document.tasks]
  tasks.splice(index < 0 ? tasks.length : index + 1, 0, task)
  return { ...document, tasks }
}

function refuseWhenFull(document: PlanDocument): string | null {
  return document.tasks.length < MAX_PLAN_TASKS ? null : `A plan has at most ${MAX_PLAN_TASKS} tasks; this one is full.`
}

/** The first of t1, t2, … that is neither taken nor used, counting on from the number of tasks. */
function freeKey(document: PlanDocument, used: ReadonlySet<string>): string {
  const taken = new Set(document.tasks.map((task) => task.key))
  let number = document.tasks.length + 1
  while (taken.has(`t${number}`) || used.has(`t${number}`)) number += 1
  return `t${number}`
}

function without(keys: readonly string[], key: string): string[] {
  return keys.filter((candidate) => candidate !== key)
}

function replaceIn(keys: readonly string[], key: string, by: readonly string[]): string[] {
  return [...new Set(keys.flatMap((candidate) => (candidate === key ? by : [candidate])))]
}

function list(keys: readonly string[]): string {
  if (keys.length <= 4) return keys.join(', ')
  return `${keys.slice(0, 3).join(', ')} and ${keys.length - 3} more`
}

function verb(keys: readonly string[], one: string, many: string): string {
  return keys.length === 1 ? one : many
}
