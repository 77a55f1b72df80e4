import { useFixedSettings } from '../client/queries.ts'
import { settingsTexts as texts } from '../texts/settings.ts'

/** Says which values the configuration file sets (X3), so that nobody tries to change them here. */
export function FixedNote() {
  const { data } = useFixedSettings()
  const names = [...(data?.budget ?? []), ...(data?.settings ?? [])]
  if (data?.file == null || names.length === 0) return null
  return (
    <p role="note" className="mb-6 rounded border p-3 text-ink-2 select-text">
      {texts.fixed(data.file)} <span className="font-mono text-xs">{names.join(', ')}</span>
    </p>
  )
}
