import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** Shorter texts gain nothing. */
const WORTH_CHARS = 4_000
/** Of a text that unpacks; plans are of less, and a forged one in an archive must not fill the memory. */
const MAX_BYTES = 64 * 1_048_576
/** No JSON begins with it. */
const MARK = 'deflate:'

/** Makes a long text of JSON small: plans of many like tasks shrink to a twentieth. */
export function packText(text: string): string {
  return text.length < WORTH_CHARS ? text : MARK + deflateRawSync(text).toString('base64')
}

/** The text again, packed or not. Throws where it is neither. */
export function unpackText(text: string): string {
  if (!text.startsWith(MARK)) return text
  const bytes = Buffer.from(text.slice(MARK.length), 'base64')
  return inflateRawSync(bytes, { maxOutputLength: MAX_BYTES }).toString()
}
