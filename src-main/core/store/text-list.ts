import { z } from 'zod'

const texts = z.array(z.string())

/**
 * How a list of texts stands in its column: as JSON, and an empty one as an empty text, for a task has five lists and
 * mostly nothing in them. Rows from an archive of an older Baton say `[]`, which is read alike.
 */
export function listText(list: readonly string[]): string {
  return list.length === 0 ? '' : JSON.stringify(list)
}

/** The members of a list as its column holds it. Throws where it is none. */
export function parseList(text: string): string[] {
  return text === '' ? [] : texts.parse(JSON.parse(text))
}

/** SQL for whether such a column holds anything. */
export function hasMembers(column: string): string {
  return `(${column} <> '' AND ${column} <> '[]')`
}
