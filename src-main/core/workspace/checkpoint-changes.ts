import type { FileChangeRow } from '../store/schema.ts'

/** What a number of writes did to one file, taken together. */
export interface NetChange {
  readonly path: string
  /** Names of the contents in the private history; null: no such file. */
  readonly before: string | null
  readonly after: string | null
  /** Somebody else changed the file between these writes, so `before` is not the other side of `after`. */
  readonly mixed: boolean
}

/** Takes writes together, in the order in which they happened. Files that are as they were before are left out. */
export function netChanges(rows: readonly Pick<FileChangeRow, 'path' | 'before' | 'after'>[]): NetChange[] {
  const byPath = new Map<string, NetChange>()
  for (const { path, before, after } of rows) {
    const so_far = byPath.get(path)
    if (so_far === undefined) byPath.set(path, { path, before, after, mixed: false })
    else byPath.set(path, { ...so_far, after, mixed: so_far.mixed || so_far.after !== before })
  }
  return [...byPath.values()].filter((change) => change.mixed || change.before !== change.after)
}
