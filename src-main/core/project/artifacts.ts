import { eq } from 'drizzle-orm'
import { encodeId } from '#contract/ids.ts'
import { MAX_SHOWN_IMAGE_BYTES } from '#contract/image.ts'
import type { Artifact } from '#contract/project.ts'
import { ok, type Result } from '#contract/result.ts'
import { toTimestamp } from '#contract/time.ts'
import type { Core } from '../core.ts'
import { imageFormat } from '../image/image-format.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { attachment } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { hasMembers, parseList } from '../store/text-list.ts'
import type { FileRefusal, Workspace } from '../workspace/workspace.ts'
import type { ProjectView } from './project-view.ts'

/** Longest content that is shown; the file itself can be downloaded or opened. */
const SHOWN_BYTES = 1_000_000
const MAX_FILES = 10_000

/** The files that a project's tasks left behind (E9). */
export function createArtifacts(
  store: Store,
  view: ProjectView,
  openWorkspace: (root: string) => Promise<Result<Workspace, FileRefusal>>,
): Pick<Core['projects'], 'artifacts' | 'artifact' | 'image'> {
  // CROSS keeps the order of the tables: sorted by steps it would go through those of all projects.
  const writes = store.sqlite.prepare<[number], { id: number; title: string; files: string }>(
    `SELECT t.id, t.title, s.files_changed AS files FROM task t CROSS JOIN run r ON r.task_id = t.id
       CROSS JOIN step s ON s.run_id = r.id
     WHERE t.project_id = ? AND ${hasMembers('s.files_changed')} ORDER BY s.id`,
  )

  function writers(projectId: number): Map<string, { id: number; title: string }> {
    const rows = writes.all(projectId)
    return new Map(
      rows.flatMap(({ id, title, files }) => parseList(files).map((path) => [path, { id, title }] as const)),
    )
  }

  async function contentOf(id: string, path: string, limit?: number): Promise<Result<Uint8Array, Refusal>> {
    const found = view.row(id)
    if (!found.ok) return found
    const workspace = await openWorkspace(found.value.workspace)
    if (!workspace.ok) return refuse('unavailable', `The workspace cannot be read. ${workspace.error.message}`)
    const read = await workspace.value.read(path, limit)
    if (read.ok) return read
    const { kind, message } = read.error
    return refuse(kind === 'not_found' || kind === 'too_large' ? kind : 'bad_request', message)
  }

  return {
    async artifacts(id) {
      const found = view.row(id)
      if (!found.ok) return found
      const workspace = await openWorkspace(found.value.workspace)
      if (!workspace.ok) return refuse('unavailable', `The workspace cannot be read. ${workspace.error.message}`)
      const listed = await workspace.value.list(undefined, MAX_FILES)
      if (!listed.ok) return refuse('unavailable', `The workspace cannot be read. ${listed.error.message}`)
      const by = writers(found.value.id)
      const inputs = store.orm.select().from(attachment).where(eq(attachment.project_id, found.value.id)).all()
      const given = new Set(inputs.map((file) => file.path))
      const items: Artifact[] = listed.value.files
        // In a folder of the user's own, only what tasks wrote is an artifact.
        .filter((file) => !given.has(file.path) && (found.value.workspace_owned || by.has(file.path)))
        .map((file) => {
          const writer = by.get(file.path)
          return {
            path: file.path,
            bytes: file.bytes,
            task_id: writer === undefined ? null : encodeId('task', writer.id),
            task_title: writer?.title ?? null,
            modified_at: toTimestamp(file.modified_ms),
          }
        })
      return ok({ items, next_cursor: null })
    },
    async artifact(id, path) {
      const read = await contentOf(id, path)
      if (!read.ok) return read
      const shown = read.value.subarray(0, SHOWN_BYTES)
      return ok({
        path,
        bytes: read.value.byteLength,
        text: textOf(shown),
        truncated: shown.byteLength < read.value.byteLength,
      })
    },
    async image(id, path) {
      const read = await contentOf(id, path, MAX_SHOWN_IMAGE_BYTES)
      if (!read.ok) return read
      const format = imageFormat(read.value)
      if (format === null)
        return refuse('bad_request', `${path} is not an image that can be shown: its first bytes are others.`)
      const { media_type } = format
      return ok({ path, media_type, bytes: read.value.byteLength, base64: Buffer.from(read.value).toString('base64') })
    },
  }
}

/** The text, or null where the bytes are none. A cut in the middle of a character is no reason to call it binary. */
function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}
