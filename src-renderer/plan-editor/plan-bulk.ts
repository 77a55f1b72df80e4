import type { PlanDocument, PlanTask } from '#contract/plan.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { editPlan, type PlanEdit, type TaskChange } from './plan-edit.ts'

/** Fields of a task that hold a list, to which several tasks can gain or lose an entry at once. */
export type ListField = 'tools' | 'acceptance' | 'depends_on'

/** One change to several tasks at once: all of it happens, or none. */
export type BulkEdit = { keys: readonly string[] } & (
  | { kind: 'set_all'; change: TaskChange }
  /** What a task has already is not added again; a task never waits for itself. */
  | { kind: 'change_lists'; field: ListField; add: readonly string[]; remove: readonly string[] }
  /** Copies in a block below; they depend on each other as their originals do. */
  | { kind: 'duplicate_all' }
  /** What waited for one of them waits for what that one waited for. */
  | { kind: 'remove_all' }
  /** Moves them in one block; `to` counts the tasks that stay. */
  | { kind: 'move_all'; to: number }
  /** Each waits for the one above it. */
  | { kind: 'indent_all' }
  | { kind: 'outdent_all' }
)

export type BulkEdited = { document: PlanDocument; notice: string; select: readonly string[] | null }

/** Applies one edit to several tasks. The error says why it is refused for all of them. `used`: as for one task. */
export function editMany(
  document: PlanDocument,
  edit: BulkEdit,
  used?: ReadonlySet<string>,
): Result<BulkEdited, string> {
  const { keys } = edit
  if (keys.length === 0) return err('Select tasks first.')
  switch (edit.kind) {
    case 'set_all':
      return inTurn(
        document,
        keys.map((key) => ({ kind: 'set_field', key, change: edit.change })),
        `${keys.length} tasks changed.`,
      )
    case 'change_lists':
      return changeLists(document, edit)
    case 'duplicate_all':
      return duplicateAll(document, keys, used)
    case 'remove_all':
      return removeAll(document, keys)
    case 'move_all':
      return ok({ document: moved(document, keys, edit.to), notice: '', select: keys })
    case 'indent_all': {
      const below = keys.filter((key) => key !== document.tasks[0]?.key)
      const edits = below.map((key): PlanEdit => ({ kind: 'indent', key }))
      return inTurn(document, edits, `${below.length} tasks wait for the one above each.`)
    }
    case 'outdent_all': {
      const waiting = keys.filter((key) =>
        document.tasks.some((task) => task.key === key && task.depends_on.length > 0),
      )
      const edits = waiting.map((key): PlanEdit => ({ kind: 'outdent', key }))
      return inTurn(document, edits, `${waiting.length} tasks wait for one task less.`)
    }
  }
}

/** Edits one after another; the first that is refused refuses all. */
function inTurn(document: PlanDocument, edits: readonly PlanEdit[], notice: string): Result<BulkEdited, string> {
  let now = document
  for (const edit of edits) {
    const edited = editPlan(now, edit)
    if (!edited.ok) return err(`Nothing was changed. ${edited.error}`)
    now = edited.value.document
  }
  return ok({ document: now, notice, select: null })
}

function changeLists(
  document: PlanDocument,
  { keys, field, add, remove }: Extract<BulkEdit, { kind: 'change_lists' }>,
): Result<BulkEdited, string> {
  const edits = document.tasks
    .filter((task) => keys.includes(task.key))
    .map((task): PlanEdit => {
      const kept = task[field].filter((entry) => !remove.includes(entry))
      const gained = field === 'depends_on' ? add.filter((entry) => entry !== task.key) : add
      const list = [...new Set([...kept, ...gained])]
      return field === 'depends_on'
        ? { kind: 'set_dependencies', key: task.key, depends_on: list }
        : { kind: 'set_field', key: task.key, change: field === 'tools' ? { tools: list } : { acceptance: list } }
    })
  return inTurn(document, edits, `${edits.length} tasks changed.`)
}

function duplicateAll(
  document: PlanDocument,
  keys: readonly string[],
  used?: ReadonlySet<string>,
): Result<BulkEdited, string> {
  let now = document
  const copyOf = new Map<string, string>()
  for (const key of keys) {
    const copied = editPlan(now, { kind: 'duplicate', key }, used)
    if (!copied.ok) return err(`Nothing was changed. ${copied.error}`)
    now = copied.value.document
    if (copied.value.select !== null) copyOf.set(key, copied.value.select)
  }
  const copies = [...copyOf.values()]
  const relinked = now.tasks.map((task) =>
    copies.includes(task.key) ? { ...task, depends_on: task.depends_on.map((on) => copyOf.get(on) ?? on) } : task,
  )
  const last = document.tasks.findLastIndex((task) => copyOf.has(task.key))
  return ok({
    document: moved({ ...now, tasks: relinked }, copies, last + 1),
    notice: `${copies.length} tasks duplicated.`,
    select: copies,
  })
}

function removeAll(document: PlanDocument, keys: readonly string[]): Result<BulkEdited, string> {
  const edits = keys.map((key): PlanEdit => ({ kind: 'remove', key, dependants: 'rewire' }))
  const removed = inTurn(document, edits, '')
  if (!removed.ok) return removed
  const first = document.tasks.findIndex((task) => keys.includes(task.key))
  const { tasks } = removed.value.document
  const next = tasks[Math.min(first, tasks.length - 1)]?.key
  const rewired = tasks.filter((task) => waitedFor(document, task).some((on) => keys.includes(on))).length
  const told = rewired === 0 ? '' : ` What waited for them (${rewired}) waits for what they waited for.`
  return ok({
    document: removed.value.document,
    notice: `${keys.length} tasks removed.${told}`,
    select: next === undefined ? [] : [next],
  })
}

function waitedFor(document: PlanDocument, { key }: PlanTask): readonly string[] {
  return document.tasks.find((task) => task.key === key)?.depends_on ?? []
}

function moved(document: PlanDocument, keys: readonly string[], to: number): PlanDocument {
  const block = document.tasks.filter((task) => keys.includes(task.key))
  const rest = document.tasks.filter((task) => !keys.includes(task.key))
  rest.splice(Math.max(0, Math.min(to, rest.length)), 0, ...block)
  return { ...document, tasks: rest }
}
