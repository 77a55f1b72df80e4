import { X } from 'lucide-react'
import { useId, useState } from 'react'
import { IconButton } from '../parts/button.tsx'
import { Field, Input } from '../parts/field.tsx'
import { planTexts } from './texts.ts'

/** Entries that some of several tasks have, each with how many; one can be added to all, or taken from all. */
export function ListForAll({
  label,
  add,
  lists,
  known = [],
  disabled,
  onAdd,
  onRemove,
}: {
  label: string
  /** Name of the field that adds. */
  add: string
  /** The list of each task. */
  lists: readonly (readonly string[])[]
  /** What is proposed while one types. */
  known?: readonly { value: string; label: string }[]
  disabled: boolean
  onAdd: (entry: string) => void
  onRemove: (entry: string) => void
}) {
  const [text, setText] = useState('')
  const listId = useId()
  const entries = [...new Set(lists.flat())].map((entry) => ({
    entry,
    count: lists.filter((list) => list.includes(entry)).length,
  }))
  return (
    <div className="flex flex-col gap-1">
      <Field label={add}>
        {(ids) => (
          <Input
            {...ids}
            value={text}
            disabled={disabled}
            placeholder={planTexts.bulk.enter}
            list={known.length === 0 ? undefined : listId}
            className="font-mono text-xs"
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || text.trim() === '') return
              onAdd(text.trim())
              setText('')
            }}
          />
        )}
      </Field>
      {known.length > 0 && (
        <datalist id={listId}>
          {known.map((each) => (
            <option key={each.value} value={each.value} label={each.label} />
          ))}
        </datalist>
      )}
      {entries.length > 0 && (
        <ul aria-label={label} className="-mt-1 mb-1 flex flex-col">
          {entries.map(({ entry, count }) => (
            <li key={entry} className="flex min-h-6 items-center gap-2 text-xs">
              <span className="min-w-0 flex-1 break-words font-mono">{entry}</span>
              <span className="figures shrink-0 text-ink-3">{planTexts.bulk.share(count, lists.length)}</span>
              {!disabled && (
                <IconButton
                  label={planTexts.bulk.takeFromAll(entry)}
                  icon={<X size={12} />}
                  className="size-5"
                  onClick={() => onRemove(entry)}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
