import type { PlanDocument } from '#contract/plan.ts'

/** Which tasks of the plan are chosen, and where the keyboard stands. */
export type PlanSelection = {
  /** What edits are about. Empty: the task at the cursor alone. */
  keys: ReadonlySet<string>
  /** The task that is shown in full and from which arrows move; null where the plan has none. */
  cursor: string | null
  /** Where a range that Shift extends begins. */
  anchor: string | null
  /** One task that was only gone to: the first box that is checked chooses anew instead of adding to it. */
  isPlain: boolean
}

/**
 * How a task is chosen: alone, up to it from where the range began, in or out of what is chosen, the same by its checkbox,
 * or only looked at.
 */
export type ChooseHow = 'only' | 'extend' | 'toggle' | 'check' | 'look'

/** What a click means by the keys held with it. */
export function howOf(event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): ChooseHow {
  if (event.shiftKey) return 'extend'
  return event.ctrlKey || event.metaKey ? 'toggle' : 'only'
}

export function selectOnly(key: string | null): PlanSelection {
  return { keys: new Set(key === null ? [] : [key]), cursor: key, anchor: key, isPlain: true }
}

/** Several tasks, the first of them at the cursor. */
export function selectMany(keys: readonly string[]): PlanSelection {
  const first = keys[0] ?? null
  return { keys: new Set(keys), cursor: first, anchor: first, isPlain: keys.length < 2 }
}

export function selectAll(document: PlanDocument, { cursor }: PlanSelection): PlanSelection {
  const keys = document.tasks.map((task) => task.key)
  return { keys: new Set(keys), cursor: cursor ?? keys[0] ?? null, anchor: keys[0] ?? null, isPlain: false }
}

export function choose(document: PlanDocument, selection: PlanSelection, key: string, how: ChooseHow): PlanSelection {
  switch (how) {
    case 'only':
      return selectOnly(key)
    case 'look':
      return { ...selection, cursor: key }
    case 'check':
    case 'toggle': {
      const keys = new Set(how === 'check' && selection.isPlain ? [] : selection.keys)
      if (!keys.delete(key)) keys.add(key)
      return { keys, cursor: key, anchor: key, isPlain: false }
    }
    case 'extend': {
      const order = document.tasks.map((task) => task.key)
      const to = order.indexOf(key)
      const from = selection.anchor === null ? to : order.indexOf(selection.anchor)
      const range = order.slice(Math.min(from, to), Math.max(from, to) + 1)
      return { keys: new Set(range), cursor: key, anchor: selection.anchor ?? key, isPlain: range.length < 2 }
    }
  }
}

/** What a person chose, and the last edit that had its say in it. */
export type KeptSelection = {
  selection: PlanSelection
  /** The tasks that edit was about, by the identity of the list. */
  edit: readonly string[]
}

/** The plan as it is, in which something is chosen. */
export type SelectionPlace = {
  document: PlanDocument
  /** What the last edit was about, a new list for each edit; empty where none is to be chosen. */
  edited: readonly string[]
  /** The row of the cursor, which stays where its task goes. */
  row: number
}

/**
 * What is chosen after an edit (`act` null), or after a person chose something. A choice comes after the edit of the
 * same moment: leaving a field by a click edits one task and chooses another.
 */
export function advanceSelection(
  kept: KeptSelection,
  act: ((document: PlanDocument, selection: PlanSelection) => PlanSelection) | null,
  { document, edited, row }: SelectionPlace,
): KeptSelection {
  let { selection } = kept
  if (kept.edit !== edited && edited.length > 0) {
    const isChosenAlready = edited.length === selection.keys.size && edited.every((key) => selection.keys.has(key))
    if (!isChosenAlready) selection = selectMany(edited)
  }
  return { selection: act === null ? selection : act(document, settle(document, selection, row)), edit: edited }
}

/**
 * The selection without tasks that are not there any more. Where the cursor's is not, the cursor goes to what stands in
 * its place (`place`, counted from 0); where the anchor's is not, ranges begin at the cursor.
 */
export function settle(document: PlanDocument, selection: PlanSelection, place: number): PlanSelection {
  const present = new Set(document.tasks.map((task) => task.key))
  const keys = [...selection.keys].filter((key) => present.has(key))
  if (selection.cursor === null || !present.has(selection.cursor)) {
    const next = document.tasks[Math.max(0, Math.min(place, document.tasks.length - 1))]
    return keys.length > 0 ? selectMany(keys) : selectOnly(next?.key ?? null)
  }
  const anchor = selection.anchor !== null && present.has(selection.anchor) ? selection.anchor : selection.cursor
  if (keys.length === selection.keys.size && anchor === selection.anchor) return selection
  return { ...selection, keys: new Set(keys), anchor }
}

/** Keys of the tasks that an edit is about, in the order of the plan. */
export function actedOn(document: PlanDocument, { keys, cursor }: PlanSelection): string[] {
  const order = document.tasks.map((task) => task.key)
  return keys.size > 0 ? order.filter((key) => keys.has(key)) : order.filter((key) => key === cursor)
}
