import { posix } from 'node:path'
import { BIRDS, birdPage, GLOSSARY } from './birds.ts'
import { planText } from './planner-brain.ts'
import { sampleOf } from './schema-sample.ts'

export interface BrainCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

export interface BrainMessage {
  readonly role: 'user' | 'assistant' | 'tool'
  readonly text: string
  /** Calls that the assistant made with this message. */
  readonly tool_calls: readonly BrainCall[]
  /** For results: the call that is answered. */
  readonly answers: BrainCall | null
  readonly is_error: boolean
}

/** What a double understood of a request, whatever protocol it came by. */
export interface BrainRequest {
  readonly system: string
  readonly messages: readonly BrainMessage[]
  readonly tools: readonly { readonly name: string; readonly parameters: Readonly<Record<string, unknown>> }[]
  readonly output_schema: Readonly<Record<string, unknown>> | null
}

export interface BrainAnswer {
  readonly text: string
  readonly tool_calls: readonly BrainCall[]
}

/** The mind of a double. It sees only what was sent over the wire, as a model would. */
export type Brain = (request: BrainRequest) => BrainAnswer

/** How often a file that a tool refused is tried again before the brain gives up and says so. */
const MAX_TRIES = 3

/** How it goes about a free prompt. */
const APPROACH = {
  title: 'An answer in one file',
  steps: ['Think', 'Write it down'],
  artifacts: ['answer.md'],
  acceptance: ['answer.md answers the prompt'],
}

/**
 * Does Baton's main job as a scripted model would: plans when a schema with `tasks` is asked for, fills any other schema
 * with a plausible value, writes the files that a task must deliver one call at a time, and then says that it is done.
 */
export const defaultBrain: Brain = (request) => {
  const { output_schema } = request
  if (output_schema !== null) {
    const { tasks, steps, artifacts } = propertiesOf(output_schema)
    if (steps !== undefined && artifacts !== undefined) return say(JSON.stringify(APPROACH))
    const said = request.messages.filter((m) => m.role === 'user').map((m) => m.text)
    return say(tasks === undefined ? JSON.stringify(sampleOf(output_schema)) : planText(said.join('\n'), output_schema))
  }
  return nextCall(request) ?? say(closingWords(request))
}

function say(text: string): BrainAnswer {
  return { text, tool_calls: [] }
}

function propertiesOf(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const properties = schema['properties']
  return typeof properties === 'object' && properties !== null ? { ...properties } : {}
}

function nextCall(request: BrainRequest): BrainAnswer | null {
  const writer = request.tools.find((tool) => tool.name === 'write_file')
  if (writer === undefined) return null
  const since = sinceLastOrder(request.messages)
  const tries = (path: string) => since.filter((m) => isWrite(m, path)).length
  const isWritten = (path: string) => since.some((m) => isWrite(m, path) && !m.is_error)
  const path = filesToDeliver(request.messages).find((file) => !isWritten(file) && tries(file) < MAX_TRIES)
  if (path === undefined) return null

  const lister = request.tools.find((tool) => tool.name === 'list_files')
  const hasListed = since.some((m) => m.answers?.name === 'list_files')
  if (isIndex(path) && lister !== undefined && !hasListed) {
    const required = lister.parameters['required']
    const needsPath = Array.isArray(required) && required.includes('path')
    return { text: '', tool_calls: [{ name: 'list_files', arguments: needsPath ? { path: '.' } : {} }] }
  }
  const names = Object.keys(propertiesOf(writer.parameters))
  const contentName = names.find((name) => /^(content|contents|text|body)$/.test(name)) ?? 'content'
  return {
    text: `Writing ${path}.`,
    tool_calls: [{ name: 'write_file', arguments: { path, [contentName]: contentOf(path, request) } }],
  }
}

function isWrite(message: BrainMessage, path: string): boolean {
  return message.answers?.name === 'write_file' && message.answers.arguments['path'] === path
}

/** What happened since the user last spoke: a repair asks for the files again. */
function sinceLastOrder(messages: readonly BrainMessage[]): readonly BrainMessage[] {
  return messages.slice(messages.findLastIndex((message) => message.role === 'user') + 1)
}

/** The paths in the list under the last line that starts with "Files to deliver". */
export function filesToDeliver(messages: readonly BrainMessage[]): string[] {
  const order = messages.findLast((m) => m.role === 'user' && /^[#\s*]*Files to deliver/im.test(m.text))
  const lines = order?.text.split('\n') ?? []
  const start = lines.findLastIndex((line) => /^[#\s*]*Files to deliver/i.test(line))
  const paths: string[] = []
  for (const line of lines.slice(start + 1)) {
    const path = /^\s*[-*]\s+`?([^`\s]+)`?/.exec(line)?.[1]
    if (path !== undefined) paths.push(path)
    else if (line.trim() !== '') break
  }
  return paths
}

function isIndex(path: string): boolean {
  return /(^|\/)(index|readme)\.md$/i.test(path)
}

function contentOf(path: string, request: BrainRequest): string {
  const name = posix.basename(path)
  const bird = BIRDS.find(({ slug }) => `${slug}.md` === name)
  if (bird !== undefined) return birdPage(bird)
  if (name === 'glossary.md') return GLOSSARY
  if (isIndex(path)) return indexPage(path, request)
  const title = titleOf(name)
  if (name.endsWith('.json')) return `${JSON.stringify({ title, items: [] }, null, 2)}\n`
  if (name.endsWith('.html')) {
    return `<!doctype html>\n<html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`
  }
  if (name.endsWith('.csv')) return 'name,value\nfirst,1\n'
  if (/\.(py|sh|rb|ya?ml|toml)$/.test(name)) return `# ${title}\n`
  if (/\.(ts|js|mjs|c|java|go|rs)$/.test(name)) return `// ${title}\n`
  return `# ${title}\n\nThis text answers the task step by step, in plain words.\n\n- It names what matters.\n- It leaves out what does not.\n`
}

function titleOf(file: string): string {
  const words = file.replace(/\.[^.]+$/, '').replaceAll(/[-_]+/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Links every page that the conversation speaks of, so an index is whole only if the brain was told of all pages. */
function indexPage(path: string, request: BrainRequest): string {
  const told = request.messages.filter((m) => m.role !== 'assistant').map((m) => m.text)
  const files = new Set([request.system, ...told].join('\n').match(/[\w][\w./-]*\.md\b/g) ?? [])
  const own = new Set(filesToDeliver(request.messages))
  const links = [...files]
    .map((file) => file.replace(/^\.\//, ''))
    .filter((file) => !own.has(file) && !isIndex(file))
    .sort()
    .map((file) => `- [${titleOf(posix.basename(file))}](${posix.relative(posix.dirname(path), file)})`)
  return `# Index\n\n${links.join('\n')}\n`
}

function closingWords(request: BrainRequest): string {
  const since = sinceLastOrder(request.messages)
  const refused = since.filter((message) => message.is_error)
  const last = refused.at(-1)
  const files = filesToDeliver(request.messages)
  const isWritten = (path: string) => since.some((m) => isWrite(m, path) && !m.is_error)
  const missing = files.filter((path) => !isWritten(path))
  if (last !== undefined && missing.length > 0) {
    return `I could not write ${missing.join(', ')}: ${last.text.slice(0, 200)}`
  }
  return files.length > 0 && missing.length === 0
    ? `Done: I wrote ${files.join(', ')}.`
    : 'Done. Everything that was asked for is answered here, in short.'
}
