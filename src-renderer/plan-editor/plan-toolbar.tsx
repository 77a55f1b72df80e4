import {
  ArrowDown,
  ArrowDownUp,
  ArrowUp,
  Copy,
  IndentDecrease,
  IndentIncrease,
  Plus,
  Redo2,
  Split,
  Trash2,
  Undo2,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from '../parts/button.tsx'
import type { AnyEdit } from './plan-history.ts'
import { edits } from './plan-keys.ts'
import { planTexts } from './texts.ts'
import type { PlanDraft } from './use-plan-draft.ts'

/** Every edit of the table as a button, with its key; `chosen` are the keys of the tasks it is about, in their order. */
export function PlanToolbar({ draft, chosen }: { draft: PlanDraft; chosen: readonly string[] }) {
  const { document, history, dispatch } = draft
  const texts = planTexts.tools
  const tool = (label: string, icon: ReactNode, edit: AnyEdit | null, kbd?: string) => (
    <IconButton
      label={label}
      icon={icon}
      disabled={edit === null}
      onClick={() => edit !== null && dispatch({ kind: 'edit', edit })}
      {...(kbd === undefined ? {} : { kbd })}
    />
  )
  const on = (edit: AnyEdit, allowed = true) => (chosen.length > 0 && allowed ? edit : null)
  const tasks = document.tasks.filter((task) => chosen.includes(task.key))
  const isOne = chosen.length === 1
  const canLeave = (end: 0 | -1) => document.tasks.at(end)?.key !== chosen.at(end) || !isTogether(draft, chosen)
  return (
    <div role="toolbar" aria-label="Edit the plan" className="flex items-center gap-0.5">
      {tool(texts.add, <Plus size={16} />, { kind: 'add', after: chosen.at(-1) ?? null }, 'A')}
      {tool(texts.duplicate, <Copy size={15} />, on(edits.duplicate(chosen)), 'Ctrl D')}
      {tool(texts.split, <Split size={15} />, on({ kind: 'split', key: chosen[0] ?? '' }, isOne))}
      {tool(texts.remove, <Trash2 size={15} />, on(edits.remove(chosen), document.tasks.length > chosen.length), 'Del')}
      <span className="mx-1 h-4 w-px bg-line" />
      {tool(texts.up, <ArrowUp size={15} />, on(edits.moveBy(document, chosen, -1), canLeave(0)), 'Alt ↑')}
      {tool(texts.down, <ArrowDown size={15} />, on(edits.moveBy(document, chosen, 1), canLeave(-1)), 'Alt ↓')}
      {tool(
        texts.indent,
        <IndentIncrease size={15} />,
        on(edits.indent(chosen), !isOne || document.tasks[0]?.key !== chosen[0]),
        'Tab',
      )}
      {tool(
        texts.outdent,
        <IndentDecrease size={15} />,
        on(
          edits.outdent(chosen),
          tasks.some((task) => task.depends_on.length > 0),
        ),
        'Shift Tab',
      )}
      {tool(texts.order, <ArrowDownUp size={15} />, { kind: 'order' })}
      <span className="mx-1 h-4 w-px bg-line" />
      <IconButton
        label={texts.undo}
        kbd="Ctrl Z"
        icon={<Undo2 size={15} />}
        disabled={history.past.length === 0}
        onClick={() => dispatch({ kind: 'undo' })}
      />
      <IconButton
        label={texts.redo}
        kbd="Ctrl Shift Z"
        icon={<Redo2 size={15} />}
        disabled={history.future.length === 0}
        onClick={() => dispatch({ kind: 'redo' })}
      />
    </div>
  )
}

/** Whether the chosen tasks stand in one block, which at an end of the list cannot move further. */
function isTogether({ document }: PlanDraft, chosen: readonly string[]): boolean {
  const places = chosen.map((key) => document.tasks.findIndex((task) => task.key === key))
  return (places.at(-1) ?? 0) - (places[0] ?? 0) === chosen.length - 1
}
