import type { PlanDocument } from '#contract/plan.ts'
import type { AnyEdit } from './plan-history.ts'

/** Where dragged rows would land: in front of the task at `at` (the number of tasks: at the end), or as what `key` waits for. */
export type DropPlace = { kind: 'gap'; at: number } | { kind: 'after'; key: string }

/** What dropping means: tasks stand elsewhere, or a task waits for those that were dragged onto it. */
export function dropped(document: PlanDocument, keys: readonly string[], place: DropPlace): AnyEdit {
  if (place.kind === 'after')
    return { kind: 'change_lists', keys: [place.key], field: 'depends_on', add: keys, remove: [] }
  const to = document.tasks.slice(0, place.at).filter((task) => !keys.includes(task.key)).length
  return { kind: 'move_all', keys, to }
}

/** The place under a pointer at `y` of a row, of which the upper half means in front of it. */
export function gapAt(index: number, y: number, row: { top: number; height: number }): DropPlace {
  return { kind: 'gap', at: y < row.top + row.height / 2 ? index : index + 1 }
}

export function samePlace(one: DropPlace | null, other: DropPlace | null): boolean {
  if (one === null || other === null) return one === other
  if (one.kind === 'gap') return other.kind === 'gap' && one.at === other.at
  return other.kind === 'after' && one.key === other.key
}
