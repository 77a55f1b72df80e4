/** Control characters, zero-width ones and marks that turn the direction of text: what is shown would not be what is meant. */
const HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** Text of a model where a person decides by it: what would be invisible is spelled out. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (found) =>
    found === '\n' || found === '\t' ? found : `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  )
}
