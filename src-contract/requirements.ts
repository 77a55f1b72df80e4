import { z } from 'zod'

export const MAX_REQUIREMENTS = 200_000
export const MAX_ATTACHMENT_BYTES = 10_000_000

export const requirements = z
  .string()
  .min(1, 'Say what you want: the requirements are empty.')
  .max(MAX_REQUIREMENTS, `Requirements may have at most ${MAX_REQUIREMENTS} characters; attach longer texts as files.`)
  .refine((text) => text.trim().length > 0, 'Say what you want: the requirements are empty.')
