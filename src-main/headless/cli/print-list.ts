import { EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson, say } from './output.ts'
import { createPaint, type Paint } from './paint.ts'
import { type Column, renderTable } from './table.ts'

/** How a list shows in a terminal. */
export interface ListFace<T> {
  readonly json?: boolean | undefined
  /** What is said where there is nothing. */
  readonly empty: string
  readonly columns: readonly Column[]
  row(item: T, paint: Paint): string[]
}

/** A list as a table, or as one JSON object a line. */
export function printList<T>(items: readonly T[], { json, empty, columns, row }: ListFace<T>): ExitCode {
  if (json === true) {
    for (const item of items) printJson(item)
    return EXIT.done
  }
  if (items.length === 0) {
    say(empty)
    return EXIT.done
  }
  const paint = createPaint(process.stdout)
  const rows = items.map((item) => row(item, paint))
  print(renderTable(columns, rows, paint))
  return EXIT.done
}
