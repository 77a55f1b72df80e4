import { useState } from 'react'
import { changeSettings } from '#contract/change-settings.ts'
import type { Settings } from '#contract/settings.ts'
import { useSettings } from '../client/queries.ts'
import { TextField } from '../parts/field.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { settingsTexts, workTexts as texts } from '../texts/settings.ts'
import { CardSettings } from './card-settings.tsx'
import { SaveBar } from './save-bar.tsx'
import { useChangeSettings } from './use-change-settings.ts'

type FieldName = keyof typeof texts.fields

const GROUPS: readonly { title: string; names: readonly FieldName[] }[] = [
  {
    title: texts.groups.parallel,
    names: [
      'max_concurrent',
      'max_concurrent_per_project',
      'max_concurrent_per_provider',
      'priority_step_ms',
      'max_streams',
      'max_body_bytes',
      'max_transfers',
    ],
  },
  { title: texts.groups.time, names: ['task_timeout_ms', 'step_timeout_ms', 'max_turns'] },
  {
    title: texts.groups.faults,
    names: ['max_retries', 'retry_base_ms', 'retry_cap_ms', 'breaker_failures', 'max_repairs'],
  },
  {
    title: texts.groups.batches,
    names: ['batch_window_ms', 'batch_max_requests', 'batch_poll_ms', 'batch_poll_cap_ms'],
  },
  {
    title: texts.groups.card,
    names: ['max_local_models', 'model_group_ms', 'gpu_batch_ms', 'gpu_release_ms', 'image_stall_ms'],
  },
]

/** How much work at once, how long it may take, and how often it is tried again. */
export function WorkSettings() {
  const settings = useSettings()
  if (settings.error !== null) return <FaultNote error={settings.error} retry={() => void settings.refetch()} />
  if (settings.data === undefined) return <SkeletonRows />
  return (
    <div className="flex flex-col gap-8">
      <WorkForm settings={settings.data} />
      <CardSettings settings={settings.data} />
    </div>
  )
}

function WorkForm({ settings }: { settings: Settings }) {
  const [edited, setEdited] = useState<Partial<Record<FieldName, string>>>({})
  const change = useChangeSettings()
  const errors = Object.fromEntries(
    Object.entries(edited).map(([name, text]) => [name, refusal(name as FieldName, text)]),
  ) as Partial<Record<FieldName, string | null>>
  return (
    <form
      aria-label={settingsTexts.sections.work}
      onSubmit={(event) => {
        event.preventDefault()
        const values = Object.entries(edited).map(([name, text]) => [name, toValue(name as FieldName, text)])
        change.mutate(Object.fromEntries(values), { onSuccess: () => setEdited({}) })
      }}
      className="flex max-w-2xl flex-col gap-6"
    >
      {GROUPS.map((group) => (
        <Section key={group.title} title={group.title}>
          <div className="grid gap-x-8 gap-y-2 sm:grid-cols-2">
            {group.names.map((name) => (
              <TextField
                key={name}
                label={texts.fields[name].label}
                hint={texts.fields[name].hint}
                error={errors[name]}
                inputMode="decimal"
                value={edited[name] ?? String(settings[name] / unitOf(name))}
                onChange={(event) => setEdited({ ...edited, [name]: event.target.value })}
              />
            ))}
          </div>
        </Section>
      ))}
      <SaveBar
        dirty={Object.keys(edited).length > 0}
        valid={Object.values(errors).every((error) => error === null)}
        busy={change.isPending}
        onDiscard={() => setEdited({})}
      />
    </form>
  )
}

/** Times are kept in ms and shown in seconds; sizes in bytes, and shown in megabytes. */
function unitOf(name: FieldName): number {
  if (name.endsWith('_ms')) return 1_000
  return name.endsWith('_bytes') ? 1_000_000 : 1
}

function toValue(name: FieldName, text: string): number {
  const unit = unitOf(name)
  return unit === 1 ? Number(text) : Math.round(Number(text) * unit)
}

function refusal(name: FieldName, text: string): string | null {
  const value = text.trim() === '' ? Number.NaN : toValue(name, text)
  const field = changeSettings.shape[name]
  if (field.safeParse(value).success) return null
  const { minValue, maxValue } = field.unwrap()
  const shown = (bound: number | null) => (bound ?? 0) / unitOf(name)
  return settingsTexts.notNumber(shown(minValue), shown(maxValue))
}
