import { z } from 'zod'
import { canonicalPath } from '../workspace/relative-path.ts'
import { applyEdit } from './apply-edit.ts'
import { inTurn } from './in-turn.ts'
import { encodeText, hashOfText, readText } from './text-content.ts'
import type { Tool } from './tool.ts'
import { failed, refused, succeeded } from './tool-result.ts'
import { noteOfRefused, recoverWrite, type WriteNote } from './write-recovery.ts'

const parameters = z.lazy(() =>
  z.strictObject({
    path: z.string().min(1).describe('Path of an existing text file, relative to the workspace'),
    old_text: z
      .string()
      .min(1)
      .describe('The text to replace, exactly as it stands in the file, with its spaces and line breaks'),
    new_text: z.string().describe('What to put in its place'),
    replace_all: z
      .boolean()
      .default(false)
      .describe('Replace every place where old_text stands; otherwise there must be exactly one'),
  }),
)

export const editFile: Tool<z.infer<typeof parameters>> = {
  name: 'edit_file',
  description:
    'Replaces a piece of a text file in the workspace. The piece must stand there exactly once, unless replace_all is true.',
  risk: 'write',
  parameters,

  async prepare(given, { workspace }): Promise<WriteNote> {
    const path = canonicalPath(given.path)
    const read = await readText(workspace, path)
    if (!read.ok) {
      const before = await workspace.hash(path)
      return before.ok ? { path, before: before.value, after: null } : noteOfRefused(path)
    }
    const edited = applyEdit(read.value, given)
    return { path, before: hashOfText(read.value), after: edited.ok ? hashOfText(edited.value.text) : null }
  },

  async execute(given, { workspace }) {
    const path = canonicalPath(given.path)
    return inTurn(workspace.root, path, async () => {
      const read = await readText(workspace, path)
      if (!read.ok) return refused(read.error)
      const edited = applyEdit(read.value, given)
      if (!edited.ok) return failed(`"${path}" was not changed: ${edited.error}`)
      if (edited.value.text === read.value) return succeeded(`"${path}" already reads so; nothing was changed.`)
      const written = await workspace.write(path, encodeText(edited.value.text))
      if (!written.ok) return refused(written.error)
      const { places } = edited.value
      return succeeded(`Edited "${path}" in ${places === 1 ? 'one place' : `${places} places`}.`, [path])
    })
  },

  recover: (_parameters, note, { workspace }) => recoverWrite(workspace, note),
}
