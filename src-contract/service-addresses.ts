import { z } from 'zod'

const cardNumbers = z.array(z.number().int().min(0).max(31)).min(1).max(32)
/** The cards that each server works on, as `nvidia-smi` numbers them; null: nobody said, and the first is taken for it. */
export const serviceCards = z.strictObject({ ollama: cardNumbers.nullable(), comfyui: cardNumbers.nullable() })

const serverUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  // Messages and pages name the address, so it must hold no secret; a query or fragment would break every path behind it.
  .regex(/^https?:\/\/[^/\\?#@\s]+(\/[^?#]*)?$/i, {
    message: 'must be an address without a login, a query or a fragment, such as http://127.0.0.1:8188',
  })
  .nullable()

/** Where each server is, as a person entered it; null: at its usual address. What the environment says goes before. */
export const serviceUrls = z.strictObject({ ollama: serverUrl, comfyui: serverUrl })
