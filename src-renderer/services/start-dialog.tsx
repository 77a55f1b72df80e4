import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import type { Service } from '#contract/service.ts'
import { type StartableService, type StartCommand, startCommand } from '#contract/service-start.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field, Select, TextArea, TextField } from '../parts/field.tsx'
import { toastFault } from '../parts/toast.tsx'
import { ownServiceTexts as texts } from '../texts/services.ts'

const WHENS = (['on_demand', 'at_start', 'by_hand'] as const).map((value) => ({ value, label: texts.when[value] }))

/** How Baton starts a server: one argument on each line, so that nothing has to be quoted. An empty command means not at all. */
export function StartDialog({
  service,
  name,
  onClose,
}: {
  service: Service
  name: StartableService
  onClose: () => void
}) {
  const known = service.own?.start ?? null
  const [words, setWords] = useState(known?.command.join('\n') ?? '')
  const [folder, setFolder] = useState(known?.folder ?? '')
  const [when, setWhen] = useState<StartCommand['when']>(known?.when ?? 'on_demand')
  const formId = useId()
  const save = useSave(onClose)
  const command = words.split('\n').filter((line) => line !== '')
  const parsed = startCommand.safeParse({ command, folder: folder.trim() === '' ? null : folder.trim(), when })
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.commandOf(service.label)}
      footer={
        <>
          <Button onClick={onClose}>{texts.leave}</Button>
          <Button type="submit" form={formId} variant="primary" busy={save.isPending}>
            {texts.save}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (command.length === 0) save.mutate({ name, start: null })
          else if (parsed.success) save.mutate({ name, start: parsed.data })
        }}
      >
        <Field label={texts.fields.command} hint={texts.hints.command}>
          {(ids) => (
            <TextArea
              {...ids}
              rows={4}
              spellCheck={false}
              placeholder={texts.example[name]}
              className="font-mono"
              value={words}
              onChange={(event) => setWords(event.target.value)}
            />
          )}
        </Field>
        <TextField
          label={texts.fields.folder}
          hint={texts.hints.folder}
          spellCheck={false}
          value={folder}
          onChange={(event) => setFolder(event.target.value)}
        />
        <Field label={texts.fields.when}>
          {(ids) => <Select {...ids} value={when} options={WHENS} onChange={setWhen} />}
        </Field>
      </form>
    </Dialog>
  )
}

function useSave(onSaved: () => void) {
  const client = useClient()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (start: { name: StartableService; start: StartCommand | null }) => client.services.setStart(start),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keys.services })
      onSaved()
    },
    onError: toastFault,
  })
}
