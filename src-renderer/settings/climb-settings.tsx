import { formatUsd } from '#contract/money.ts'
import type { Settings } from '#contract/settings.ts'
import { tier } from '#contract/states.ts'
import { Field, Select } from '../parts/field.tsx'
import { Section } from '../parts/page.tsx'
import { routeTexts as texts } from '../texts/settings.ts'
import { useChangeSettings } from './use-change-settings.ts'

const TIERS = tier.options.map((value) => ({ value, label: value }))
/** Micro-dollars; a choice of a few, because nobody knows it more exactly. */
const WORTHS = [100_000, 250_000, 500_000, 1_000_000, 2_000_000, 5_000_000]

/** What happens to work that does not pass its checks (G3, G4). */
export function ClimbSettings({ settings }: { settings: Settings }) {
  const change = useChangeSettings()
  const { failed_task_micros } = settings
  const worths = [...new Set([...WORTHS, failed_task_micros])].sort((a, b) => a - b)
  return (
    <Section title={texts.climb} hint={texts.climbHint}>
      <div className="grid max-w-3xl gap-4 sm:grid-cols-3">
        <Field label={texts.highest} hint={texts.highestHint}>
          {(ids) => (
            <Select
              {...ids}
              value={settings.highest_tier}
              options={TIERS}
              disabled={change.isPending}
              onChange={(highest_tier) => change.mutate({ highest_tier })}
            />
          )}
        </Field>
        <Field label={texts.verifier} hint={texts.verifierHint}>
          {(ids) => (
            <Select
              {...ids}
              value={settings.verifier_tier}
              options={TIERS}
              disabled={change.isPending}
              onChange={(verifier_tier) => change.mutate({ verifier_tier })}
            />
          )}
        </Field>
        <Field label={texts.worth} hint={texts.worthHint}>
          {(ids) => (
            <Select
              {...ids}
              value={String(failed_task_micros)}
              options={worths.map((micros) => ({ value: String(micros), label: formatUsd(micros) }))}
              disabled={change.isPending || settings.routing !== 'learned'}
              onChange={(value) => change.mutate({ failed_task_micros: Number(value) })}
            />
          )}
        </Field>
      </div>
    </Section>
  )
}
