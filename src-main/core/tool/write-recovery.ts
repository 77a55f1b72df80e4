import { z } from 'zod'
import type { FileRefusal, Workspace } from '../workspace/workspace.ts'
import type { ToolRecovery } from './tool.ts'
import { succeeded } from './tool-result.ts'

/**
 * What a tool that writes one file notes before it does (E5). Hashes of the content; `before` is null where there is no
 * file. `after` is null where the call will be refused, so that nothing is to change.
 */
const writeNote = z.lazy(() =>
  z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
)
export type WriteNote = z.infer<typeof writeNote>

/** The note of a write that is known to be refused. */
export function noteOfRefused(path: string): WriteNote {
  return { path, before: null, after: null }
}

/** Tells by the file's hash whether a noted write happened. */
export async function recoverWrite(
  workspace: Workspace,
  note: Readonly<Record<string, unknown>>,
): Promise<ToolRecovery> {
  const parsed = writeNote.safeParse(note)
  if (!parsed.success) {
    return {
      kind: 'unknown',
      reason: 'The note about this write cannot be read, so nobody can tell whether it happened.',
    }
  }
  const { path, before, after } = parsed.data
  const current = await workspace.hash(path)
  if (!current.ok) return recoverRefused(path, current.error)
  if (after !== null && current.value === after) {
    const changed = before === after ? [] : [path]
    return { kind: 'done', result: succeeded(`"${path}" has the new content (found after a restart).`, changed) }
  }
  if (current.value === before) return { kind: 'redo' }
  const now = current.value === null ? 'is gone' : 'has other content'
  return {
    kind: 'unknown',
    reason: `"${path}" ${now}: neither what it was before this write nor what the write would leave. Something else changed it. Look at the file, then retry or skip.`,
  }
}

function recoverRefused(path: string, refusal: FileRefusal): ToolRecovery {
  // A file that may not be touched was not written, and writing it again is refused again.
  if (refusal.kind !== 'io') return { kind: 'redo' }
  return { kind: 'unknown', reason: `Whether "${path}" was written is not known: ${refusal.message}` }
}
