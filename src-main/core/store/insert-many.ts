import type { Statement } from 'better-sqlite3'
import type { Sqlite } from './connection.ts'

type Value = string | number | null | Uint8Array
type Row = readonly Value[]

/** Rows of one INSERT at most. A statement costs about as much as a row, so half of the time goes with it. */
const TOGETHER = 16
/** Fewer rows that say the same are not worth a statement of their own. */
const WORTH_IT = 4
/** Ways of having something in common for which a table has statements, so that odd rows do not make them without end. */
const SHAPES = 8

/** A way of having something in common: `common` as bits; places of the columns that are bound once, and for each row. */
interface Shape {
  readonly common: number
  readonly once: readonly number[]
  readonly each: readonly number[]
  readonly statements: (count: number) => Statement<Value[]>
}

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
 * As {@link insertMany}, for rows of which neighbours mostly say the same in the columns `alike`, which come first in a row,
 * and often in some of their `own`: a value that crosses into SQLite costs a tenth of a microsecond and more, so what all rows
 * of a statement say crosses once for them. The last column is what they differ in.
 */
export function insertAlike(
  sqlite: Sqlite,
  table: string,
  alike: readonly string[],
  own: readonly string[],
): InsertRows {
  const columns = [...alike, ...own]
  const insert = insertMany(sqlite, table, columns)
  const alikeBits = (1 << alike.length) - 1
  const usual = shapeOf(alikeBits)
  const shapes = [usual]

  function saysTheSame(a: Row, b: Row | undefined): boolean {
    if (b === undefined) return false
    for (let index = 0; index < alike.length; index += 1) if (a[index] !== b[index]) return false
    return true
  }

  /** The columns in which all of these rows say the same, but for the last, as bits. */
  function commonOf(rows: readonly Row[], first: Row): number {
    let common = alikeBits
    for (let column = alike.length; column < columns.length - 1; column += 1) {
      if (allSay(rows, column, first[column])) common |= 1 << column
    }
    return common
  }

  /** The statements that bind the most of it once. */
  function shapeFor(common: number): Shape {
    let best = usual
    for (const shape of shapes) {
      if (shape.common === common) return shape
      const fits = (shape.common & common) === shape.common
      if (fits && shape.once.length > best.once.length) best = shape
    }
    if (shapes.length === SHAPES) return best
    const made = shapeOf(common)
    shapes.push(made)
    return made
  }

  function shapeOf(common: number): Shape {
    const isOnce = (index: number): boolean => (common & (1 << index)) !== 0
    const once = [...columns.keys()].filter(isOnce)
    const each = [...columns.keys()].filter((index) => !isOnce(index))
    const named = [...once, ...each].map((index) => columns[index])
    const statements = statementsOf(
      sqlite,
      (count) =>
        `INSERT INTO ${table} (${named.join(', ')})
         SELECT ${once.map(() => '?, ').join('')}own.* FROM (VALUES ${marks(each, count)}) own`,
    )
    return { common, once, each, statements }
  }

  function insertTogether(rows: readonly Row[], first: Row): number {
    const { once, each, statements } = shapeFor(commonOf(rows, first))
    const values: Value[] = []
    for (const index of once) values.push(first[index] ?? null)
    for (const row of rows) for (const index of each) values.push(row[index] ?? null)
    return Number(statements(rows.length).run(...values).lastInsertRowid)
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
        last = insertTogether(part, first)
      }
    }
    insertOthers()
    return last
  }
}

function allSay(rows: readonly Row[], column: number, value: Value | undefined): boolean {
  for (const row of rows) if (row[column] !== value) return false
  return true
}

function marks(columns: readonly unknown[], rows: number): string {
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
