const MAX_SHOWN = 80

/** A text from outside, quoted on one line and shortened, so that it can stand in a message. */
export function quote(text: string): string {
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
  return JSON.stringify(shown.toWellFormed())
}

/** What kind of value this is, for a message that says what was expected instead. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return `the text ${quote(value)}`
  return `${typeof value} ${String(value)}`
}
