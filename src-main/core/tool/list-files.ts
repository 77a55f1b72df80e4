import { z } from 'zod'
import { canonicalPath } from '../workspace/relative-path.ts'
import type { WorkspaceFile } from '../workspace/workspace.ts'
import type { Tool } from './tool.ts'
import { refused, succeeded } from './tool-result.ts'

/** So many files are looked at; more are not counted. */
const MAX_SEEN = 50_000
/** So many lines go to the model before folders are shown as one line each. */
const MAX_LINES = 500

const parameters = z.strictObject({
  path: z.string().default('').describe('Folder to list, relative to the workspace; leave it out for everything'),
})

export const listFiles: Tool<z.infer<typeof parameters>> = {
  name: 'list_files',
  description:
    'Lists the files of the workspace, or of one folder of it and the folders below, with their sizes. Very many files are summed up by folder.',
  risk: 'read',
  parameters,

  async execute({ path }, { workspace }) {
    const listed = await workspace.list(path, MAX_SEEN)
    if (!listed.ok) return refused(listed.error)
    const { files, truncated } = listed.value
    const left_out = truncated
      ? ['[There are more files, which were not listed. Name a folder to see those in it.]']
      : []
    if (files.length === 0 && !truncated) return succeeded('[There are no files.]')
    if (files.length <= MAX_LINES) return succeeded([...files.map(lineOf), ...left_out].join('\n'))

    const rows = byFolder(files, canonicalPath(path))
    const shown = rows.slice(0, MAX_LINES)
    const note = `[${files.length} files are too many to list each. List a folder to see its files.]`
    const cut =
      shown.length < rows.length ? [`[${rows.length - shown.length} more rows were left out; use search_files.]`] : []
    return succeeded([...shown, note, ...cut, ...left_out].join('\n'))
  },
}

function lineOf(file: WorkspaceFile): string {
  return `${file.path} (${file.bytes} bytes)`
}

/** One line for each file directly in `base`, and one for each folder. */
function byFolder(files: readonly WorkspaceFile[], base: string): string[] {
  const start = base === '' ? 0 : base.length + 1
  const folders = new Map<string, number>()
  const direct: string[] = []
  for (const file of files) {
    const slash = file.path.indexOf('/', start)
    if (slash < 0) direct.push(lineOf(file))
    else {
      const folder = file.path.slice(0, slash + 1)
      folders.set(folder, (folders.get(folder) ?? 0) + 1)
    }
  }
  return [...[...folders].map(([folder, count]) => `${folder} (${count} files)`), ...direct]
}
