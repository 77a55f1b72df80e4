import { Button } from '../parts/button.tsx'
import { settingsTexts as texts } from '../texts/settings.ts'

/** Save and discard, under a form. Both rest while there is nothing to save. */
export function SaveBar({
  dirty,
  valid,
  busy,
  onDiscard,
}: {
  dirty: boolean
  valid: boolean
  busy: boolean
  onDiscard: () => void
}) {
  return (
    <div className="flex items-center gap-2 border-t pt-4">
      <Button type="submit" variant="primary" busy={busy} disabled={!dirty || !valid}>
        {texts.save}
      </Button>
      <Button disabled={!dirty || busy} onClick={onDiscard}>
        {texts.discard}
      </Button>
      {dirty && <span className="text-xs text-ink-3">{texts.unsaved}</span>}
    </div>
  )
}
