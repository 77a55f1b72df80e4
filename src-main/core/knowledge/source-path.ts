import { realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, relative, resolve, sep } from 'node:path'
import { ok, type Result } from '#contract/result.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { DEFAULT_FILE_RULES } from '../workspace/file-rules.ts'
import { createForbiddenNames } from '../workspace/forbidden-names.ts'

export interface CheckedPath {
  readonly kind: 'file' | 'folder'
  readonly path: string
  readonly name: string
}

/** A path that a person gives to be read: it is there, holds no secrets by its name, and is not Baton's own folder. */
export async function checkSourcePath(given: string, dataDir: string): Promise<Result<CheckedPath, Refusal>> {
  if (!isAbsolute(given))
    return refuse('bad_request', `"${given}" is not an absolute path. Give one that begins with /.`)
  let path: string
  let isFolder: boolean
  try {
    // Links on the way are the person's own; from here on none is followed.
    path = await realpath(resolve(given))
    const found = await stat(path)
    if (!found.isFile() && !found.isDirectory())
      return refuse('bad_request', `"${given}" is neither a file nor a folder. Give one of them.`)
    isFolder = found.isDirectory()
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
    return refuse('not_found', `"${given}" cannot be read (${code}). Check the path and that it is yours to read.`)
  }
  const forbidden = createForbiddenNames(DEFAULT_FILE_RULES.forbidden)
  const secret = path.split(sep).find((part) => part !== '' && forbidden(part) !== null)
  if (secret !== undefined)
    return refuse('forbidden', `"${given}" is not read, because "${secret}" may hold secrets. Give another file.`)
  const within = relative(await realpath(dataDir), path)
  if (!within.startsWith('..') && !isAbsolute(within))
    return refuse('forbidden', `"${given}" lies in Baton's own folder, which is not read. Give another one.`)
  return ok({ kind: isFolder ? 'folder' : 'file', path, name: basename(path) || path })
}
