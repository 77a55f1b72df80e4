import { z } from 'zod'
import { canonicalPath } from '../workspace/relative-path.ts'
import type { Workspace, WorkspaceFile } from '../workspace/workspace.ts'
import { type LinePattern, LineSearch } from './line-search.ts'
import type { Tool, ToolContext, ToolResult } from './tool.ts'
import { failed, refused, succeeded } from './tool-result.ts'

const MAX_FILES = 50_000
const MAX_MATCHES = 200
/** So many files are read together, which is much faster than one after another. */
const READ_AT_ONCE = 16
const DEADLINE_MS = 20_000

const parameters = z.lazy(() =>
  z.strictObject({
    pattern: z
      .string()
      .min(1)
      .max(1_000)
      .describe('Text to find in a line, with its case; or a regular expression when regex is true'),
    path: z.string().default('').describe('Folder to search, relative to the workspace; leave it out for everything'),
    regex: z.boolean().default(false).describe('Read the pattern as a JavaScript regular expression'),
  }),
)
type Parameters = z.infer<typeof parameters>

/** `deadline_ms` bounds one search, so that a pattern that never ends does. */
export function createSearchFiles(deadline_ms: number): Tool<Parameters> {
  return {
    name: 'search_files',
    description:
      'Finds the lines of text files in the workspace that contain a text, as path:line: text. Skips node_modules unless the path names it.',
    risk: 'read',
    parameters,

    async execute(given, context) {
      const pattern = linePattern(given)
      if (typeof pattern === 'string') return failed(pattern)
      const base = canonicalPath(given.path)
      const listed = await context.workspace.list(base, MAX_FILES)
      const oneFile = !listed.ok && listed.error.kind === 'not_a_file'
      if (!listed.ok && !oneFile) return refused(listed.error)
      const paths = listed.ok ? withoutDependencies(listed.value.files, base) : [base]
      const search = new LineSearch(pattern, deadline_ms, context.signal)
      try {
        return await searchIn(paths, search, context, listed.ok && listed.value.truncated)
      } finally {
        await search.close()
      }
    },
  }
}

export const searchFiles: Tool<Parameters> = createSearchFiles(DEADLINE_MS)

async function searchIn(
  paths: readonly string[],
  search: LineSearch,
  { workspace }: ToolContext,
  truncated: boolean,
): Promise<ToolResult> {
  const lines: string[] = []
  const notes: string[] = []
  let searched = 0
  let skipped = 0
  for await (const { path, read } of contentsOf(workspace, paths)) {
    if (lines.length >= MAX_MATCHES) break
    if (!read.ok) {
      skipped += 1
      continue
    }
    const outcome = await search.search(read.value, MAX_MATCHES - lines.length)
    if (outcome.kind === 'cancelled') return failed('The search was cancelled.')
    if (outcome.kind === 'broken')
      return failed(`The search broke off in "${path}": ${outcome.reason.replace(/\.?$/, '.')} Try a simpler pattern.`)
    if (outcome.kind === 'out_of_time') {
      notes.push(
        `Time ran out in "${path}" after ${searched} of ${paths.length} files. Use a simpler pattern, or search in a folder.`,
      )
      if (lines.length === 0) return failed(`[${notes.join(' ')}]`)
      break
    }
    if (outcome.matches === null) skipped += 1
    else searched += 1
    for (const match of outcome.matches ?? []) lines.push(`${path}:${match.line}: ${match.text}`)
  }
  if (lines.length >= MAX_MATCHES) {
    notes.push(`Only the first ${MAX_MATCHES} lines are shown. Search in a folder, or for a longer text.`)
  }
  if (skipped > 0) notes.push(`${skipped} files were skipped: not UTF-8 text, too large, or not readable.`)
  if (truncated) notes.push('There are more files, which were not searched. Search in a folder.')
  if (lines.length === 0) notes.unshift(`Nothing was found in ${searched} files.`)
  return succeeded([...lines, ...(notes.length === 0 ? [] : [`[${notes.join(' ')}]`])].join('\n'))
}

async function* contentsOf(workspace: Workspace, paths: readonly string[]) {
  for (let start = 0; start < paths.length; start += READ_AT_ONCE) {
    const batch = paths.slice(start, start + READ_AT_ONCE)
    yield* await Promise.all(batch.map(async (path) => ({ path, read: await workspace.read(path) })))
  }
}

/** A pattern that can be searched for, or a sentence that says why not. */
function linePattern({ pattern, regex }: Parameters): LinePattern | string {
  if (!regex) {
    return pattern.includes('\n')
      ? 'The pattern has more than one line, but files are searched line by line. Search for one of its lines.'
      : { source: pattern, regex_flags: null }
  }
  // With `u` first, for \p{…}; it refuses some harmless escapes that models like to write.
  const reasons = ['u', ''].map((flags) => whyNoRegex(pattern, flags))
  if (reasons[0] === null) return { source: pattern, regex_flags: 'u' }
  if (reasons[1] === null) return { source: pattern, regex_flags: '' }
  return `The pattern is not a JavaScript regular expression: ${reasons[1]}. Correct it, or search without regex.`
}

function whyNoRegex(pattern: string, flags: string): string | null {
  try {
    new RegExp(pattern, flags)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function withoutDependencies(files: readonly WorkspaceFile[], base: string): string[] {
  const isDependency = (path: string) => path.split('/').includes('node_modules')
  const paths = files.map((file) => file.path)
  return isDependency(base) ? paths : paths.filter((path) => !isDependency(path))
}
