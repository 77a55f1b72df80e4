/**
 * One state machine as data: from each state, the states that may follow. Transitions are made in SQL, set-wise, so the
 * table is asked for the states that a target may be reached from.
 */
export type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>

export function canPass<State extends string>(table: Transitions<State>, from: State, to: State): boolean {
  return table[from].includes(to)
}

/** The states from which `to` may be reached, as a JSON array for `IN (SELECT value FROM json_each(?))`. */
export function predecessors<State extends string>(table: Transitions<State>, to: State): string {
  const states = (Object.keys(table) as State[]).filter((from) => canPass(table, from, to))
  return JSON.stringify(states)
}
