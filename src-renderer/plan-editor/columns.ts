import type { PlanTask } from '#contract/plan.ts'
import { complexity, taskType, tier } from '#contract/states.ts'
import type { PlanEdit } from './plan-edit.ts'
import type { AnyEdit } from './plan-history.ts'

/** A column of the plan's table: how a cell reads, how it is edited, and what an edit means. */
export type PlanColumn = {
  name: 'key' | 'title' | 'type' | 'complexity' | 'tier' | 'depends_on' | 'estimate'
  label: string
  /** A CSS grid track. */
  width: string
  /** Choices, where the value is one of few; null: text; `none`: the cell cannot be edited. */
  choices: readonly { value: string; label: string }[] | null | 'none'
  read: (task: PlanTask) => string
  edit: (task: PlanTask, text: string) => PlanEdit | null
}

const named = (values: readonly string[]) => values.map((value) => ({ value, label: value }))

export const TIER_CHOICES = [{ value: '', label: 'by routing' }, ...named(tier.options)]

export const PLAN_COLUMNS: readonly PlanColumn[] = [
  {
    name: 'key',
    label: 'Key',
    width: '52px',
    choices: null,
    read: (task) => task.key,
    edit: (task, text) => ({ kind: 'rename', key: task.key, to: text.trim() }),
  },
  {
    name: 'title',
    label: 'Task',
    width: 'minmax(160px,1fr)',
    choices: null,
    read: (task) => task.title,
    edit: (task, text) => ({ kind: 'set_field', key: task.key, change: { title: text } }),
  },
  {
    name: 'type',
    label: 'Type',
    width: '78px',
    choices: named(taskType.options),
    read: (task) => task.type,
    edit: (task, text) => set(task, taskType.safeParse(text).data, (type) => ({ type })),
  },
  {
    name: 'complexity',
    label: 'Size',
    width: '78px',
    choices: named(complexity.options),
    read: (task) => task.complexity,
    edit: (task, text) => set(task, complexity.safeParse(text).data, (size) => ({ complexity: size })),
  },
  {
    name: 'tier',
    label: 'Tier',
    width: '84px',
    choices: TIER_CHOICES,
    read: (task) => task.tier ?? '',
    edit: (task, text) => set(task, text === '' ? null : tier.safeParse(text).data, (chosen) => ({ tier: chosen })),
  },
  {
    name: 'depends_on',
    label: 'After',
    width: '84px',
    choices: null,
    read: (task) => task.depends_on.join(', '),
    edit: (task, text) => ({
      kind: 'set_dependencies',
      key: task.key,
      depends_on: text.split(/[\s,;]+/).filter(Boolean),
    }),
  },
  {
    name: 'estimate',
    label: 'Estimate',
    width: '100px',
    choices: 'none',
    read: () => '',
    edit: () => null,
  },
]

function set<Value>(
  task: PlanTask,
  value: Value | undefined,
  change: (value: Value) => Extract<PlanEdit, { kind: 'set_field' }>['change'],
): PlanEdit | null {
  return value === undefined ? null : { kind: 'set_field', key: task.key, change: change(value) }
}

/**
 * What an edit of one cell means where several tasks are chosen: a choice is made for all of them, dependencies that were
 * added or taken away are so for all, and a name or title belongs to the one.
 */
export function forChosen(edit: PlanEdit, task: PlanTask, chosen: readonly string[]): AnyEdit {
  if (chosen.length < 2 || !chosen.includes(task.key)) return edit
  if (edit.kind === 'set_dependencies') {
    const add = edit.depends_on.filter((key) => !task.depends_on.includes(key))
    const remove = task.depends_on.filter((key) => !edit.depends_on.includes(key))
    return { kind: 'change_lists', keys: chosen, field: 'depends_on', add, remove }
  }
  if (edit.kind === 'set_field' && edit.change.title === undefined)
    return { kind: 'set_all', keys: chosen, change: edit.change }
  return edit
}
