import type { PlanDocument } from '#contract/plan.ts'
import type { HistoryAction } from './plan-history.ts'

type Key = { key: string; ctrlKey: boolean; metaKey: boolean; shiftKey: boolean; altKey: boolean }

/**
 * What a key means for the selected task of the plan; null where it means nothing here. These hold in the table and in
 * the graph, wherever no field is being edited.
 */
export function planKey(event: Key, document: PlanDocument, selected: string | null): HistoryAction | null {
  const isCommand = event.ctrlKey || event.metaKey
  const letter = event.key.toLowerCase()
  if (isCommand && letter === 'z') return { kind: event.shiftKey ? 'redo' : 'undo' }
  if (isCommand && letter === 'y') return { kind: 'redo' }
  if (!isCommand && !event.altKey && letter === 'a') return { kind: 'edit', edit: { kind: 'add', after: selected } }
  if (selected === null) return null
  if (isCommand && letter === 'd') return { kind: 'edit', edit: { kind: 'duplicate', key: selected } }
  if (isCommand) return null
  if (event.key === 'Delete' || event.key === 'Backspace') {
    return { kind: 'edit', edit: { kind: 'remove', key: selected, dependants: 'rewire' } }
  }
  if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    const index = document.tasks.findIndex((task) => task.key === selected)
    const to = index + (event.key === 'ArrowUp' ? -1 : 1)
    return { kind: 'edit', edit: { kind: 'move', key: selected, to } }
  }
  if (event.key === 'Tab') {
    return { kind: 'edit', edit: { kind: event.shiftKey ? 'outdent' : 'indent', key: selected } }
  }
  return null
}
