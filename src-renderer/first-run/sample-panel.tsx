import { Play } from 'lucide-react'
import { useModels, useSampleProject } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { TierChip } from '../parts/chip.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { counted } from '../texts/figures.ts'
import { firstRunTexts } from '../texts/first-run.ts'
import { sampleModel, useRunSample } from './use-run-sample.ts'

const texts = firstRunTexts.sample

/** The sample project: what it is, who would do it for nothing, and the button that makes it. `mayRun`: the user may change things. */
export function SamplePanel({ mayRun }: { mayRun: boolean }) {
  const sample = useSampleProject()
  const models = useModels()
  const run = useRunSample()
  const error = sample.error ?? models.error
  if (error !== null) {
    return (
      <Section title={texts.title}>
        <FaultNote error={error} retry={() => void Promise.all([sample.refetch(), models.refetch()])} />
      </Section>
    )
  }
  if (sample.data === undefined || models.data === undefined) {
    return (
      <Section title={texts.title}>
        <SkeletonRows rows={2} />
      </Section>
    )
  }
  const { document } = sample.data
  const files = document.tasks.flatMap(({ artifacts }) => artifacts)
  const model = sampleModel(models.data)
  return (
    <Section
      title={texts.title}
      hint={texts.what(document.title, counted(document.tasks.length, 'task'), counted(files.length, 'file'))}
    >
      <p className="text-ink-2">
        <TierChip tier={model === null ? null : 'local'} paid={false} profile={model?.display_name ?? 'demo'} />{' '}
        <span className="figures font-semibold text-local">{texts.cost}</span>{' '}
        {model === null ? texts.demo : texts.local(model.display_name)}
      </p>
      {mayRun ? (
        <div className="flex flex-wrap items-center gap-3">
          <Button
            variant="primary"
            icon={<Play size={14} />}
            busy={run.isPending}
            onClick={() => run.mutate({ sample: sample.data, model })}
          >
            {texts.run}
          </Button>
          <span className="text-xs text-ink-3">{texts.runHint}</span>
        </div>
      ) : (
        <p className="text-ink-3">{texts.viewer}</p>
      )}
    </Section>
  )
}
