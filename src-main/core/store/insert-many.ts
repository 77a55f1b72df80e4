import type { Statement } from 'better-sqlite3'
import type { Sqlite } from './connection.ts'

type Value = string | number | null | Uint8Array
type Row = readonly Value[]

/** Rows of one INSERT at most. A statement costs about as much as a row, so half of the time goes with it. */
const TOGETHER = 16
/** Fewer rows that say the same are not worth a statement of their own. */
const WORTH_IT = 4

/** Inserts rows of one table, each with values in the order of its columns, and answers with the rowid of the last. */
export type InsertRows = (rows: readonly Row[]) => number

/**
 * Inserts many rows at once, which costs half of what they cost one by one. `onConflict` is the end of the statement. New
 * rows have consecutive rowids, in their order.
 */
export function insertMany(sqlite: Sqlite, table: string, columns: readonly string[], onConflict = ''): InsertRows {
  const statements = statementsOf(
    sqlite,
    (count) => `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${marks(columns, count)} ${onConflict}`,
  )
  return (rows) => {
    let last = 0
    for (let index = 0; index < rows.length; index += TOGETHER) {
      const part = rows.slice(index, index + TOGETHER)
      last = Number(statements(part.length).run(...part.flat()).lastInsertRowid)
    }
    return last
  }
}

/**
 * As {@link insertMany}, where neighbours often say the same in the columns `alike`, which come first in a row: a value that
 * crosses into SQLite costs a tenth of a microsecond and more, so it crosses once for them.
 */
export function insertAlike(
  sqlite: Sqlite,
  table: string,
  alike: readonly string[],
  own: readonly string[],
): InsertRows {
  const columns = [...alike, ...own]
  const insert = insertMany(sqlite, table, columns)
  const statements = statementsOf(
    sqlite,
    (count) =>
      `INSERT INTO ${table} (${columns.join(', ')})
       SELECT same.*, own.* FROM (VALUES ${marks(alike, 1)}) same CROSS JOIN (VALUES ${marks(own, count)}) own`,
  )

  function saysTheSame(a: Row, b: Row | undefined): boolean {
    if (b === undefined) return false
    for (let index = 0; index < alike.length; index += 1) if (a[index] !== b[index]) return false
    return true
  }

  return (rows) => {
    let last = 0
    let others: Row[] = []
    const insertOthers = (): void => {
      if (others.length > 0) last = insert(others)
      others = []
    }
    for (let begin = 0; begin < rows.length; ) {
      const first = rows[begin] ?? []
      let end = begin + 1
      while (end - begin < TOGETHER && saysTheSame(first, rows[end])) end += 1
      const part = rows.slice(begin, end)
      begin = end
      if (part.length < WORTH_IT) others.push(...part)
      else {
        insertOthers()
        const values = first.slice(0, alike.length)
        for (const row of part)
          for (let index = alike.length; index < row.length; index += 1) values.push(row[index] ?? null)
        last = Number(statements(part.length).run(...values).lastInsertRowid)
      }
    }
    insertOthers()
    return last
  }
}

function marks(columns: readonly string[], rows: number): string {
  return Array(rows)
    .fill(`(${columns.map(() => '?').join(', ')})`)
    .join(', ')
}

/**
 * Statements by their number of rows, made when they are first needed. They are given their values one by one: each value
 * of an array has to be fetched from it through Node's API, which costs as much as to bind it.
 */
function statementsOf(sqlite: Sqlite, sql: (count: number) => string): (count: number) => Statement<Value[]> {
  const made = new Map<number, Statement<Value[]>>()
  return (count) => {
    const statement = made.get(count) ?? sqlite.prepare<Value[]>(sql(count))
    made.set(count, statement)
    return statement
  }
}
