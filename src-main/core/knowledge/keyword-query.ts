/** Words that nearly every text has, and that tell nothing. */
const COMMON = new Set(
  'a an and are as at be been but by can could did do does for from had has have how i if in into is it its me my no not of on or our should so such than that the their them then there these they this to was we were what when where which who why will with would you your'.split(
    ' ',
  ),
)
const MAX_WORDS = 24
/** In so many passages a word is common; finding and weighing all of them would take longer than it is worth. */
const OFTEN = 2_000
/** So many passages are weighed at most. */
const WEIGHED = 6_000

/** What FTS5 is to be asked for. */
export interface KeywordQuery {
  readonly text: string
  /** Whether what is found is to be weighed, or has every word and is as good as any. */
  readonly weighed: boolean
}

/**
 * What FTS5 is asked for a question in words, whatever it holds; null where it has no word. Only rare words are weighed: they
 * decide what a passage is about, and the cost of a search grows with how often its words come. `countOf` tells how many
 * passages a query finds, at most as many as it is asked for.
 */
export function keywordQuery(question: string, countOf: (text: string, most: number) => number): KeywordQuery | null {
  const words = [...new Set(question.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [])]
  const telling = words.filter((word) => !COMMON.has(word))
  // Quoted, so that nothing in it is an operator; what is an underscore to a person is a gap to the index.
  const quoted = (telling.length > 0 ? telling : words).slice(0, MAX_WORDS).map((word) => `"${word}"`)
  if (quoted.length === 0) return null
  const counted = quoted.map((text) => ({ text, count: countOf(text, OFTEN) })).sort((a, b) => a.count - b.count)
  let sum = 0
  const rare = counted.filter(({ count }) => {
    sum += count
    return count < OFTEN && sum <= WEIGHED
  })
  if (rare.some(({ count }) => count > 0)) return { text: rare.map(({ text }) => text).join(' OR '), weighed: true }
  return { text: quoted.join(' AND '), weighed: false }
}
