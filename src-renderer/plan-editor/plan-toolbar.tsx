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
import type { PlanEdit } from './plan-edit.ts'
import { planTexts } from './texts.ts'
import type { PlanDraft } from './use-plan-draft.ts'

/** Every edit of the table as a button, with its key. */
export function PlanToolbar({ draft, selected }: { draft: PlanDraft; selected: string | null }) {
  const { document, history, dispatch } = draft
  const index = document.tasks.findIndex((task) => task.key === selected)
  const task = document.tasks[index]
  const texts = planTexts.tools
  const tool = (label: string, icon: ReactNode, edit: PlanEdit | null, kbd?: string) => (
    <IconButton
      label={label}
      icon={icon}
      disabled={edit === null}
      onClick={() => edit !== null && dispatch({ kind: 'edit', edit })}
      {...(kbd === undefined ? {} : { kbd })}
    />
  )
  const key = task?.key ?? ''
  const on = (edit: PlanEdit, allowed = true) => (task !== undefined && allowed ? edit : null)
  return (
    <div role="toolbar" aria-label="Edit the plan" className="flex items-center gap-0.5">
      {tool(texts.add, <Plus size={16} />, { kind: 'add', after: selected }, 'A')}
      {tool(texts.duplicate, <Copy size={15} />, on({ kind: 'duplicate', key }), 'Ctrl D')}
      {tool(texts.split, <Split size={15} />, on({ kind: 'split', key }))}
      {tool(
        texts.remove,
        <Trash2 size={15} />,
        on({ kind: 'remove', key, dependants: 'rewire' }, document.tasks.length > 1),
        'Del',
      )}
      <span className="mx-1 h-4 w-px bg-line" />
      {tool(texts.up, <ArrowUp size={15} />, on({ kind: 'move', key, to: index - 1 }, index > 0), 'Alt ↑')}
      {tool(
        texts.down,
        <ArrowDown size={15} />,
        on({ kind: 'move', key, to: index + 1 }, index < document.tasks.length - 1),
        'Alt ↓',
      )}
      {tool(texts.indent, <IndentIncrease size={15} />, on({ kind: 'indent', key }, index > 0), 'Tab')}
      {tool(
        texts.outdent,
        <IndentDecrease size={15} />,
        on({ kind: 'outdent', key }, (task?.depends_on.length ?? 0) > 0),
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
