/** Rough tokens of a text before any tokenizer saw it: 3.5 UTF-8 bytes each, which errs on the high side for prose. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3.5)
}

/**
 * The text cut to about `tokens`, keeping its beginning and its end, with a line between that says so. Unchanged where it
 * fits.
 */
export function shorten(text: string, tokens: number, hint: string): { text: string; shortened: boolean } {
  if (estimateTokens(text) <= tokens) return { text, shortened: false }
  const share = tokens / estimateTokens(text)
  const keep = Math.max(0, Math.floor(text.length * share) - hint.length - 40)
  const head = Math.ceil(keep * 0.75)
  const tail = keep - head
  const left = text.length - head - tail
  return {
    text: `${text.slice(0, head).replace(/[\uD800-\uDBFF]$/, '')}\n[… ${left} characters left out here. ${hint}]\n${text.slice(text.length - tail).replace(/^[\uDC00-\uDFFF]/, '')}`,
    shortened: true,
  }
}
