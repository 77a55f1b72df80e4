import type { Statement } from 'better-sqlite3'
import type { Sqlite } from './connection.ts'

export type Value = string | number | null | Uint8Array
type Row = readonly Value[]

/** Rows of one INSERT at most. A statement costs about as much as a row, so half of the time goes with it. */
const TOGETHER = 16

/**
 * Inserts rows of one table, each with values in the order of `columns`; many at once cost half of what they cost one by
 * one. `onConflict` is the end of the statement. Answers with the rowid of the last; new rows have consecutive ones, in
 * their order.
 */
export function insertMany(
  sqlite: Sqlite,
  table: string,
  columns: readonly string[],
  onConflict = '',
): (rows: readonly Row[]) => number {
  const insert = inParts(
    sqlite,
    (count) => `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${marks(columns, count)} ${onConflict}`,
  )
  return (rows) => insert([], rows)
}

/**
 * As {@link insertMany}, for rows that say the same in the columns `alike`: a value that crosses into SQLite costs a tenth
 * of a microsecond, so it crosses once.
 */
export function insertAlike(
  sqlite: Sqlite,
  table: string,
  alike: readonly string[],
  own: readonly string[],
): (same: Row, rows: readonly Row[]) => number {
  return inParts(
    sqlite,
    (count) =>
      `INSERT INTO ${table} (${[...alike, ...own].join(', ')})
       SELECT same.*, own.* FROM (VALUES ${marks(alike, 1)}) same CROSS JOIN (VALUES ${marks(own, count)}) own`,
  )
}

function marks(columns: readonly string[], rows: number): string {
  return Array(rows)
    .fill(`(${columns.map(() => '?').join(', ')})`)
    .join(', ')
}

function inParts(sqlite: Sqlite, sql: (count: number) => string): (before: Row, rows: readonly Row[]) => number {
  /** By their number of rows; made when they are first needed. */
  const inserts = new Map<number, Statement<[Value[]]>>()

  function insertOf(count: number): Statement<[Value[]]> {
    const known = inserts.get(count)
    if (known !== undefined) return known
    const made = sqlite.prepare<[Value[]]>(sql(count))
    inserts.set(count, made)
    return made
  }

  return (before, rows) => {
    let last = 0
    for (let index = 0; index < rows.length; index += TOGETHER) {
      const part = rows.slice(index, index + TOGETHER)
      const values = [...before]
      for (const row of part) values.push(...row)
      last = Number(insertOf(part.length).run(values).lastInsertRowid)
    }
    return last
  }
}
