import { posix } from 'node:path'

/** Stands at the end of everything that the demo writes, so that nobody takes it for a model's work. */
export const DEMO_LINE = "Written by Baton's demo model: no AI."

let segmenter: Intl.Segmenter | undefined

/** Made when it is needed: its tables take longer to load than the rest of this folder. */
function characters(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return segmenter.segment(text)
}

/** The first `limit` visible characters on one line, never cutting inside one; `…` where something is missing. */
export function shortLine(text: string, limit = 80): string {
  const head = text.slice(0, limit * 40).toWellFormed()
  const line = head.trim().replace(/\s+/g, ' ')
  const kept: string[] = []
  for (const { segment } of characters(line)) {
    // After a whole word, where one ends not far before.
    if (kept.length === limit)
      return `${kept
        .join('')
        .replace(/\s+\S{0,15}$/, '')
        .trimEnd()}…`
    kept.push(segment)
  }
  return text.length > head.length ? `${line}…` : line
}

/** At most `limit` characters, with a note where something is missing. */
export function shortText(text: string, limit: number): string {
  if (text.length <= limit) return text.toWellFormed()
  return `${text.slice(0, limit).toWellFormed()}… (shortened: ${text.length - limit} more characters)`
}

/** A file name of plain letters, digits and `-`; empty where the text has none of them. */
export function slug(text: string): string {
  return text
    .slice(0, 200)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
}

/** Text as it reads in one line of markdown, without becoming markup. */
export function inline(text: string): string {
  return shortLine(text, 200).replace(/[\\`*_[\]<>#|~]/g, '\\$&')
}

/** Text in a fence that it cannot close. */
export function fenced(text: string): string {
  const longest = (text.match(/`{3,}/g) ?? []).reduce((length, run) => Math.max(length, run.length), 2)
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${text.trim()}\n${fence}`
}

/** The target of a link in the file `from` to the file `to`; both are relative to the workspace. */
export function linkTarget(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to)
  return path
    .split('/')
    .map(encodeURIComponent)
    .join('/')
    .replace(/[()]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
}

const NUMBER_WORDS = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
  'twenty',
]
/** A pattern for a number of at most two digits, or in English words up to twenty. */
export const NUMBER_PATTERN = `\\d{1,2}|${NUMBER_WORDS.slice(1).join('|')}`

export function readNumber(text: string): number {
  const word = NUMBER_WORDS.indexOf(text.toLowerCase())
  return word === -1 ? Number(text) : word
}
