/** What was read at a place of a text, or why it could not be. `at` is where reading stopped. */
export type JsonReading =
  | { readonly ok: true; readonly value: unknown; readonly end: number; readonly repairs: readonly string[] }
  | {
      readonly ok: false
      readonly kind: 'cut' | 'broken' | 'deep' | 'repeated'
      readonly what: string
      readonly at: number
    }

const MAX_DEPTH = 100
const SPACE = /\s*/y
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y
const NUMBER_LIKE = /[-\d][-+.\deE]*/y
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const WORD = /[A-Za-z]+/y
const PLAIN = /[^"\\\p{Cc}]+/uy
const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
const WORDS: ReadonlyMap<string, true | false | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
  ['True', true],
  ['False', false],
  ['None', null],
])

class Stop extends Error {
  readonly kind: 'cut' | 'broken' | 'deep' | 'repeated'
  readonly at: number
  constructor(kind: Stop['kind'], what: string, at: number) {
    super(what)
    this.kind = kind
    this.at = at
  }
}

function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text[first - 1] === '\\') first -= 1
  return (at - first) % 2 === 1
}

function parseText(quoted: string): string | null {
  try {
    const value: unknown = JSON.parse(quoted)
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}

/**
 * Reads one JSON value that starts at `start`, the way models write it: a comma too many, comments, Python's `True` and
 * `None`, and raw line breaks inside texts are read and reported as repairs. Unlike `JSON.parse` it tells a text that
 * was cut from one that is broken, refuses an object that names a member twice (one of the two would be lost), bounds
 * the depth, and ends where the value ends. Objects have no prototype, so that `__proto__` is a name like any other.
 * Linear in the length of the value.
 */
export function readJson(text: string, start: number): JsonReading {
  const repairs = new Set<string>()
  let at = start

  function take(pattern: RegExp): string {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  function skip(): void {
    for (;;) {
      take(SPACE)
      if (text[at] !== '/') return
      if (take(COMMENT) === '') throw new Stop('broken', 'a comment that does not end', at)
      repairs.add('Left out comments, which JSON does not have.')
    }
  }
  function peek(expected: string): string {
    skip()
    const next = text[at]
    if (next === undefined) throw new Stop('cut', `the text ends where ${expected} should follow`, at)
    return next
  }
  function wrong(expected: string): Stop {
    const found = String.fromCodePoint(text.codePointAt(at) ?? 0x20)
    return new Stop('broken', `there is ${JSON.stringify(found)} where ${expected} should be`, at)
  }
  function escaped(): string {
    at += 1
    const letter = text[at]
    if (letter === undefined) throw new Stop('cut', 'the text ends inside a quoted text', at)
    at += 1
    if (letter !== 'u') {
      const plain = ESCAPED[letter] ?? (`"\\/`.includes(letter) ? letter : undefined)
      if (plain !== undefined) return plain
      repairs.add('Took a backslash that escapes nothing for a plain backslash.')
      return `\\${letter}`
    }
    const digits = text.slice(at, at + 4)
    if (digits.length < 4) throw new Stop('cut', 'the text ends inside a quoted text', text.length)
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw wrong('four hexadecimal digits')
    at += 4
    return String.fromCharCode(Number.parseInt(digits, 16))
  }
  /** The quoted text at this place if it is proper JSON, read natively since texts are most of a plan. */
  function proper(): string | null {
    let end = text.indexOf('"', at + 1)
    while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
    const value = end === -1 ? null : parseText(text.slice(at, end + 1))
    if (value !== null) at = end + 1
    return value
  }
  function quoted(): string {
    return proper() ?? improper()
  }
  function improper(): string {
    at += 1
    let value = ''
    for (;;) {
      value += take(PLAIN)
      const next = text[at]
      if (next === undefined) throw new Stop('cut', 'the text ends inside a quoted text', at)
      if (next === '"') break
      if (next === '\\') {
        value += escaped()
      } else {
        value += next
        at += 1
        if (next < ' ')
          repairs.add('Took line breaks and tabs inside quoted texts as they are; JSON would have them escaped.')
      }
    }
    at += 1
    return value
  }
  /** After a member: true when another one follows. */
  function goesOn(close: string): boolean {
    const next = peek(`"," or "${close}"`)
    if (next !== ',' && next !== close) throw wrong(`"," or "${close}"`)
    at += 1
    if (next === close) return false
    if (peek('a value') !== close) return true
    at += 1
    repairs.add(`Left out a comma before "${close}".`)
    return false
  }
  function object(depth: number): unknown {
    const value: Record<string, unknown> = Object.create(null)
    at += 1
    if (peek('a name or "}"') === '}') {
      at += 1
      return value
    }
    do {
      if (peek('a name') !== '"') throw wrong('a quoted name')
      const nameAt = at
      const name = quoted()
      if (name in value)
        throw new Stop('repeated', `one object names ${JSON.stringify(name.slice(0, 80))} twice`, nameAt)
      if (peek('":"') !== ':') throw wrong('":"')
      at += 1
      value[name] = any(depth)
    } while (goesOn('}'))
    return value
  }
  function array(depth: number): unknown {
    const value: unknown[] = []
    at += 1
    if (peek('a value or "]"') === ']') {
      at += 1
      return value
    }
    do value.push(any(depth))
    while (goesOn(']'))
    return value
  }
  function any(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new Stop('deep', `it is nested more than ${MAX_DEPTH} levels deep`, at)
    const next = peek('a value')
    if (next === '{') return object(depth + 1)
    if (next === '[') return array(depth + 1)
    if (next === '"') return quoted()
    const valueAt = at
    const number = take(NUMBER_LIKE)
    if (number !== '') {
      if (at === text.length) throw new Stop('cut', 'the text ends inside a number', at)
      if (NUMBER.test(number)) return Number(number)
      at = valueAt
      throw wrong('a number')
    }
    const word = take(WORD)
    const constant = WORDS.get(word)
    if (constant === undefined) {
      const isEnd = at === text.length && word !== ''
      at = valueAt
      throw isEnd ? new Stop('cut', 'the text ends inside a value', text.length) : wrong('a value')
    }
    if (!['true', 'false', 'null'].includes(word)) repairs.add(`Read ${word} as ${constant}.`)
    return constant
  }

  try {
    const value = any(0)
    return { ok: true, value, end: at, repairs: [...repairs] }
  } catch (stop) {
    if (!(stop instanceof Stop)) throw stop
    return { ok: false, kind: stop.kind, what: stop.message, at: stop.at }
  }
}
