import { z } from 'zod'
import { type WriteClaim, writePaths } from '../lock/write-scopes.ts'

/** What a task's row says of the files that it may write; `artifacts` and `write_scope` are JSON arrays of paths. */
export interface WritingTask {
  readonly project_id: number
  readonly title: string
  readonly artifacts: string
  readonly write_scope: string
}

const paths = z.array(z.string())

export function writeClaimOf({ project_id, title, artifacts, write_scope }: WritingTask): WriteClaim {
  // Most tasks of a big graph promise no file; they are not worth parsing.
  if (artifacts === '[]' && write_scope === '[]') return { project_id, title, paths: [] }
  return {
    project_id,
    title,
    paths: writePaths(paths.parse(JSON.parse(artifacts)), paths.parse(JSON.parse(write_scope))),
  }
}
