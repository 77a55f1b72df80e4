import { err, ok, type Result } from '#contract/result.ts'

/**
 * The text of a file's bytes: UTF-8, UTF-16 where its mark says so, otherwise Windows' Latin where nothing in it speaks
 * against text. The error says why it is none.
 */
export function decodeText(bytes: Uint8Array): Result<string, string> {
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null
  if (mark !== null) return ok(new TextDecoder(mark).decode(bytes))
  if (bytes.includes(0)) return err('It is not text.')
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    const isBinary = bytes.subarray(0, 65_536).some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27))
    return isBinary ? err('It is not text.') : ok(new TextDecoder('windows-1252').decode(bytes))
  }
}
