import { createForbiddenNames } from '../workspace/forbidden-names.ts'
import { NUMBER_PATTERN, readNumber, shortLine, shortText, slug } from './demo-text.ts'

/** One piece of a requirement that gets a task and a file of its own. */
export interface DemoPart {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly type: string
  readonly path: string
}

export const OUTLINE_PATH = 'outline.md'

const forbidden = createForbiddenNames([])
const MAX_PARTS = 24
const MAX_TEXT = 4_000
/** Of all parts together, so that the plan fits into one answer of the model. */
const MAX_TEXT_OF_ALL = 6_000
/** Where structure is looked for; what comes later in a very long text goes into parts as it stands. */
const HEAD = 20_000

/**
 * The parts of a requirement: the files it names, else the things it counts ("five poems", "one page per team for six
 * teams"), else the items of its list, else its sentences, else its clauses. At least two, at most 24.
 */
export function partsOf(requirements: string): DemoPart[] {
  const parts = allParts(requirements)
  return parts.map((part) => ({ ...part, text: shortText(part.text, Math.floor(MAX_TEXT_OF_ALL / parts.length)) }))
}

function allParts(requirements: string): DemoPart[] {
  const text = requirements.toWellFormed()
  const files = namedFiles(text)
  if (files.length > 0)
    return withCompanion(
      files.map((path) => filePart(path, text)),
      text,
    )
  const counted = countedThings(text)
  if (counted.length > 0) return number(counted)
  const items = listItems(text)
  if (items.length >= 2) return number(group(items))
  const sentences = split(text, /(?<=[.!?؟])\s+|(?<=[。！？])|\n+/u)
  if (sentences.length >= 2) return number(group(sentences))
  const clauses = split(text.slice(0, HEAD).replace(/\s+/g, ' '), /[,;:] |[，、；：]| and (?!so on)/)
  if (clauses.length >= 2 && text.length <= HEAD) return number(group(clauses))
  const whole = { title: shortLine(text) || 'Untitled', text: shortText(text, MAX_TEXT) }
  return number([
    { title: `A first draft: ${whole.title}`, text: whole.text },
    { title: `Open questions: ${whole.title}`, text: whole.text },
  ])
}

interface Piece {
  readonly title: string
  readonly text: string
}

function number(pieces: readonly Piece[]): DemoPart[] {
  return pieces.map((piece, index) => {
    const ordinal = String(index + 1).padStart(2, '0')
    const name = slug(piece.title)
    return {
      id: `part-${ordinal}`,
      title: headline(piece.title),
      text: piece.text,
      type: 'writing',
      path: name === '' ? `parts/part-${ordinal}.md` : `parts/${ordinal}-${name}.md`,
    }
  })
}

/** As titles are written: with a capital letter, without the full stop. */
function headline(text: string): string {
  const first = String.fromCodePoint(text.codePointAt(0) ?? 0x20)
  const title = first.toUpperCase() + text.slice(first.length)
  return title.replace(/[.,;:]+$/, '') || title
}

function namedFiles(text: string): string[] {
  const pattern =
    /(?<![\w./\\-])[A-Za-z0-9][\w-]{0,60}(?:\/[A-Za-z0-9][\w-]{0,60}){0,5}\.(?:md|txt|json|csv|ya?ml|html|svg|py|js|ts|css|sh)\b(?![\w/])/g
  const named = new Map<string, string>()
  for (const path of text.slice(0, HEAD).match(pattern) ?? []) {
    const isForbidden = path.split('/').some((name) => forbidden(name) !== null)
    // The outline is written anyway; and names that differ in case only are one file on many systems.
    if (!isForbidden && path.toLowerCase() !== OUTLINE_PATH && !named.has(path.toLowerCase()))
      named.set(path.toLowerCase(), path)
  }
  return [...named.values()].slice(0, MAX_PARTS)
}

const CODE = /\.(?:py|js|ts|css|sh|html)$/

function filePart(path: string, text: string): DemoPart {
  return {
    id: `file-${slug(path)}`.slice(0, 60),
    title: path,
    text: `Write ${path}. ${shortText(text, MAX_TEXT)}`,
    type: CODE.test(path) ? 'code' : 'writing',
    path,
  }
}

/** Two files may differ only in what a task's id cannot spell; and one file alone gets notes beside it. */
function withCompanion(parts: readonly DemoPart[], text: string): DemoPart[] {
  const ids = parts.map((part, index) => ({ ...part, id: `${part.id}-${index + 1}` }))
  if (ids.length > 1) return ids
  const notes = { id: 'notes', title: 'Notes on what is asked', text: shortText(text, MAX_TEXT), type: 'writing' }
  return [...ids, { ...notes, path: ids.some((part) => part.path === 'notes.md') ? 'remarks.md' : 'notes.md' }]
}

function countedThings(text: string): Piece[] {
  const head = text.slice(0, HEAD)
  const each = /\b(?:per|for each|for every|each) ([a-z][a-z-]*)/i.exec(head)?.[1]
  const found =
    (each === undefined
      ? null
      : new RegExp(`\\b(${NUMBER_PATTERN}) (?:[a-z]+ )?(${each}s?|${each.replace(/y$/i, 'ies')})\\b`, 'i').exec(
          head,
        )) ??
    new RegExp(
      `^\\s*(?:please )?(?:write|create|make|draft|produce|list|give me) (${NUMBER_PATTERN}) ((?:[a-z]+ )?[a-z]+)\\b`,
      'i',
    ).exec(head)
  const count = Math.min(readNumber(found?.[1] ?? '0'), MAX_PARTS)
  const noun = found?.[2]
  if (noun === undefined || count < 2) return []
  const name = `${noun.charAt(0).toUpperCase()}${noun.slice(1)}`
  return Array.from({ length: count }, (_, index) => ({
    title: `${name}: ${index + 1} of ${count}`,
    text: shortText(text, MAX_TEXT),
  }))
}

function listItems(text: string): string[] {
  return [...text.matchAll(/^[ \t]*(?:[-*•+]|\d{1,3}[.)])[ \t]+(\S.*)$/gm)].map((match) => match[1] ?? '')
}

/** Pieces that say something, in order. */
function split(text: string, between: RegExp): string[] {
  return text
    .split(between)
    .map((piece) => piece.trim())
    .filter((piece) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(piece))
}

/** Neighbours put together, so that there are not too many. */
function group(pieces: readonly string[]): Piece[] {
  const size = Math.ceil(pieces.length / MAX_PARTS)
  const groups: Piece[] = []
  for (let start = 0; start < pieces.length; start += size) {
    const members = pieces.slice(start, start + size)
    groups.push({ title: shortLine(members[0] ?? ''), text: shortText(members.join('\n'), MAX_TEXT) })
  }
  return groups
}
