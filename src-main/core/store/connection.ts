import type Database from 'better-sqlite3'
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'

/** The connection to a database, for prepared statements on hot paths. */
export type Sqlite = Database.Database
/** The same connection, typed by the schema. */
export type Orm = BetterSQLite3Database
