import type { Settings } from '#contract/settings.ts'
import { useSettings } from '../client/queries.ts'
import { Switch } from '../parts/field.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { desktopTexts as texts } from '../texts/settings.ts'
import { useChangeSettings } from './use-change-settings.ts'

const KINDS = Object.keys(texts.kinds) as (keyof typeof texts.kinds)[]

/** Tray, start at login and notifications of the desktop (U4); shown in its window only. */
export function DesktopSettings() {
  const settings = useSettings()
  if (settings.error !== null) return <FaultNote error={settings.error} retry={() => void settings.refetch()} />
  return settings.data === undefined ? <SkeletonRows /> : <DesktopForm settings={settings.data} />
}

function DesktopForm({ settings }: { settings: Settings }) {
  const change = useChangeSettings()
  return (
    <div className="flex flex-col gap-8">
      <Section title={texts.title}>
        <div className="flex max-w-2xl flex-col gap-4">
          <Switch
            checked={settings.desktop_tray}
            label={texts.tray}
            hint={texts.trayHint}
            onChange={(desktop_tray) => change.mutate({ desktop_tray })}
          />
          <Switch
            checked={settings.desktop_close_to_tray}
            disabled={!settings.desktop_tray}
            label={texts.close}
            hint={texts.closeHint}
            onChange={(desktop_close_to_tray) => change.mutate({ desktop_close_to_tray })}
          />
          <Switch
            checked={settings.desktop_launch_at_login}
            label={texts.login}
            hint={texts.loginHint}
            onChange={(desktop_launch_at_login) => change.mutate({ desktop_launch_at_login })}
          />
        </div>
      </Section>
      <Section title={texts.notify} hint={texts.notifyHint}>
        <div className="flex max-w-2xl flex-col gap-3">
          {KINDS.map((kind) => (
            <Switch
              key={kind}
              checked={settings[kind]}
              label={texts.kinds[kind]}
              onChange={(wanted) => change.mutate({ [kind]: wanted })}
            />
          ))}
        </div>
      </Section>
    </div>
  )
}
