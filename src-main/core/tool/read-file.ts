import { z } from 'zod'
import { readText } from './text-content.ts'
import type { Tool } from './tool.ts'
import { failed, refused, succeeded } from './tool-result.ts'

const MAX_LINES = 2_000
const MAX_LINE_CHARACTERS = 2_000
/** About 15,000 tokens. */
const MAX_CHARACTERS = 60_000

const parameters = z.lazy(() =>
  z.strictObject({
    path: z.string().min(1).describe('Path of the file, relative to the workspace'),
    offset: z.int().min(1).max(10_000_000).default(1).describe('First line to read, counted from 1'),
    limit: z.int().min(1).max(MAX_LINES).default(MAX_LINES).describe('How many lines to read at most'),
  }),
)

export const readFile: Tool<z.infer<typeof parameters>> = {
  name: 'read_file',
  description:
    'Reads a text file of the workspace, exactly as it is. A note in square brackets at the end says when there is more and how to read on.',
  risk: 'read',
  parameters,

  async execute({ path, offset, limit }, { workspace }) {
    const read = await readText(workspace, path)
    if (!read.ok) return refused(read.error)
    if (read.value === '') return succeeded('[The file is empty.]')
    const lines = read.value.split('\n')
    // A line end at the end of the file does not begin another line.
    if (lines.at(-1) === '') lines.pop()
    if (offset > lines.length) {
      return failed(`"${path}" has only ${lines.length} lines, so there is no line ${offset}. Use a smaller offset.`)
    }
    const { text, count, cut } = fitting(lines.slice(offset - 1, offset - 1 + limit))
    const last = offset - 1 + count
    const notes = []
    if (cut > 0)
      notes.push(`${cut} long lines were cut to ${MAX_LINE_CHARACTERS} characters; search_files finds text in them.`)
    if (last < lines.length)
      notes.push(`These are lines ${offset} to ${last} of ${lines.length}. Read on with offset ${last + 1}.`)
    return succeeded(notes.length === 0 ? text : `${text}\n[${notes.join(' ')}]`)
  },
}

/** As many whole lines as fit, each cut to its cap. */
function fitting(lines: readonly string[]): { text: string; count: number; cut: number } {
  const kept: string[] = []
  let characters = 0
  let cut = 0
  for (const line of lines) {
    const shown = line.length > MAX_LINE_CHARACTERS ? `${line.slice(0, MAX_LINE_CHARACTERS)}…` : line
    characters += shown.length + 1
    if (characters > MAX_CHARACTERS) break
    if (shown !== line) cut += 1
    kept.push(shown)
  }
  return { text: kept.join('\n'), count: kept.length, cut }
}
