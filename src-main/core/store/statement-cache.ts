import type { Sqlite } from './connection.ts'

/** What Drizzle asks of a statement. */
interface Asked {
  run(...given: unknown[]): unknown
  get(...given: unknown[]): unknown
  all(...given: unknown[]): unknown
  /** The same with rows as arrays. */
  raw(): Asked
}

/** Of texts, the oldest goes first: lists of different length make many of one question. */
const MOST_KEPT = 400

/**
 * `sqlite`, for Drizzle, which prepares a statement for each question: here a text that was prepared before is not prepared
 * again. A statement that gives rows as arrays goes on doing so, so there are two of a text that is asked in both ways.
 */
export function keepStatements(sqlite: Sqlite): Sqlite {
  const kept = new Map<string, Asked>()

  function statementOf(sql: string): Asked {
    const before = kept.get(sql)
    if (before !== undefined) return before
    const made = statementInBothWays(sqlite, sql)
    kept.set(sql, made)
    const { value: oldest } = kept.keys().next()
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
    return made
  }

  return new Proxy(sqlite, {
    get(target, name) {
      return name === 'prepare' ? statementOf : Reflect.get(target, name)
    },
  })
}

function statementInBothWays(sqlite: Sqlite, sql: string): Asked {
  const plain = sqlite.prepare(sql)
  let arrays: Asked | undefined
  return {
    run: (...given) => plain.run(...given),
    get: (...given) => plain.get(...given),
    all: (...given) => plain.all(...given),
    raw() {
      arrays ??= sqlite.prepare(sql).raw()
      return arrays
    },
  }
}
