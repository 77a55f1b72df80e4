import type { PlanDocument } from '#contract/plan.ts'
import type { AnyEdit, HistoryAction } from './plan-history.ts'

type Key = { key: string; ctrlKey: boolean; metaKey: boolean; shiftKey: boolean; altKey: boolean }

/**
 * What a key means for the chosen tasks of the plan (in its order); null where it means nothing here. These hold in the
 * table and in the graph, wherever no field is being edited.
 */
export function planKey(event: Key, document: PlanDocument, chosen: readonly string[]): HistoryAction | null {
  const isCommand = event.ctrlKey || event.metaKey
  const letter = event.key.toLowerCase()
  if (isCommand && letter === 'z') return { kind: event.shiftKey ? 'redo' : 'undo' }
  if (isCommand && letter === 'y') return { kind: 'redo' }
  const edit = editOf(event, document, chosen)
  return edit === null ? null : { kind: 'edit', edit }
}

function editOf(event: Key, document: PlanDocument, chosen: readonly string[]): AnyEdit | null {
  const isCommand = event.ctrlKey || event.metaKey
  const letter = event.key.toLowerCase()
  if (!isCommand && !event.altKey && letter === 'a') return { kind: 'add', after: chosen.at(-1) ?? null }
  if (chosen.length === 0) return null
  if (isCommand) return letter === 'd' ? edits.duplicate(chosen) : null
  if (event.key === 'Delete' || event.key === 'Backspace') return edits.remove(chosen)
  if (event.altKey && event.key === 'ArrowUp') return edits.moveBy(document, chosen, -1)
  if (event.altKey && event.key === 'ArrowDown') return edits.moveBy(document, chosen, 1)
  if (event.key === 'Tab') return event.shiftKey ? edits.outdent(chosen) : edits.indent(chosen)
  return null
}

/** The edits of keys and buttons, for one task or for several. */
export const edits = {
  duplicate: (keys: readonly string[]): AnyEdit =>
    forOne(keys, (key) => ({ kind: 'duplicate', key })) ?? { kind: 'duplicate_all', keys },
  remove: (keys: readonly string[]): AnyEdit =>
    forOne(keys, (key) => ({ kind: 'remove', key, dependants: 'rewire' })) ?? { kind: 'remove_all', keys },
  indent: (keys: readonly string[]): AnyEdit =>
    forOne(keys, (key) => ({ kind: 'indent', key })) ?? { kind: 'indent_all', keys },
  outdent: (keys: readonly string[]): AnyEdit =>
    forOne(keys, (key) => ({ kind: 'outdent', key })) ?? { kind: 'outdent_all', keys },
  /** One place up or down, in one block. */
  moveBy(document: PlanDocument, keys: readonly string[], by: -1 | 1): AnyEdit {
    const edge = document.tasks.findIndex((task) => task.key === (by === -1 ? keys[0] : keys.at(-1)))
    const before = document.tasks.slice(0, Math.max(0, edge)).filter((task) => !keys.includes(task.key)).length
    return { kind: 'move_all', keys, to: before + by }
  },
}

function forOne(keys: readonly string[], make: (key: string) => AnyEdit): AnyEdit | null {
  const [only] = keys
  return only === undefined || keys.length > 1 ? null : make(only)
}
