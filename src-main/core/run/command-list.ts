/** What a shell reads as more than words: a second command, a redirection, a substitution, a pattern, a variable. */
const MORE_THAN_WORDS = /[;&|<>`$(){}[\]*?!~#\n\\]/

/**
 * Whether a command begins with one of the listed ones, word by word, and is nothing but words and quotes. `npm test` lists
 * `npm test -- --run`, and not `npm test; npm publish`.
 */
export function isListed(command: string, list: readonly string[]): boolean {
  if (MORE_THAN_WORDS.test(command)) return false
  const words = wordsOf(command)
  return list.some((entry) => {
    const listed = wordsOf(entry)
    return listed.length > 0 && listed.every((word, index) => words[index] === word)
  })
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}
