import { evenlySpread } from '../src-main/core/plan/evenly-spread.ts'

const WORDS = 30_000
const SYLLABLES = [
  'ka',
  'lo',
  'mi',
  'ren',
  'tus',
  'pa',
  'vor',
  'el',
  'shi',
  'dan',
  'qui',
  'bra',
  'no',
  'fe',
  'zun',
  'ost',
]

/** Texts whose words come as often as in a language (Zipf): few everywhere, most hardly ever. */
export function likelyTexts(seed: number): { text(words: number): string; question(text: string): string } {
  const random = evenlySpread(seed)
  const words = Array.from({ length: WORDS }, (_, rank) => {
    let word = ''
    for (let rest = rank + 16; rest > 0; rest = Math.floor(rest / 16)) word += SYLLABLES[rest % 16] ?? ''
    return word
  })
  // The rank at which a share of all words in a text is reached, by the integral of 1/rank.
  const pick = (): string => words[Math.min(WORDS - 1, Math.floor((WORDS + 1) ** random()) - 1)] ?? ''
  return {
    text: (count) => Array.from({ length: count }, pick).join(' '),
    question(text) {
      const all = text.split(' ')
      return Array.from({ length: 6 }, () => all[Math.floor(random() * all.length)] ?? '').join(' ')
    },
  }
}
