import { type SQL, sql } from 'drizzle-orm'

/**
 * A named placeholder whose value SQLite does not look at to plan. Where a value is compared with a column and rows are
 * sorted or grouped, SQLite 3.54 with STAT4 plans the statement anew with each value that is bound, which costs ten times as
 * much as most answers; behind a plus it does not (decision 0061). In SQL by hand, `= +?` says the same.
 */
export function steady(name: string): SQL {
  return sql`+${sql.placeholder(name)}`
}
