import { useImageTemplates } from '../client/queries.ts'
import { FaultNote } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { imageTexts as texts } from '../texts/services.ts'

/** The workflows that tasks can use, where to drop more, and what is wrong with a dropped one (H5). */
export function ImageTemplatesPanel() {
  const { data, error, refetch } = useImageTemplates()
  const hint = (
    <>
      {texts.hint} <code className="font-mono text-xs break-all select-text">{data?.folder}</code>
    </>
  )
  return (
    <Section title={texts.title} hint={hint}>
      {error !== null && <FaultNote error={error} retry={() => void refetch()} />}
      {data !== undefined && (
        <ul className="divide-y rounded border bg-surface">
          {data.templates.map((template) => (
            <li key={template.name} className="px-4 py-2">
              <p>
                <span className="font-mono text-xs">{template.name}</span> {template.title}
              </p>
              <p className="text-ink-2">{template.description}</p>
              <p className="text-xs text-ink-3">{texts.inputs(template.inputs.join(', '))}</p>
            </li>
          ))}
        </ul>
      )}
      {data !== undefined && data.faults.length > 0 && (
        <section aria-label={texts.unusable}>
          <h3 className="text-xs font-medium text-ink-3">{texts.unusable}</h3>
          <ul>
            {data.faults.map((fault) => (
              <li key={fault.file} className="break-words select-text">
                <span className="font-mono text-xs">{fault.file}</span>: {fault.message}
              </li>
            ))}
          </ul>
        </section>
      )}
    </Section>
  )
}
