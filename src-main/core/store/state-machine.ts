/**
 * One state machine as data: from each state, the states that may follow. Transitions are made in SQL, set-wise, so the
 * table is asked for the states that a target may be reached from.
 */
export type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>

export function canPass<State extends string>(table: Transitions<State>, from: State, to: State): boolean {
  return table[from].includes(to)
}

/**
 * By target: the states from which it may be reached, as a JSON array for `IN (SELECT value FROM json_each(?))`. To be
 * asked once per table, not per statement.
 */
export function predecessors<State extends string>(table: Transitions<State>): Readonly<Record<State, string>> {
  const states = Object.keys(table) as State[]
  const entries = states.map((to) => [to, JSON.stringify(states.filter((from) => canPass(table, from, to)))])
  return Object.fromEntries(entries) as Record<State, string>
}
