/** What Linux says of a process in `/proc/<pid>/stat` (proc_pid_stat(5)), as far as it is of use here. */
export interface ProcessStat {
  readonly parent: number
  readonly group: number
  /** Clock ticks since boot. */
  readonly started: string
  /** It has ended; only its parent has not looked yet. */
  readonly is_dead: boolean
}

/** Reads that line; null where it is no such line. */
export function parseStat(line: string): ProcessStat | null {
  // The name before it may hold spaces and brackets. State is the 3rd field of the line, the first one after the name.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const [state, parent, group] = fields
  const started = fields[19]
  if (state === undefined || parent === undefined || group === undefined || started === undefined) return null
  return { parent: Number(parent), group: Number(group), started, is_dead: state === 'Z' || state === 'X' }
}
