import type { Store } from './store.ts'

/**
 * The last moment (ms) that a process before this one wrote down; 0 where there was none. The events of an imported project
 * do not count: their moments may be those of another machine.
 */
export function livedUntil({ sqlite }: Store): number {
  const last = sqlite.prepare<[], number>(
    `SELECT e.ts FROM event e LEFT JOIN project p ON p.id = e.project_id WHERE p.import_key IS NULL
     ORDER BY e.seq DESC LIMIT 1`,
  )
  return last.pluck().get() ?? 0
}
