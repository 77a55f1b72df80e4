import { z } from 'zod'
import { canonicalPath } from '../workspace/relative-path.ts'
import { inTurn } from './in-turn.ts'
import { encodeText, hashOfText } from './text-content.ts'
import type { Tool } from './tool.ts'
import { refused, succeeded } from './tool-result.ts'
import { noteOfRefused, recoverWrite, type WriteNote } from './write-recovery.ts'

const parameters = z.lazy(() =>
  z.strictObject({
    path: z.string().min(1).describe('Path of the file, relative to the workspace; missing folders are made'),
    content: z.string().describe('The whole new content of the file'),
  }),
)

export const writeFile: Tool<z.infer<typeof parameters>> = {
  name: 'write_file',
  description:
    'Writes a whole text file in the workspace and replaces what was there. To change a part of a file, use edit_file.',
  risk: 'write',
  parameters,

  async prepare({ path, content }, { workspace }): Promise<WriteNote> {
    const before = await workspace.hash(path)
    if (!before.ok) return noteOfRefused(canonicalPath(path))
    return { path: canonicalPath(path), before: before.value, after: hashOfText(content) }
  },

  async execute({ path, content }, { workspace }) {
    const target = canonicalPath(path)
    return inTurn(workspace.root, target, async () => {
      const before = await workspace.hash(path)
      if (!before.ok) return refused(before.error)
      if (before.value === hashOfText(content))
        return succeeded(`"${target}" already has this content; nothing was changed.`)
      const bytes = encodeText(content)
      const written = await workspace.write(path, bytes)
      if (!written.ok) return refused(written.error)
      const what = before.value === null ? 'Created' : 'Replaced'
      return succeeded(`${what} "${target}" (${bytes.byteLength} bytes).`, [target])
    })
  },

  recover: (_parameters, note, { workspace }) => recoverWrite(workspace, note),
}
