import type { ReactNode, RefObject } from 'react'
import type { Plan } from '#contract/plan.ts'
import { BulkForm } from './bulk-form.tsx'
import { TaskComments } from './task-comments.tsx'
import { TaskForm } from './task-form.tsx'
import { planTexts } from './texts.ts'
import type { PlanCheck } from './use-plan-check.ts'
import type { PlanDraft } from './use-plan-draft.ts'
import type { Choosing } from './use-plan-selection.ts'

/** Beside the table: all of the task at the cursor with its comments, or what can be changed in several at once. */
export function PlanAside({
  ref,
  plan,
  draft,
  check,
  choosing,
  isEditable,
  onLeave,
  children,
}: {
  ref: RefObject<HTMLElement | null>
  /** The stored version, to which comments belong. */
  plan: Plan
  draft: PlanDraft
  check: PlanCheck
  choosing: Choosing
  isEditable: boolean
  /** Esc was pressed in it. */
  onLeave: () => void
  /** What stands above. */
  children: ReactNode
}) {
  const { document, dispatch } = draft
  const task = document.tasks.find((each) => each.key === choosing.cursor)
  return (
    <aside ref={ref} aria-label={planTexts.aside} className="flex w-84 shrink-0 flex-col border-l">
      {children}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a key that the fields inside leave over */}
      <div
        className="min-h-0 flex-1 overflow-auto"
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || event.defaultPrevented) return
          event.preventDefault()
          onLeave()
        }}
      >
        {choosing.chosen.length > 1 ? (
          <BulkForm document={document} chosen={choosing.chosen} isEditable={isEditable} dispatch={dispatch} />
        ) : task === undefined ? (
          <p className="p-4 text-ink-3">{planTexts.noTask}</p>
        ) : (
          <TaskForm
            key={task.key}
            task={task}
            estimate={check.estimate?.tasks.find((each) => each.key === task.key)}
            problems={check.problems}
            isEditable={isEditable}
            dispatch={dispatch}
            comments={<TaskComments plan={plan} task={task.key} stored={draft.history.names.get(task.key) ?? null} />}
          />
        )}
      </div>
    </aside>
  )
}

/** Puts the keyboard into the first field of the task, or where comments on it are written. */
export function focusField(aside: HTMLElement | null, what: 'fields' | 'comments'): void {
  const part = what === 'comments' ? '[data-part="comments"] *' : ':not([data-part="comments"] *)'
  aside?.querySelector<HTMLElement>(`${part}:is(textarea, input, select):not(:disabled)`)?.focus()
}
