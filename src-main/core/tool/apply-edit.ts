import { err, ok, type Result } from '#contract/result.ts'

export interface Edit {
  readonly old_text: string
  readonly new_text: string
  readonly replace_all: boolean
}

/**
 * Replaces `old_text` in `text`, and tells in how many places. Fails with a sentence for the model when the text is not
 * there, or is there more than once without `replace_all`. In a file with Windows line ends, plain ones match too.
 */
export function applyEdit(text: string, edit: Edit): Result<{ text: string; places: number }, string> {
  if (!text.includes(edit.old_text) && text.includes('\r\n') && !edit.old_text.includes('\r')) {
    const windows = {
      ...edit,
      old_text: edit.old_text.replaceAll('\n', '\r\n'),
      new_text: edit.new_text.replaceAll(/\r?\n/g, '\r\n'),
    }
    if (text.includes(windows.old_text)) return applyEdit(text, windows)
  }
  const pieces = text.split(edit.old_text)
  const places = pieces.length - 1
  if (places === 0)
    return err(`old_text is not in it.${nearby(text, edit.old_text)} Read the file and copy the text exactly.`)
  const first = text.indexOf(edit.old_text)
  const second = text.indexOf(edit.old_text, first + 1)
  if (!edit.replace_all && second >= 0) {
    return err(
      `old_text stands in it more than once (first in lines ${lineOf(text, first)} and ${lineOf(text, second)}). Add lines around it until it is unique, or set replace_all.`,
    )
  }
  return ok({ text: pieces.join(edit.new_text), places })
}

/** Where the beginning of a text that was not found stands with other spaces, as a hint. */
function nearby(text: string, wanted: string): string {
  const start = wanted
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '')
  if (start === undefined) return ''
  const index = text.split('\n').findIndex((line) => line.trim() === start)
  return index < 0 ? '' : ` Line ${index + 1} begins like it, but spaces or the lines after it differ.`
}

function lineOf(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}
