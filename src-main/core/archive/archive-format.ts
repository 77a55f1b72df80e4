import { z } from 'zod'

/**
 * A project as one file (D3): a gzipped tar, which any system can open. Its entries, in this order: `format.json`;
 * `rows/<table>.jsonl`, one row per line as the database holds it; `blobs/<sha256>`, large texts; `history/<name>`, the
 * private history's contents as git keeps them; `workspace/<path>`; and last `manifest.json` with the hash of each of them.
 */
export const ARCHIVE_FORMAT = 1
export const FORMAT_ENTRY = 'format.json'
export const MANIFEST_ENTRY = 'manifest.json'
export const ARCHIVE_SUFFIX = '.baton.tar.gz'

/** What an import takes at most. A real project is far below each; what is above is refused before it fills the disk. */
export interface ArchiveLimits {
  readonly archive_bytes: number
  /** All entries together, unpacked. */
  readonly unpacked_bytes: number
  readonly entries: number
  readonly rows: number
  /** One row, which is held in memory. */
  readonly row_bytes: number
  /** One large text, or one content of the private history; each is held in memory. */
  readonly blob_bytes: number
}
export const ARCHIVE_LIMITS: ArchiveLimits = {
  archive_bytes: 8_000_000_000,
  unpacked_bytes: 16_000_000_000,
  entries: 200_000,
  rows: 1_000_000,
  row_bytes: 16_000_000,
  blob_bytes: 64_000_000,
}
/** `format.json` and `manifest.json`, which are held in memory. */
export const MAX_INDEX_BYTES = 64_000_000

/** The first entry: what this is, before anything else is read. */
export const archiveFormat = z.lazy(() =>
  z.object({
    format: z.literal('baton-project'),
    /** Another number means that an older Baton would misread it. */
    version: z.number().int(),
    /** Version of Baton that made it, and of its tables. */
    baton_version: z.string().max(100),
    schema_version: z.number().int(),
    exported_at: z.number().int(),
    /** Public id and name where it came from. */
    project_id: z.string().max(100),
    project_name: z.string().max(200),
  }),
)
export type ArchiveFormat = z.infer<typeof archiveFormat>

export const archiveManifest = z.lazy(() =>
  z.strictObject({
    entries: z.array(
      z.strictObject({
        path: z.string(),
        bytes: z.number().int().nonnegative(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    ),
  }),
)
export type ArchiveEntry = z.infer<typeof archiveManifest>['entries'][number]

/** The archive is not one that can be taken; the message says what is wrong with it, for a person. Stays inside `archive/`. */
export class ArchiveFault extends Error {}
