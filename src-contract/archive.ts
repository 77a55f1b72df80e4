import { z } from 'zod'
import { ARCHIVE_CHUNK_BYTES } from './archive-chunk.ts'
import { projectId } from './ids.ts'

/** More than any archive of a project that fits a disk; the import itself has lower limits. */
const MAX_BYTES = 1_000_000_000_000

const transferId = z.uuid()
const offset = z.coerce.number().int().min(0).max(MAX_BYTES)
const data = z.base64()

/** A whole project as one file (D3), ready to be fetched piece by piece. */
export const exported = z.object({
  id: transferId,
  /** What to call the file. */
  name: z.string(),
  bytes: z.number().int(),
})
export type Export = z.infer<typeof exported>

export const ofTransfer = z.strictObject({ id: transferId })
export const newExport = z.strictObject({ project_id: projectId })
export const readExport = z.strictObject({ id: transferId, offset })
/** `next_offset`: where the next piece begins; null after the last one. */
export const exportPiece = z.object({ data, next_offset: z.number().int().nullable() })

/** `bytes`: how large the archive is. */
export const newImport = z.strictObject({ bytes: z.number().int().min(1).max(MAX_BYTES) })
export const importBegun = z.object({ id: transferId, chunk_bytes: z.number().int() })
export type ImportBegun = z.infer<typeof importBegun>

export const importPiece = z.strictObject({
  id: transferId,
  offset,
  data: data.max(Math.ceil(ARCHIVE_CHUNK_BYTES / 3) * 4, `A piece has at most ${ARCHIVE_CHUNK_BYTES} bytes.`),
})
export const importReceived = z.object({ received: z.number().int() })
