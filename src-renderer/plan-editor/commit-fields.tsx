import { useEffect, useState } from 'react'
import { Field, Input, TextArea } from '../parts/field.tsx'

/** A text that is handed over when the field is left (or with Ctrl+Enter), so that one undo takes back one change. */
export function CommitText({
  label,
  hint,
  value,
  onCommit,
  disabled,
  rows,
  mono = false,
}: {
  label: string
  hint?: string
  value: string
  onCommit: (value: string) => void
  disabled: boolean
  /** Absent: one line. */
  rows?: number
  mono?: boolean
}) {
  const [text, setText] = useState(value)
  // Undo, the table and other fields change the value from outside.
  useEffect(() => setText(value), [value])
  const commit = () => {
    if (text !== value) onCommit(text)
  }
  const control = {
    value: text,
    disabled,
    onChange: (event: { target: { value: string } }) => setText(event.target.value),
    onBlur: commit,
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key === 'Escape' && text !== value) {
        event.preventDefault()
        setText(value)
      } else if (event.key === 'Enter' && (rows === undefined || event.ctrlKey || event.metaKey)) commit()
    },
    ...(mono ? { className: 'font-mono text-xs', spellCheck: false } : {}),
  }
  return (
    <Field label={label} hint={hint}>
      {(ids) => (rows === undefined ? <Input {...ids} {...control} /> : <TextArea {...ids} {...control} rows={rows} />)}
    </Field>
  )
}

/** A list written one entry per line. */
export function CommitLines(
  props: Omit<Parameters<typeof CommitText>[0], 'value' | 'onCommit'> & {
    value: readonly string[]
    onCommit: (value: string[]) => void
  },
) {
  const { value, onCommit, rows = Math.max(2, value.length), ...rest } = props
  const toLines = (text: string) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
  return <CommitText {...rest} rows={rows} value={value.join('\n')} onCommit={(text) => onCommit(toLines(text))} />
}
