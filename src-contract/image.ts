import { z } from 'zod'

/** Images that models can be shown. */
export const imageMediaType = z.enum(['image/png', 'image/jpeg', 'image/webp', 'image/gif'])

/** Largest image that is shown; larger ones are opened from the folder. */
export const MAX_SHOWN_IMAGE_BYTES = 20_000_000
