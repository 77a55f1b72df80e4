import { useEffect, useState } from 'react'
import { apiBase } from '../client/address.ts'
import { saveFile } from '../client/save-file.ts'
import type { Login } from '../client/session.ts'
import { Wordmark } from '../frame/wordmark.tsx'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'
import { ErrorNote } from '../parts/notes.tsx'
import { Progress } from '../parts/progress.tsx'
import { type ApiDocument, isAbout, readApiDocument } from './api-document.ts'
import { RouteEntry } from './route-entry.tsx'
import { apiDocsTexts as texts } from './texts.ts'

type Stage =
  | { readonly at: 'loading' }
  | { readonly at: 'failed'; readonly why: string }
  | { readonly at: 'read'; readonly document: ApiDocument; readonly source: string }

async function load(login: Login): Promise<Stage> {
  const answer = await fetch(`${apiBase()}/openapi.json`, {
    headers: { authorization: `Bearer ${await login.bearer()}` },
  })
  const source = await answer.text()
  if (!answer.ok) return { at: 'failed', why: `HTTP ${answer.status}` }
  return { at: 'read', document: readApiDocument(JSON.parse(source)), source }
}

/** Every route of the port, by group, with what it takes and answers (A1): made of the OpenAPI document of this server. */
export function ApiDocsPage({ login }: { login: Login }) {
  const [stage, setStage] = useState<Stage>({ at: 'loading' })
  useEffect(() => {
    load(login)
      .catch((fault: unknown): Stage => ({ at: 'failed', why: String(fault) }))
      .then(setStage, () => undefined)
  }, [login])
  if (stage.at === 'loading') {
    return (
      <main className="mx-auto mt-[30vh] w-64 animate-late">
        <Progress value={null} label={texts.loading} />
      </main>
    )
  }
  if (stage.at === 'failed') {
    return (
      <main className="mx-auto mt-[20vh] w-[32rem] max-w-[90vw]">
        <ErrorNote what={texts.failed} why={stage.why} />
      </main>
    )
  }
  return <Document document={stage.document} source={stage.source} />
}

function Document({ document, source }: { document: ApiDocument; source: string }) {
  const [sought, setSought] = useState('')
  const groups = document.groups
    .map(({ name, routes }) => ({ name, routes: routes.filter((route) => isAbout(route, sought)) }))
    .filter(({ routes }) => routes.length > 0)
  return (
    <div className="flex h-full">
      <nav aria-label={texts.groups} className="w-48 shrink-0 overflow-y-auto border-r p-4">
        <Wordmark />
        <ul className="mt-4 flex flex-col gap-1">
          {groups.map(({ name, routes }) => (
            <li key={name}>
              <a href={`#${name}`} className="flex justify-between rounded-sm px-2 py-1 text-ink-2 hover:bg-hover">
                <span>{name}</span>
                <span className="text-ink-3">{routes.length}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main className="min-w-0 grow overflow-y-auto p-6">
        <div className="mx-auto flex max-w-[56rem] flex-col gap-4">
          <header className="flex flex-col gap-2">
            <h1 className="text-2xl font-semibold">{texts.title}</h1>
            <p className="text-ink-2">{texts.intro}</p>
            <div className="flex items-center gap-3">
              <div className="grow">
                <TextField label={texts.find} value={sought} onChange={(event) => setSought(event.target.value)} />
              </div>
              <Button onClick={() => saveFile(new Blob([source], { type: 'application/json' }), 'baton-openapi.json')}>
                {texts.save}
              </Button>
            </div>
          </header>
          {groups.length === 0 && <p>{texts.none}</p>}
          {groups.map(({ name, routes }) => (
            <section key={name} id={name} aria-labelledby={`${name}-title`} className="flex flex-col gap-2">
              <h2 id={`${name}-title`} className="mt-2 text-lg font-semibold">
                {name}
              </h2>
              {routes.map((route) => (
                <RouteEntry key={route.operationId} route={route} />
              ))}
            </section>
          ))}
          <p className="text-ink-3">{texts.version(document.version)}</p>
        </div>
      </main>
    </div>
  )
}
