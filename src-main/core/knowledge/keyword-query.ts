/** Words that nearly every text has: looking for them costs much and tells nothing. */
const COMMON = new Set(
  'a an and are as at be been but by can could did do does for from had has have how i if in into is it its me my no not of on or our should so such than that the their them then there these they this to was we were what when where which who why will with would you your'.split(
    ' ',
  ),
)
const MAX_WORDS = 24

export interface KeywordQueries {
  /** All of its words. */
  readonly all: string
  /** Any of them. */
  readonly any: string
}

/** What FTS5 is asked for a question in words, whatever it holds; null where it has no word. */
export function keywordQueries(question: string): KeywordQueries | null {
  const words = [...new Set(question.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [])]
  const telling = words.filter((word) => !COMMON.has(word))
  const used = (telling.length > 0 ? telling : words).slice(0, MAX_WORDS)
  if (used.length === 0) return null
  // Quoted, so that nothing in it is an operator; what is an underscore to a person is a gap to the index.
  const quoted = used.map((word) => `"${word}"`)
  return { all: quoted.join(' AND '), any: quoted.join(' OR ') }
}
