import { useEffect, useReducer, useRef } from 'react'
import type { PlanDocument } from '#contract/plan.ts'
import {
  actedOn,
  advanceSelection,
  type ChooseHow,
  choose,
  type KeptSelection,
  type PlanSelection,
  selectAll,
  selectMany,
  selectOnly,
  settle,
} from './plan-selection.ts'

/** The chosen tasks, and how they are chosen. A field that is being written in is left first. */
export type Choosing = PlanSelection & {
  /** What edits are about, in the order of the plan. */
  chosen: readonly string[]
  choose: (key: string, how: ChooseHow) => void
  chooseMany: (keys: readonly string[]) => void
  chooseAll: () => void
}

type Act = Parameters<typeof advanceSelection>[1]

/** The tasks that a person chose, or those that the last edit was about: `edited`, a new list for each edit. */
export function usePlanSelection(document: PlanDocument, edited: readonly string[]): Choosing {
  const place = useRef(0)
  const [kept, advance] = useReducer(
    (known: KeptSelection, act: Act) => advanceSelection(known, act, { document, edited, row: place.current }),
    null,
    (): KeptSelection => ({ selection: selectOnly(document.tasks[0]?.key ?? null), edit: edited }),
  )
  // Advanced while drawing, so that no picture shows the edit with another selection.
  if (kept.edit !== edited) advance(null)
  const selection = settle(document, kept.selection, place.current)
  const { cursor } = selection
  useEffect(() => {
    place.current = document.tasks.findIndex((task) => task.key === cursor)
  }, [document, cursor])
  const act = (chosen: NonNullable<Act>) => {
    leaveField()
    advance(chosen)
  }
  return {
    ...selection,
    chosen: actedOn(document, selection),
    choose: (key, how) => act((now, known) => choose(now, known, key, how)),
    chooseMany: (keys) => act(() => selectMany(keys)),
    chooseAll: () => act(selectAll),
  }
}

/** A field hands over what was typed when it is left: for the tasks that were chosen then, and while it is still there. */
function leaveField(): void {
  const active = window.document.activeElement
  if (active instanceof HTMLElement && active.matches('input, textarea, select')) active.blur()
}
