import { posix } from 'node:path'
import type { Workspace } from '../workspace/workspace.ts'
import { formatFault } from './artifact-format.ts'
import { markdownLinks } from './markdown-links.ts'

/** Something that a promised file lacks; stored and handed to repair. */
export interface Violation {
  readonly path: string
  readonly message: string
}

/** Large enough for images and PDFs that tasks make; what is larger is checked for being there only. */
const MAX_READ_BYTES = 64_000_000
const MAX_LINK_FINDINGS = 20

/**
 * Checks that promised files are there, are not empty and parse by their extension, and that relative links in markdown
 * lead to files of the workspace (G3). Runs nothing and changes nothing.
 */
export async function verifyArtifacts(workspace: Workspace, paths: readonly string[]): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const path of paths) {
    for (const message of await findings(workspace, path)) violations.push({ path, message })
  }
  return violations
}

async function findings(workspace: Workspace, path: string): Promise<string[]> {
  if (path.endsWith('/')) return folderFindings(workspace, path)
  const read = await workspace.read(path, MAX_READ_BYTES)
  if (!read.ok) {
    if (read.error.kind === 'too_large') return []
    if (read.error.kind !== 'not_found') return [read.error.message]
    return [`The file ${path} was promised but is not there. Write it.`]
  }
  if (read.value.byteLength === 0) return [`The file ${path} is empty. Write its content.`]
  const fault = await formatFault(path, read.value)
  if (fault !== null) return [`The file ${path} ${fault}`]
  return isMarkdown(path) ? linkFindings(workspace, path, new TextDecoder().decode(read.value)) : []
}

async function folderFindings(workspace: Workspace, path: string): Promise<string[]> {
  const listed = await workspace.list(path.replace(/\/+$/, ''), 1)
  if (listed.ok && listed.value.files.length > 0) return []
  if (!listed.ok && listed.error.kind !== 'not_found') return [listed.error.message]
  return [`The folder ${path} was promised but holds no file. Write its files.`]
}

function isMarkdown(path: string): boolean {
  return /\.(?:md|markdown)$/i.test(path)
}

async function linkFindings(workspace: Workspace, path: string, text: string): Promise<string[]> {
  const found: string[] = []
  for (const target of new Set(markdownLinks(text))) {
    const fault = await linkFault(workspace, path, target)
    if (fault !== null) found.push(`${path} links to ${fault}`)
  }
  if (found.length <= MAX_LINK_FINDINGS) return found
  return [
    ...found.slice(0, MAX_LINK_FINDINGS),
    `${path} has ${found.length - MAX_LINK_FINDINGS} more links that lead nowhere.`,
  ]
}

/** Where a link leads and what is wrong with that; null where it leads to a file, to the page itself or out of the workspace's reach (a URL). */
async function linkFault(workspace: Workspace, from: string, target: string): Promise<string | null> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target) || target.startsWith('//')) return null
  const bare = target.replace(/[?#].*$/s, '')
  if (bare === '') return null
  const decoded = decode(bare)
  if (decoded === null) return `${target}, which is not encoded correctly. Write % as %25.`
  const joined = posix.normalize(decoded.startsWith('/') ? `.${decoded}` : posix.join(posix.dirname(from), decoded))
  if (joined === '..' || joined.startsWith('../'))
    return `${target}, which leaves the workspace. Link only to files inside it.`
  const place = joined === decoded ? joined : `${target} (${joined})`
  const nothing = `${place}, which is not there. Correct the link, or write the file.`
  const folder = joined.replace(/\/+$/, '')
  if (folder === '.' || folder === '') return null
  if (!joined.endsWith('/')) {
    const hash = await workspace.hash(joined)
    if (hash.ok && hash.value !== null) return null
    if (!hash.ok && hash.error.kind === 'too_large') return null
  }
  const listed = await workspace.list(folder, 1)
  return listed.ok && listed.value.files.length > 0 ? null : nothing
}

function decode(target: string): string | null {
  try {
    return decodeURIComponent(target)
  } catch {
    return null
  }
}
