import { useState } from 'react'
import { changeSettings } from '#contract/change-settings.ts'
import type { Settings } from '#contract/settings.ts'
import { useSettings } from '../client/queries.ts'
import { Field, Select, TextArea } from '../parts/field.tsx'
import { Section } from '../parts/page.tsx'
import { commandTexts as texts } from '../texts/settings.ts'
import { SaveBar } from './save-bar.tsx'
import { useChangeSettings } from './use-change-settings.ts'

type Policy = Settings['command_policy']

const POLICIES = (['ask', 'allow', 'deny'] as const).map((value) => ({ value, label: texts.policies[value] }))

const NETWORKS = (['ask', 'allow', 'deny'] as const).map((value) => ({ value, label: texts.networks[value] }))

/** What models may run in the sandbox without a question (T5). */
export function CommandSettings() {
  const settings = useSettings()
  // The rest of the page shows the fault, or that it is being read.
  return settings.data === undefined ? null : <CommandForm settings={settings.data} />
}

function CommandForm({ settings }: { settings: Settings }) {
  const [edited, setEdited] = useState<{ policy?: Policy; network?: Policy; list?: string }>({})
  const change = useChangeSettings()
  const wanted = changeSettings.safeParse({
    command_policy: edited.policy ?? settings.command_policy,
    network_policy: edited.network ?? settings.network_policy,
    allowed_commands: linesOf(edited.list ?? settings.allowed_commands.join('\n')),
  })
  return (
    <form
      aria-label={texts.title}
      className="mt-10 flex max-w-2xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (wanted.success) change.mutate(wanted.data, { onSuccess: () => setEdited({}) })
      }}
    >
      <Section title={texts.title} hint={texts.hint}>
        <Field label={texts.policy}>
          {(ids) => (
            <Select
              {...ids}
              value={edited.policy ?? settings.command_policy}
              options={POLICIES}
              onChange={(policy) => setEdited({ ...edited, policy })}
            />
          )}
        </Field>
        <Field label={texts.list} hint={texts.listHint} error={wanted.success ? null : texts.wrong}>
          {(ids) => (
            <TextArea
              {...ids}
              rows={6}
              value={edited.list ?? settings.allowed_commands.join('\n')}
              onChange={(event) => setEdited({ ...edited, list: event.target.value })}
            />
          )}
        </Field>
        <Field label={texts.network}>
          {(ids) => (
            <Select
              {...ids}
              value={edited.network ?? settings.network_policy}
              options={NETWORKS}
              onChange={(network) => setEdited({ ...edited, network })}
            />
          )}
        </Field>
      </Section>
      <SaveBar
        dirty={Object.keys(edited).length > 0}
        valid={wanted.success}
        busy={change.isPending}
        onDiscard={() => setEdited({})}
      />
    </form>
  )
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
