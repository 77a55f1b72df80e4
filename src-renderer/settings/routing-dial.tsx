import type { Settings } from '#contract/settings.ts'
import { classNames } from '../parts/class-names.ts'
import { routeTexts as texts } from '../texts/settings.ts'
import { useChangeSettings } from './use-change-settings.ts'

const PRESETS = ['careful', 'balanced', 'learned'] as const satisfies readonly Settings['routing'][]

/** The one choice about routing that everybody makes: how tasks find their tier. */
export function RoutingDial({ settings }: { settings: Settings }) {
  const change = useChangeSettings()
  return (
    <fieldset className="max-w-3xl">
      <legend className="sr-only">{texts.dial}</legend>
      <div className="grid gap-2 sm:grid-cols-3">
        {PRESETS.map((preset) => {
          const { name, what, cost } = texts.presets[preset]
          const isChosen = settings.routing === preset
          return (
            <label
              key={preset}
              className={classNames(
                'flex cursor-pointer flex-col gap-1.5 rounded border p-3 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-accent',
                isChosen ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface hover:bg-hover',
              )}
            >
              <span className="flex items-center gap-2 text-sm font-medium">
                <input
                  type="radio"
                  name="routing"
                  value={preset}
                  checked={isChosen}
                  onChange={() => change.mutate({ routing: preset })}
                  aria-describedby={`routing-${preset}`}
                />
                {name}
              </span>
              <span id={`routing-${preset}`} className="flex flex-1 flex-col gap-1.5 text-ink-2">
                <span className="flex-1">{what}</span>
                <span className="text-xs text-ink-3">{cost}</span>
              </span>
            </label>
          )
        })}
      </div>
    </fieldset>
  )
}
