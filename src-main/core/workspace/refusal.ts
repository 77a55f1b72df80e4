import { err, ok, type Result } from '#contract/result.ts'
import type { FileRefusal } from './workspace.ts'

export type Refusable<T> = Result<T, FileRefusal>

/** A refusal as a failed result. */
export function refuse(kind: FileRefusal['kind'], message: string): { ok: false; error: FileRefusal } {
  return err({ kind, message })
}

/**
 * Runs file system calls and turns what the operating system refuses into a {@link FileRefusal}. Anything else that is
 * thrown is a bug and goes on. `path` is how the caller spelled the file.
 */
export async function attempt<T>(path: string, run: () => Promise<T>): Promise<Refusable<T>> {
  try {
    return ok(await run())
  } catch (error) {
    const code = errorCode(error)
    if (code === null) throw error
    return err(refusalOf(code, path))
  }
}

/** The operating system's name of a fault (`ENOENT` …), or null for any other error. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error
    ? error.code
    : null
}

function refusalOf(code: string, path: string): FileRefusal {
  switch (code) {
    case 'ENOENT':
      return {
        kind: 'not_found',
        message: `There is no "${path}" in the workspace. List the files to see what is there.`,
      }
    case 'ELOOP':
      return linkRefusal(path)
    case 'ENOTDIR':
    case 'EISDIR':
    case 'ENXIO':
      return { kind: 'not_a_file', message: `"${path}" is not a regular file, or a part of its path is not a folder.` }
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        kind: 'full',
        message: `"${path}" was not written because the disk is full (${code}). Free some space, then try again.`,
      }
    case 'EROFS':
      return {
        kind: 'read_only',
        message: `"${path}" was not written because its disk is read-only (${code}). Make it writable again, then try again.`,
      }
    case 'EACCES':
    case 'EPERM':
      return {
        kind: 'io',
        message: `The system denies access to "${path}" (${code}). Change its permissions, or use another file.`,
      }
    default:
      return {
        kind: 'io',
        message: `"${path}" could not be accessed (${code}). Try again; if it stays, check the disk.`,
      }
  }
}

export function linkRefusal(path: string): FileRefusal {
  return {
    kind: 'link',
    message: `"${path}" is a link, and links are not followed because they may lead out of the workspace. Use the path of the real file.`,
  }
}
