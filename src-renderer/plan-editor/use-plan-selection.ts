import { useEffect, useRef, useState } from 'react'
import type { PlanDocument } from '#contract/plan.ts'
import {
  actedOn,
  type ChooseHow,
  choose,
  type PlanSelection,
  selectAll,
  selectMany,
  selectOnly,
  settle,
} from './plan-selection.ts'

/** The chosen tasks, and how they are chosen. */
export type Choosing = PlanSelection & {
  /** What edits are about, in the order of the plan. */
  chosen: readonly string[]
  choose: (key: string, how: ChooseHow) => void
  chooseMany: (keys: readonly string[]) => void
  chooseAll: () => void
}

/** The tasks that a person chose, or those that the last edit was about: `edited`, a new list for each edit. */
export function usePlanSelection(document: PlanDocument, edited: readonly string[]): Choosing {
  const [kept, setKept] = useState(() => selectOnly(document.tasks[0]?.key ?? null))
  const [seen, setSeen] = useState(edited)
  const place = useRef(0)
  let selection = kept
  // Set while drawing, so that no picture shows the edit with another selection.
  if (seen !== edited) {
    setSeen(edited)
    const isChosenAlready = edited.length === kept.keys.size && edited.every((key) => kept.keys.has(key))
    if (edited.length > 0 && !isChosenAlready) {
      selection = selectMany(edited)
      setKept(selection)
    }
  }
  selection = settle(document, selection, place.current)
  const { cursor } = selection
  useEffect(() => {
    place.current = document.tasks.findIndex((task) => task.key === cursor)
  }, [document, cursor])
  return {
    ...selection,
    chosen: actedOn(document, selection),
    choose: (key, how) => setKept(choose(document, selection, key, how)),
    chooseMany: (keys) => setKept(selectMany(keys)),
    chooseAll: () => setKept(selectAll(document, selection)),
  }
}
