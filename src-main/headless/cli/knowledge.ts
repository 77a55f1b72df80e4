import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type KnowledgeSource, type SearchHit, searchQuery } from '#contract/knowledge.ts'
import type { Api } from '../baton-client.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { listenForInterrupt } from './interrupt.ts'
import { print, printJson, say } from './output.ts'
import { createPaint, type Paint } from './paint.ts'
import { clip, printable } from './printable.ts'
import { withClient } from './session.ts'
import { renderTable } from './table.ts'

export interface KnowledgeFlags {
  readonly project?: string
  readonly json?: boolean
}
export interface AddFlags extends KnowledgeFlags {
  readonly wait: boolean
  readonly watched: boolean
}
export interface SearchFlags extends KnowledgeFlags {
  readonly keywords?: boolean
  readonly limit?: string
}

const LOOK_MS = 200
const NAME_WIDTH = 48
const REASON_WIDTH = 60
const SNIPPET = 320

/** `baton knowledge list`: what is searched in, and how far it is (K1). */
export function listKnowledge(flags: KnowledgeFlags): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const items = await allSources(api, flags.project)
    if (flags.json) {
      for (const item of items) printJson(item)
      return EXIT.done
    }
    if (items.length === 0) say('Nothing is searched in yet. Add a folder: baton knowledge add <path>')
    else printSources(items)
    const status = await api.knowledge.status()
    if (status.embedding !== 'ready' && status.detail !== '') say(`By keywords alone: ${printable(status.detail)}`)
    return EXIT.done
  })
}

async function allSources(api: Api, project: string | undefined): Promise<KnowledgeSource[]> {
  const items: KnowledgeSource[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await api.knowledge.list({
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
      ...(project === undefined ? {} : { project_id: project }),
    })
    items.push(...page.items)
    if (page.next_cursor === null) return items
    cursor = page.next_cursor
  }
}

function printSources(items: readonly KnowledgeSource[]): void {
  const paint = createPaint(process.stdout)
  const right = 'right' as const
  const columns = [
    { title: 'id' },
    { title: 'what' },
    { title: 'of' },
    { title: 'files', align: right },
    { title: 'passages', align: right },
    { title: '' },
  ]
  const rows = items.map((item) => [
    item.id,
    clip(printable(item.path ?? item.name), NAME_WIDTH),
    item.project_id ?? 'everybody',
    String(item.files),
    String(item.chunks),
    stateOf(item, paint),
  ])
  print(renderTable(columns, rows, paint))
}

function stateOf({ state, reason, progress, problems, watched }: KnowledgeSource, paint: Paint): string {
  if (state === 'failed') return paint.bad(clip(printable(reason), REASON_WIDTH))
  if (state === 'queued') return paint.waiting('waits to be read')
  if (state === 'indexing')
    return paint.waiting(progress === null ? 'is looked through' : `${progress.done} of ${progress.total} files read`)
  const unread = problems === 0 ? [] : [`${problems} files not read`]
  return paint.dim(
    [...(watched ? ['watched'] : []), ...unread, clip(printable(reason), REASON_WIDTH)]
      .filter((part) => part !== '')
      .join(', '),
  )
}

/** `baton knowledge add` and `watch`: ends when all of it can be searched. */
export function addKnowledge(paths: readonly string[], flags: AddFlags): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const interrupt = listenForInterrupt(() => undefined)
    let isWell = true
    try {
      for (const path of paths) {
        const project = flags.project === undefined ? {} : { project_id: flags.project }
        let source = await api.knowledge.add({ path: resolve(path), watched: flags.watched, ...project })
        if (flags.wait) source = await untilRead(api, source, interrupt.signal)
        if (interrupt.signal.aborted) return EXIT.interrupted
        if (flags.json) printJson(source)
        else tell(source)
        if (source.state === 'failed') isWell = false
      }
      if (flags.wait) await untilEmbedded(api, interrupt.signal)
      return interrupt.signal.aborted ? EXIT.interrupted : isWell ? EXIT.done : EXIT.failed
    } finally {
      interrupt.dispose()
    }
  })
}

function tell({ id, name, state, files, chunks, problems, reason }: KnowledgeSource): void {
  if (state === 'failed') {
    say(`${printable(name)} could not be read: ${printable(reason)}`)
    return
  }
  const unread = problems === 0 ? '' : `, ${problems} files could not be read`
  print(`${id}  ${printable(name)}: ${files} files, ${chunks} passages${unread}`)
  if (reason !== '') say(printable(reason))
}

async function untilRead(api: Api, begun: KnowledgeSource, signal: AbortSignal): Promise<KnowledgeSource> {
  let source = begun
  do {
    source = await api.knowledge.get({ id: begun.id })
    if (source.state === 'ready' || source.state === 'failed') return source
    if (process.stderr.isTTY && source.progress !== null)
      process.stderr.write(`\r\x1b[K  ${source.progress.done} of ${source.progress.total} files`)
    await pause(signal)
  } while (!signal.aborted)
  return source
}

async function untilEmbedded(api: Api, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const status = await api.knowledge.status()
    if (status.embedding !== 'filling') {
      if (status.detail !== '') say(`Found by keywords alone: ${printable(status.detail)}`)
      break
    }
    if (process.stderr.isTTY)
      process.stderr.write(
        `\r\x1b[K  vectors by ${status.next_model ?? status.model}: ${status.embedded} of ${status.chunks}`,
      )
    await pause(signal)
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
}

async function pause(signal: AbortSignal): Promise<void> {
  await delay(LOOK_MS, undefined, { signal }).catch(() => undefined)
}

/** `baton knowledge search`: passages with where they stand (K3). */
export function searchKnowledge(question: string, flags: SearchFlags): Promise<ExitCode> {
  const asked = searchQuery.safeParse({
    query: question,
    ...(flags.project === undefined ? {} : { project_id: flags.project }),
    ...(flags.limit === undefined ? {} : { limit: flags.limit }),
    mode: flags.keywords === true ? 'keywords' : 'hybrid',
  })
  if (!asked.success)
    throw new CommandFault(`This cannot be searched for: ${asked.error.issues[0]?.message}`, EXIT.usage)
  return withClient({}, async ({ api }) => {
    const found = await api.knowledge.search(asked.data)
    if (flags.json) for (const hit of found.items) printJson(hit)
    else {
      const paint = createPaint(process.stdout)
      for (const hit of found.items) print(hitText(hit, paint))
      if (found.items.length === 0) say('Nothing was found.')
    }
    if (found.note !== '') say(printable(found.note))
    return EXIT.done
  })
}

function hitText({ citation, heading, text }: SearchHit, paint: Paint): string {
  const { title, page, line_start, line_end } = citation
  const place = page === null ? `${title}:${line_start}-${line_end}` : `${title}, page ${page}`
  const under = heading === '' ? '' : `  ${paint.dim(clip(printable(heading), NAME_WIDTH))}`
  const words = printable(text.replaceAll(/\s+/g, ' ').trim())
  return `${paint.bold(printable(place))}${under}\n  ${clip(words, SNIPPET)}\n`
}

/** `baton knowledge remove`. */
export function removeKnowledge(id: string, flags: KnowledgeFlags): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    await api.knowledge.remove({ id })
    if (flags.json) printJson({ id, removed: true })
    else print(`${id} is not searched any more.`)
    return EXIT.done
  })
}
