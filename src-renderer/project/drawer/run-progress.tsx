import type { Run } from '#contract/run.ts'
import { useLiveProgress } from '../../client/live-progress.ts'
import { Progress } from '../../parts/progress.tsx'
import { taskTexts } from '../texts.ts'

/** How far the tool call of a running run is: a bar, and the image as far as it can be seen. */
export function RunProgress({ run }: { run: Run }) {
  const live = useLiveProgress(run.id)
  if (live === undefined || run.state !== 'running') return null
  const { progress, tool } = live
  const { preview, value, max, state } = progress
  return (
    <section aria-label={taskTexts.progress.label(tool)} className="flex flex-col gap-2 rounded border p-3">
      <h3 className="font-mono text-xs">{tool}</h3>
      <Progress label={taskTexts.progress.label(tool)} value={max === 0 ? null : value / max}>
        {taskTexts.progress[state](progress)}
      </Progress>
      {preview !== null && (
        <img
          src={`data:${preview.media_type};base64,${preview.base64}`}
          alt={taskTexts.progress.preview}
          className="max-h-64 self-start rounded"
        />
      )}
    </section>
  )
}
