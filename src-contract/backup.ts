import { z } from 'zod'
import { timestamp } from './time.ts'

/** A backup's name: the moment it was begun, as a folder can be called on every system. */
export const backupId = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z$/, 'must look like 2026-07-10T09-30-00-000Z')

/** A copy of the database and what belongs to it, as it was at one moment (D3). */
export const backup = z.object({
  id: backupId,
  created_at: timestamp,
  /** Version of Baton that made it, and of the tables in it. */
  version: z.string(),
  schema_version: z.number().int(),
  files: z.number().int(),
  bytes: z.number().int(),
  /** What its chains told when it was made (D5); empty where all was well. */
  findings: z.array(z.string()),
  folder: z.string(),
})
export type Backup = z.infer<typeof backup>

/** What is wrong with a backup; nothing, where it can be restored. */
export const backupCheck = z.object({ id: backupId, problems: z.array(z.string()) })
export type BackupCheck = z.infer<typeof backupCheck>
