import { z } from 'zod'
import { demoFile, type ReadFile } from './demo-files.ts'
import type { DemoTaskHint } from './demo-hint.ts'
import { inline, shortLine } from './demo-text.ts'
import type { ModelMessage, ModelRequest, ToolCall } from './provider.ts'

/** What the demo says next in a task. */
export interface DemoTurn {
  readonly text: string
  readonly calls: readonly ToolCall[]
}

const MAX_READ = 40
const filePath = z.object({ path: z.string() })

/**
 * The next turn of a task, decided from the conversation alone: first read what the dependencies left, then write every
 * promised file, then report. After findings of the verifier it writes everything once more.
 */
export function demoTurn(request: ModelRequest, hint: DemoTaskHint): DemoTurn {
  const tools = new Set(request.tools.map((tool) => tool.name))
  const done = toolResults(request.messages)
  const dependencies = hint.task.depends.flatMap((dependency) =>
    dependency.artifacts.map((path) => ({ path, title: dependency.title })),
  )
  const unread = dependencies
    .filter(
      ({ path }) => !path.endsWith('/') && !done.some((result) => result.name === 'read_file' && result.path === path),
    )
    .slice(0, Math.max(0, MAX_READ - done.filter((result) => result.name === 'read_file').length))
  const turn = request.messages.length
  if (unread.length > 0 && tools.has('read_file')) {
    return {
      text: `Reading what the tasks before this one left: ${unread.length} ${unread.length === 1 ? 'file' : 'files'}.`,
      calls: unread.map(({ path }, index) => call(turn, index, 'read_file', { path })),
    }
  }
  const files = dependencies.map(({ path, title }) => readFileOf(path, title, done))
  const written = done.filter((result) => result.name === 'write_file' && result.isThisRound)
  const open = openWrites(
    hint,
    files,
    written.map((result) => result.path),
  )
  if (open.possible.length > 0 && tools.has('write_file')) {
    const writes = fitting(open.possible, request.max_tokens)
    return {
      text: `${hint.task.round === 0 ? 'Writing' : 'Mending'} ${writes.map((write) => write.shown).join(', ')}.`,
      calls: writes.map(({ path, content }, index) => call(turn, index, 'write_file', { path, content })),
    }
  }
  return { text: report(hint, written, open), calls: [] }
}

function call(turn: number, index: number, name: string, args: unknown): ToolCall {
  return { id: `demo_${turn}_${index}`, name, arguments: args }
}

interface DoneCall {
  readonly name: string
  readonly path: string
  readonly text: string
  readonly isError: boolean
  /** Whether it happened after the last words of the user, which are the task or the verifier's findings. */
  readonly isThisRound: boolean
}

function toolResults(messages: readonly ModelMessage[]): DoneCall[] {
  const calls = new Map(
    messages
      .flatMap((message) => (message.role === 'assistant' ? message.tool_calls : []))
      .map((each) => [each.id, each]),
  )
  const roundStart = messages.findLastIndex((message) => message.role === 'user')
  return messages.flatMap((message, index) => {
    if (message.role !== 'tool') return []
    const path = filePath.safeParse(calls.get(message.tool_call_id)?.arguments).data?.path ?? ''
    return [
      { name: message.name, path, text: message.text, isError: message.is_error, isThisRound: index > roundStart },
    ]
  })
}

/** Title and line of a file as the demo writes them: `# Title`, then `> line`. Without them, the task's title serves. */
function readFileOf(path: string, title: string, done: readonly DoneCall[]): ReadFile {
  const text = done.find((result) => result.name === 'read_file' && result.path === path && !result.isError)?.text ?? ''
  const head = text.slice(0, 2_000)
  const heading = path.endsWith('.md') ? /^# (.+)$/m.exec(head)?.[1] : undefined
  const line = path.endsWith('.md') ? /^> (.+)$/m.exec(head)?.[1] : undefined
  return { path, title: inlineOnce(heading) ?? inline(title), line: inlineOnce(line) ?? '' }
}

/** A line of our own markdown is escaped already; of any other it must be. */
function inlineOnce(markdown: string | undefined): string | undefined {
  if (markdown === undefined) return undefined
  return inline(markdown.replace(/\\([\\`*_[\]<>#|~])/g, '$1'))
}

interface Write {
  /** The file to write. */
  readonly path: string
  /** How it is called in what the demo says. */
  readonly shown: string
  readonly content: string
}

function openWrites(hint: DemoTaskHint, files: readonly ReadFile[], written: readonly string[]) {
  const possible: Write[] = []
  const impossible: string[] = []
  for (const artifact of hint.task.artifacts) {
    const path = artifact.endsWith('/') ? `${artifact}README.md` : artifact
    if (written.includes(path)) continue
    const content = demoFile(path, hint, files)
    if (content === null) impossible.push(artifact)
    else possible.push({ path, shown: path, content })
  }
  return { possible, impossible }
}

/** As many files as one answer may hold, at least one. */
function fitting(writes: readonly Write[], max_tokens: number): Write[] {
  let bytes = 200
  return writes.filter((write, index) => {
    bytes += Buffer.byteLength(JSON.stringify(write.content)) + write.path.length * 2 + 100
    return index === 0 || bytes <= max_tokens * 4
  })
}

function report(
  hint: DemoTaskHint,
  written: readonly DoneCall[],
  open: { possible: readonly Write[]; impossible: readonly string[] },
): string {
  const good = written.filter((result) => !result.isError).map((result) => result.path)
  const bad = written
    .filter((result) => result.isError)
    .map((result) => `${result.path} could not be written: ${shortLine(result.text, 200)}`)
  const parts = [
    good.length > 0 ? `${hint.task.title}: wrote ${good.join(', ')}.` : `${hint.task.title}: no file was written.`,
    ...bad,
    open.impossible.length > 0 ? `The demo model cannot make ${open.impossible.join(', ')}.` : '',
    open.possible.length > 0 ? 'The tool write_file was not offered.' : '',
    'Demo: no AI.',
  ]
  return parts.filter((part) => part !== '').join(' ')
}
