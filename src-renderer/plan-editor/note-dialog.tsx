import { useState } from 'react'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field, TextArea } from '../parts/field.tsx'

/** Asks for a note to a decision about a plan. */
export function NoteDialog(props: {
  title: string
  label: string
  hint: string
  action: string
  isNeeded?: boolean
  isDanger?: boolean
  isBusy: boolean
  onClose: () => void
  onSend: (note: string) => void
}) {
  const [note, setNote] = useState('')
  const isReady = props.isNeeded !== true || note.trim() !== ''
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={props.title}
      footer={
        <>
          <Button onClick={props.onClose}>Not now</Button>
          <Button
            variant={props.isDanger === true ? 'danger' : 'primary'}
            busy={props.isBusy}
            disabled={!isReady}
            onClick={() => props.onSend(note.trim())}
          >
            {props.action}
          </Button>
        </>
      }
    >
      <Field label={props.label} hint={props.hint}>
        {(ids) => (
          <TextArea
            {...ids}
            rows={5}
            value={note}
            maxLength={props.isNeeded === true ? 20_000 : 2_000}
            onChange={(event) => setNote(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && isReady) props.onSend(note.trim())
            }}
          />
        )}
      </Field>
    </Dialog>
  )
}
