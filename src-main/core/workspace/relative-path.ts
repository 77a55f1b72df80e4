import { ok } from '#contract/result.ts'
import { type Refusable, refuse } from './refusal.ts'

const MAX_PATH_BYTES = 4096
const MAX_NAME_BYTES = 255
/** Folders deep. Bounds the descriptors that a walk through the tree holds open. */
export const MAX_DEPTH = 100

/**
 * Splits a path relative to a workspace into its components; an empty list is the root. `.` and doubled slashes are
 * dropped. Refuses every spelling that some system reads as leaving the folder, also those of systems other than this
 * one, so that a plan means the same everywhere. Touches no file.
 */
export function parseRelativePath(path: string, platform: NodeJS.Platform = process.platform): Refusable<string[]> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    return refuse('forbidden', `The path is longer than ${MAX_PATH_BYTES} bytes. Use a shorter one.`)
  }
  const shown = JSON.stringify(path)
  if (path.includes('\\')) return refuse('outside', `The path ${shown} contains a backslash. Separate folders with /.`)
  if (path.startsWith('/') || path === '~' || path.startsWith('~/')) {
    return refuse(
      'outside',
      `The path ${shown} is not relative to the workspace. Leave out what comes before the workspace's own files.`,
    )
  }
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  if (names.length > MAX_DEPTH) return refuse('forbidden', `The path ${shown} is more than ${MAX_DEPTH} folders deep.`)
  if (names.includes('..')) {
    return refuse(
      'outside',
      `The path ${shown} contains "..". Only paths that go down from the workspace's root are allowed.`,
    )
  }
  for (const name of names) {
    const fault = nameFault(name, platform)
    if (fault !== null)
      return refuse('forbidden', `The path ${shown} is refused because ${fault}. Choose another name.`)
  }
  return ok(names)
}

/** One spelling for one file. A path that is not valid stays as it is, for the workspace to refuse. */
export function canonicalPath(path: string): string {
  const components = parseRelativePath(path)
  return components.ok ? components.value.join('/') : path
}

/** Why one path component cannot be used on every system, or null when it can. */
export function nameFault(name: string, platform: NodeJS.Platform = process.platform): string | null {
  if (!name.isWellFormed()) return 'it is not valid Unicode'
  if (/\p{Cc}/u.test(name)) return 'it contains a control character'
  if (name.includes('\\')) return 'it contains a backslash'
  if (name.includes(':')) return 'it contains a colon, which Windows reads as a drive or a hidden stream'
  if (/[. ]$/.test(name)) return 'a name ends with a dot or a space, which Windows drops'
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `a name is longer than ${MAX_NAME_BYTES} bytes`
  if (platform === 'win32' && /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)( *\.|$)/i.test(name)) {
    return 'Windows reads a name in it as a device'
  }
  if (platform === 'win32' && /~\d/.test(name)) return 'Windows may read a name in it as the short form of another'
  return null
}
