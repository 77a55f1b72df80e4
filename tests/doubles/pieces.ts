/** Tokens as the doubles count them: four characters each, rounded up. */
export function countTokens(chars: number): number {
  return Math.ceil(chars / 4)
}

const MAX_PIECES = 200

/** Cuts a text into the pieces in which a model streams it, never inside a character. */
export function streamPieces(text: string): string[] {
  const size = Math.max(24, Math.ceil(text.length / MAX_PIECES))
  const pieces: string[] = []
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + size)
    const last = text.charCodeAt(end - 1)
    if (last >= 0xd800 && last <= 0xdbff && end < text.length) end += 1
    pieces.push(text.slice(at, end))
    at = end
  }
  return pieces
}

/** A long text for tests of size. */
export function longText(bytes: number): string {
  return 'All work and no play makes a dull model. '.repeat(Math.ceil(bytes / 41)).slice(0, bytes)
}
