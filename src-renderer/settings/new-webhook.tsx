import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { newWebhook } from '#contract/webhook.ts'
import { keys } from '../client/keys.ts'
import { useProjects } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { Field, Select, TextField } from '../parts/field.tsx'
import { useCall } from '../project/use-call.ts'
import { webhookTexts as texts } from '../texts/webhooks.ts'
import { ShownOnce } from './shown-once.tsx'

type CommonEvent = keyof typeof texts.eventNames
type Asked = CommonEvent | '*'

const COMMON = Object.keys(texts.eventNames) as CommonEvent[]
const PRESET: readonly Asked[] = ['task.completed', 'task.failed']
const ALL = ''

/** A form for one more webhook; its secret is shown under it, this once. */
export function NewWebhook() {
  const queries = useQueryClient()
  const projects = useProjects()
  const [url, setUrl] = useState('')
  const [events, setEvents] = useState(PRESET)
  const [project, setProject] = useState(ALL)
  const [tried, setTried] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)
  const isUrl = newWebhook.shape.url.safeParse(url).success
  const add = useCall(
    (client, given: { url: string }) =>
      client.webhooks.create({ ...given, events: [...events], project_id: project === ALL ? null : project }),
    (made) => {
      setSecret(made.secret)
      setUrl('')
      setTried(false)
      void queries.invalidateQueries({ queryKey: keys.webhooks })
    },
  )
  const toggle = (event: Asked, isAsked: boolean) =>
    setEvents(isAsked ? [...events, event] : events.filter((one) => one !== event))
  const isAll = events.includes('*')
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (isUrl) add.run({ url })
        }}
        className="flex flex-col gap-2"
      >
        <div className="flex flex-wrap items-start gap-4">
          <TextField
            label={texts.url}
            hint={texts.urlHint}
            error={tried && !isUrl ? texts.urlWrong : null}
            className="min-w-72 flex-1"
            inputMode="url"
            value={url}
            onChange={(event) => setUrl(event.target.value.trim())}
          />
          <Field label={texts.project}>
            {(ids) => (
              <Select
                {...ids}
                className="w-52"
                value={project}
                options={[
                  { value: ALL, label: texts.allProjects },
                  ...(projects.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
                ]}
                onChange={setProject}
              />
            )}
          </Field>
        </div>
        <fieldset>
          <legend className="text-xs font-medium text-ink-2">{texts.events}</legend>
          <div className="flex flex-wrap gap-x-4 gap-y-1 py-1">
            <Choice label={texts.everything} checked={isAll} onChange={(checked) => toggle('*', checked)} />
            {COMMON.map((event) => (
              <Choice
                key={event}
                label={texts.eventNames[event]}
                checked={isAll || events.includes(event)}
                disabled={isAll}
                onChange={(checked) => toggle(event, checked)}
              />
            ))}
          </div>
        </fieldset>
        <div>
          <Button type="submit" busy={add.isBusy} disabled={url === '' || events.length === 0}>
            {texts.add}
          </Button>
        </div>
      </form>
      {secret !== null && <ShownOnce label={texts.secret} secret={secret} />}
    </>
  )
}

function Choice({
  label,
  checked,
  disabled = false,
  onChange,
}: {
  label: string
  checked: boolean
  disabled?: boolean
  onChange: (checked: boolean) => void
}) {
  return (
    <label className="flex items-center gap-1">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      {label}
    </label>
  )
}
