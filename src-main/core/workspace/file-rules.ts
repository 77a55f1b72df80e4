import { z } from 'zod'

/**
 * What a workspace refuses beyond the names that are always refused (T3), and how large files may be.
 * Comes from the project's settings.
 */
export const fileRules = z.strictObject({
  /** More forbidden names, each for one path component; `*` stands for any characters. */
  forbidden: z
    .array(
      z
        .string()
        .min(1)
        .max(255)
        .regex(/^[^/\\]+$/, 'A forbidden name stands for one path component and must not contain / or \\'),
    )
    .default([]),
  /** Bytes that a read gives at most, where the caller names no limit. */
  max_read_bytes: z.number().int().positive().default(2_000_000),
  /** Bytes that a write takes at most. */
  max_write_bytes: z.number().int().positive().default(10_000_000),
})
export type FileRules = z.infer<typeof fileRules>

export const DEFAULT_FILE_RULES: FileRules = fileRules.parse({})
