import { useKnowledgeStatus, useReadingProgress, useSettings } from '../client/queries.ts'
import { Select } from '../parts/field.tsx'
import { Progress } from '../parts/progress.tsx'
import { useChangeSettings } from '../settings/use-change-settings.ts'
import { knowledgeTexts as texts } from '../texts/knowledge.ts'

/** By what is found, by whose vectors, and how far those are (K2). */
export function EmbeddingLine() {
  const status = useKnowledgeStatus().data
  const setting = useSettings().data?.embedding_model
  const progress = useReadingProgress()['embedding']
  const change = useChangeSettings()
  if (status === undefined || setting === undefined) return null
  const { embedding, model, models, next_model, detail, embedded, chunks } = status
  const named = [...new Set([...models, ...(setting === 'auto' || setting === 'none' ? [] : [setting])])]
  const isFilling = embedding === 'filling'
  const [done, total] =
    next_model === null || progress === undefined ? [embedded, chunks] : [progress.done, progress.total]
  return (
    <section aria-label={texts.model} className="flex flex-col gap-2 rounded border bg-surface px-4 py-3">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p className="font-medium">
            {texts.embedding[embedding]}
            {model !== null && embedding !== 'off' && <span className="font-normal text-ink-2"> · {model}</span>}
          </p>
          {detail !== '' && <p className="break-words text-ink-2">{detail}</p>}
        </div>
        <Select
          aria-label={texts.model}
          value={setting}
          disabled={change.isPending}
          onChange={(embedding_model) => change.mutate({ embedding_model })}
          options={[
            { value: 'auto', label: texts.automatic },
            ...named.map((name) => ({ value: name, label: name })),
            { value: 'none', label: texts.none },
          ]}
        />
      </div>
      {isFilling && total > 0 && (
        <Progress value={done / total} label={texts.embedding.filling}>
          {texts.vectors(done, total)}
        </Progress>
      )}
    </section>
  )
}
