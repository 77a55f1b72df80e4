import type { Sqlite } from './connection.ts'

/** Is counted up where a statement is carried out, in place: a call for each would cost more. */
export interface Count {
  n: number
}

/** Counts the changes of each table by the statements that make them, so that what is remembered of a table can be held against it. */
export interface TableChanges {
  /** Grows with each statement that may change `table`, also where it changes nothing or is rolled back. */
  of(table: string): number
  /** What is to be counted whenever the statement `sql`, which does not only read, is carried out; null: nothing. */
  countOf(sql: string): Count | null
  /** Anything may have changed. */
  all(): void
}

/** Begins or ends a transaction and changes no row. `ROLLBACK` only takes away what was counted already. */
const FRAME = /^\s*(?:BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE)\b/i
/** The first of these words tells what a statement does: before it stand only tables that it makes up to read (`WITH`). */
const CHANGE =
  /^\s*(?:WITH\b.*?\b)?(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE(?:\s+OR\s+\w+)?|(DELETE)\s+FROM)\s+(?:main\.)?["`]?(\w+)/is
/** May take rows away in passing. */
const REPLACES = /\bOR\s+REPLACE\b/i

/** `sqlite`: the connection as it is now. What a statement does that is not understood counts as a change of all tables. */
export function createTableChanges(sqlite: () => Sqlite): TableChanges {
  const counts = new Map<string, Count>()
  const everything: Count = { n: 0 }
  let tables: ReadonlySet<string> | undefined
  let parents: ReadonlySet<string> | undefined
  const names = (question: string): ReadonlySet<string> => new Set(sqlite().prepare<[], string>(question).pluck().all())

  function ofTable(table: string): Count {
    const known = counts.get(table)
    if (known !== undefined) return known
    const made = { n: 0 }
    counts.set(table, made)
    return made
  }

  function isTable(name: string): boolean {
    tables ??= names("SELECT lower(name) FROM sqlite_schema WHERE type = 'table'")
    return tables.has(name)
  }

  /** Whether rows of other tables go with a row of this one. */
  function takesOthers(table: string): boolean {
    parents ??= names(
      `SELECT DISTINCT lower(f."table") FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f
       WHERE s.type = 'table' AND f.on_delete <> 'NO ACTION'`,
    )
    return parents.has(table)
  }

  function countFor(sql: string): Count {
    const [, isDelete, name] = CHANGE.exec(sql) ?? []
    const table = name?.toLowerCase()
    if (table === undefined || !isTable(table) || REPLACES.test(sql)) return everything
    return isDelete !== undefined && takesOthers(table) ? everything : ofTable(table)
  }

  return {
    of: (table) => ofTable(table).n + everything.n,
    countOf: (sql) => (FRAME.test(sql) ? null : countFor(sql)),
    all() {
      everything.n += 1
    },
  }
}
