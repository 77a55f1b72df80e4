import type { DocumentedRoute } from './api-document.ts'
import { type Schema, schemaText } from './schema-text.ts'
import { apiDocsTexts as texts } from './texts.ts'

/** One route: its line, and what it takes and answers below, once somebody opens it. */
export function RouteEntry({ route }: { route: DocumentedRoute }) {
  const { operationId, method, path, summary, description, parameters, requestBody, responses, security } = route
  const answers = Object.entries(responses).filter(([status]) => status.startsWith('2'))
  return (
    <details id={operationId} className="rounded border bg-surface">
      <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-3 px-3 py-2 hover:bg-hover">
        <span className="w-14 font-mono text-sm font-semibold text-accent">{method}</span>
        <span className="font-mono text-sm break-all">{path}</span>
        <span className="grow text-ink-2">{summary}</span>
        {security?.length === 0 && <span className="text-sm text-ink-3">{texts.public}</span>}
      </summary>
      <div className="flex flex-col gap-3 border-t px-3 py-3">
        {description !== undefined && <p className="text-ink-2">{description}</p>}
        {parameters.length > 0 && (
          <Part title={texts.parameters}>
            <ul className="flex flex-col gap-1">
              {parameters.map(({ name, in: where, required, schema }) => (
                <li key={`${where} ${name}`} className="font-mono text-sm">
                  {name} <span className="text-ink-3">{[where, ...(required ? [texts.required] : [])].join(', ')}</span>{' '}
                  {schema === undefined ? '' : schemaText(schema)}
                </li>
              ))}
            </ul>
          </Part>
        )}
        {Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => (
          <Part key={type} title={texts.body(type)}>
            <SchemaBlock schema={schema} />
          </Part>
        ))}
        {answers.map(([status, { description: words, content }]) => (
          <Part key={status} title={texts.answer(status, words)}>
            {Object.entries(content).map(([type, { schema }]) => (
              <SchemaBlock key={type} schema={schema} />
            ))}
          </Part>
        ))}
      </div>
    </details>
  )
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <h3 className="text-sm font-semibold text-ink-2">{title}</h3>
      {children}
    </div>
  )
}

function SchemaBlock({ schema }: { schema: Schema | undefined }) {
  if (schema === undefined) return null
  return (
    // Scrolled with the keyboard, too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable without a mouse
    <pre tabIndex={0} className="max-h-96 overflow-auto rounded-sm bg-sunk p-3 font-mono text-sm">
      {schemaText(schema)}
    </pre>
  )
}
