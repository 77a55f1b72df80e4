import type { Result } from '#contract/result.ts'

/** Why a path or a file in a workspace was refused. */
export interface FileRefusal {
  readonly kind:
    | 'outside'
    | 'forbidden'
    | 'link'
    | 'not_found'
    | 'not_a_file'
    | 'too_large'
    | 'not_text'
    | 'full'
    | 'read_only'
    | 'io'
  /** What happened, why and what to do; may be shown to a model and to a user. */
  readonly message: string
}

/** One file of a workspace. `path` is relative to its root, with `/`. */
export interface WorkspaceFile {
  readonly path: string
  readonly bytes: number
  readonly modified_ms: number
}

/** Gets a file's content in pieces, which together have `bytes` bytes. */
export type TakeFile = (
  file: { readonly bytes: number; readonly executable: boolean; readonly modified_ms: number },
  content: AsyncIterable<Uint8Array>,
) => Promise<void>

/**
 * The only way to a project's files. Every path is relative to the workspace's root; what leaves it, follows a link or
 * has a forbidden name (T3) is refused, for read and for write.
 */
export interface Workspace {
  /** Absolute path of the root folder. */
  readonly root: string
  /** Whole file as bytes, at most `limit` bytes (default: the workspace's size cap). */
  read(path: string, limit?: number): Promise<Result<Uint8Array, FileRefusal>>
  /** Writes the whole file so that a reader sees the old or the new content, never a part. Creates folders. Durable when it resolves. */
  write(path: string, content: Uint8Array): Promise<Result<void, FileRefusal>>
  /** A file of any size, piece by piece. What `take` throws goes on to the caller. */
  stream(path: string, take: TakeFile): Promise<Result<void, FileRefusal>>
  /** SHA-256 of the content in hex, or null where there is no such file. */
  hash(path: string): Promise<Result<string | null, FileRefusal>>
  /** Files below `path` (default: all), sorted by path, without forbidden names; at most `limit`, then `truncated`. */
  list(
    path?: string,
    limit?: number,
  ): Promise<Result<{ files: readonly WorkspaceFile[]; truncated: boolean }, FileRefusal>>
}
