import { Section } from '../parts/page.tsx'
import { ViewSwitch } from '../parts/tabs.tsx'
import { settingsTexts, lookTexts as texts } from '../texts/settings.ts'
import { type Density, type Theme, useLook } from '../theme.ts'

/** Colours and density; kept in this browser. */
export function LookSettings() {
  const look = useLook()
  return (
    <Section title={settingsTexts.sections.look}>
      <div className="grid grid-cols-[8rem_auto] items-center justify-start gap-x-4 gap-y-3">
        <span>{texts.theme}</span>
        <ViewSwitch<Theme>
          label={texts.theme}
          value={look.theme}
          onChange={(theme) => useLook.setState({ theme })}
          views={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: texts.themes[value] }))}
        />
        <span>{texts.density}</span>
        <ViewSwitch<Density>
          label={texts.density}
          value={look.density}
          onChange={(density) => useLook.setState({ density })}
          views={(['normal', 'compact'] as const).map((value) => ({ value, label: texts.densities[value] }))}
        />
      </div>
    </Section>
  )
}
