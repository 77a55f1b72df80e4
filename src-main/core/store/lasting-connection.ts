import type Database from 'better-sqlite3'
import type { Sqlite } from './connection.ts'
import { type Count, createTableChanges, type TableChanges } from './table-changes.ts'
import { StorageFault } from './trouble.ts'

/**
 * A connection that outlives its file handles. Core holds prepared statements everywhere; after an I/O error the file has
 * to be closed and opened again (D4), and each statement prepares itself anew at its next use. The first time is no other:
 * core has 300 statements when it starts, and needs few of them for that.
 */
export interface LastingConnection {
  readonly sqlite: Sqlite
  /** What statements of it have changed. */
  readonly changes: TableChanges
  /** Closes the connection and goes on with what `open` gives. Where `open` throws, statements throw a {@link StorageFault} until the next call. */
  replace(open: () => Sqlite): void
}

type Statement = Database.Statement<unknown[], unknown>
type Mode = (statement: Statement) => unknown

export function createLastingConnection(first: Sqlite): LastingConnection {
  let current = first
  let generation = 0
  let isBetween = false
  const changes = createTableChanges(() => current)

  function prepare(sql: string): unknown {
    const modes: Mode[] = []
    let statement: Statement | undefined
    let madeIn = generation
    let count: Count | null = null

    function fresh(): Statement {
      if (isBetween) throw new StorageFault('io')
      if (statement !== undefined && madeIn === generation) return statement
      statement = current.prepare(sql)
      for (const mode of modes) mode(statement)
      madeIn = generation
      if (!statement.readonly) count ??= changes.countOf(sql)
      return statement
    }
    /** The statement, which is about to be carried out and counts as such. */
    function carriedOut(): Statement {
      const made = fresh()
      if (count !== null) count.n += 1
      return made
    }
    function inMode(mode: Mode): unknown {
      modes.push(mode)
      if (statement !== undefined && madeIn === generation) mode(statement)
      return held
    }
    const held = {
      source: sql,
      get reader() {
        return fresh().reader
      },
      get readonly() {
        return fresh().readonly
      },
      run: (...given: unknown[]) => carriedOut().run(...given),
      get: (...given: unknown[]) => carriedOut().get(...given),
      all: (...given: unknown[]) => carriedOut().all(...given),
      iterate: (...given: unknown[]) => carriedOut().iterate(...given),
      columns: () => fresh().columns(),
      pluck: (on = true) => inMode((made) => made.pluck(on)),
      raw: (on = true) => inMode((made) => made.raw(on)),
      expand: (on = true) => inMode((made) => made.expand(on)),
      safeIntegers: (on = true) => inMode((made) => made.safeIntegers(on)),
      bind: (...given: unknown[]) => inMode((made) => made.bind(...given)),
    }
    return held
  }

  const sqlite = new Proxy(first, {
    get(_, name) {
      if (name === 'prepare') return prepare
      if (name === 'exec') changes.all()
      const value: unknown = Reflect.get(current, name)
      return typeof value === 'function' ? value.bind(current) : value
    },
  })
  return {
    sqlite,
    changes,
    replace(open) {
      isBetween = true
      if (current.open) current.close()
      current = open()
      isBetween = false
      generation += 1
      changes.all()
    },
  }
}
