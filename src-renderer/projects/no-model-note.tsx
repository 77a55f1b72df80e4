import { CircleAlert } from 'lucide-react'
import { useModels } from '../client/queries.ts'
import { Button, LinkButton } from '../parts/button.tsx'
import { hrefOf } from '../route.ts'
import { noModelTexts as texts } from '../texts/projects.ts'

/** Where routing could not send work anywhere: what to do about it. With `onDemo`, the demo model is one click away. */
export function NoModelNote({ onDemo }: { onDemo?: (profile: string) => void }) {
  const { data: models } = useModels()
  if (models === undefined || models.some((model) => model.available && model.provider !== 'demo')) return null
  const demo = models.find((model) => model.available && model.provider === 'demo')
  return (
    <div role="status" className="flex flex-wrap items-center gap-3 rounded border border-needs/40 bg-needs-soft p-3">
      <CircleAlert size={16} className="shrink-0 text-needs" aria-hidden />
      <div className="min-w-64 flex-1">
        <p className="font-medium">{texts.title}</p>
        <p className="text-ink-2">{texts.hint}</p>
      </div>
      <LinkButton href={hrefOf({ page: 'first-run' })}>{texts.firstRun}</LinkButton>
      <LinkButton href={hrefOf({ page: 'settings', section: 'keys' })}>{texts.key}</LinkButton>
      {onDemo !== undefined && demo !== undefined && (
        <Button variant="primary" onClick={() => onDemo(demo.name)}>
          {texts.demo}
        </Button>
      )}
    </div>
  )
}
