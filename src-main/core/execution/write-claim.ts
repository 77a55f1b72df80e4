import { type WriteClaim, writePaths } from '../lock/write-scopes.ts'
import { parseList } from '../store/text-list.ts'

/** What a task's row says of the files that it may write; `artifacts` and `write_scope` are lists of paths as stored. */
export interface WritingTask {
  readonly project_id: number
  readonly title: string
  readonly artifacts: string
  readonly write_scope: string
}

export function writeClaimOf({ project_id, title, artifacts, write_scope }: WritingTask): WriteClaim {
  // Most tasks of a big graph promise no file.
  if (artifacts === '' && write_scope === '') return { project_id, title, paths: [] }
  return { project_id, title, paths: writePaths(parseList(artifacts), parseList(write_scope)) }
}
