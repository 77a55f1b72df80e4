import { ok, type Result } from '#contract/result.ts'
import { inTurn } from '../tool/in-turn.ts'
import { contentName } from './checkpoint-repository.ts'
import { DEFAULT_FILE_RULES } from './file-rules.ts'
import { type Refusable, refuse } from './refusal.ts'
import { canonicalPath } from './relative-path.ts'
import type { Workspace } from './workspace.ts'

/** Larger files are not kept; what could not be written back must not be replaced. */
export const MAX_KEPT_BYTES = DEFAULT_FILE_RULES.max_write_bytes

/** Keeps what a file was and will be, before it is changed. */
export interface ChangeKeeper {
  /** Durable when it resolves: then the file may be changed. Answers with the change's key. Null contents: no such file. */
  begin(path: string, before: Uint8Array | null, after: Uint8Array | null): Promise<Result<number, string>>
  /** The change has happened. */
  done(id: number): Promise<void>
}

/** A workspace in which no file is replaced before its content is kept. Reads are those of `workspace`. */
export function watchWorkspace(workspace: Workspace, keeper: ChangeKeeper): Workspace {
  return {
    root: workspace.root,
    read: (path, limit) => workspace.read(path, limit),
    stream: (path, take) => workspace.stream(path, take),
    hash: (path) => workspace.hash(path),
    list: (path, limit) => workspace.list(path, limit),
    write: (given, content) => {
      const path = canonicalPath(given)
      // Apart from the tools' own turns, which are under way while they write.
      return inTurn(`${workspace.root}\0kept`, path, async () => {
        const before = await contentNow(workspace, path)
        if (!before.ok) return before
        if (before.value !== null && contentName(before.value) === contentName(content)) return ok(undefined)
        const kept = await keeper.begin(path, before.value, content)
        if (!kept.ok) return notKept(path, kept.error)
        const written = await workspace.write(path, content)
        if (written.ok) await keeper.done(kept.value)
        return written
      })
    },
  }
}

/** The whole content of a file, or null where there is none. */
export async function contentNow(workspace: Workspace, path: string): Promise<Refusable<Uint8Array | null>> {
  const read = await workspace.read(path, MAX_KEPT_BYTES)
  if (read.ok) return read
  if (read.error.kind === 'not_found') return ok(null)
  if (read.error.kind !== 'too_large') return read
  return refuse(
    'too_large',
    `"${path}" has more than ${MAX_KEPT_BYTES} bytes. Baton cannot keep a copy of so large a file for undo, so it does not replace it. Use another path, or ask the user to move the file away.`,
  )
}

function notKept(path: string, fault: string): Refusable<never> {
  return refuse(
    // Git says it in these words only.
    /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/.test(fault)
      ? 'full'
      : /Read-only file system|EROFS/.test(fault)
        ? 'read_only'
        : 'io',
    `"${path}" was not written, because a copy for undo could not be kept. ${fault} See that the disk has room and git works, then try again.`,
  )
}
