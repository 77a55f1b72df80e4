import { encodeId } from '#contract/ids.ts'
import type { Tx } from '../store/write-queue.ts'
import type { LeaseRow, LeaseStore } from './lease-store.ts'
import type { Leases, ProcessIdentity } from './leases.ts'

/** What a task may write: its promised files and its write scope, as literal paths; a folder ends with `/`. */
export interface WriteClaim {
  readonly project_id: number
  readonly title: string
  readonly paths: readonly string[]
}

/** Keeps tasks that may write the same paths from running together (L2). All inside the turn that claims the task. */
export interface WriteScopes {
  /** Who stands in the way, in words; null where nobody does. */
  conflict(claim: WriteClaim): string | null
  /** The first `limit` of these claims that could be taken together now, each before those behind it. */
  together<T extends WriteClaim>(projectId: number, claims: readonly T[], limit: number): T[]
  take(tx: Tx, claim: WriteClaim, runId: number): void
  release(tx: Tx, runId: number): void
}

export function createWriteScopes(leases: Leases, rows: LeaseStore, self: ProcessIdentity): WriteScopes {
  /** Runs that hold a scope; most tasks of a big graph have none, and nothing is asked of the table for them. */
  const holding = new Set<number>()
  const prefixOf = (projectId: number): string => `write:${encodeId('project', projectId)}/`

  function inTheWay({ project_id, paths }: WriteClaim): LeaseRow | undefined {
    if (paths.length === 0) return undefined
    const prefix = prefixOf(project_id)
    return rows
      .heldWithPrefix(prefix)
      .find((lease) => paths.some((path) => overlaps(path, lease.resource.slice(prefix.length))))
  }

  return {
    conflict(claim) {
      const lease = inTheWay(claim)
      if (lease === undefined) return null
      const path = lease.resource.slice(prefixOf(claim.project_id).length)
      const since = new Date(lease.granted_at ?? lease.requested_at).toISOString()
      return `Waits for "${lease.purpose}", which may write ${path === '' ? 'every file' : path} and runs since ${since}. Goes on when it has ended.`
    },
    together(projectId, claims, limit) {
      const prefix = prefixOf(projectId)
      const taken = rows.heldWithPrefix(prefix).map((lease) => lease.resource.slice(prefix.length))
      const free: (typeof claims)[number][] = []
      for (const claim of claims) {
        if (free.length === limit) break
        if (claim.paths.some((path) => taken.some((other) => overlaps(path, other)))) continue
        free.push(claim)
        taken.push(...claim.paths)
      }
      return free
    },
    take(tx, { project_id, title, paths }, run_id) {
      if (paths.length > 0) {
        holding.add(run_id)
        // Once more at the end: a run that stopped and goes on in the same turn is forgotten by its release in between.
        tx.afterCommit(() => holding.add(run_id))
      }
      for (const path of new Set(paths)) {
        const lease = leases.tryAcquire(tx, {
          resource: `${prefixOf(project_id)}${path}`,
          owner: encodeId('run', run_id),
          purpose: title,
          process: self,
          project_id,
          run_id,
          priority: 1,
          ttl_ms: null,
          capacity: 1,
        })
        if (!lease.ok)
          throw new Error(`A write scope was taken although nobody stood in the way: ${lease.error.message}`)
      }
    },
    release(tx, runId) {
      if (!holding.has(runId)) return
      leases.releaseRun(tx, runId)
      tx.afterCommit(() => holding.delete(runId))
    },
  }
}

/** The literal paths behind promised files and scope patterns: a pattern stands for the folder before its first wildcard. */
export function writePaths(artifacts: readonly string[], scope: readonly string[]): string[] {
  const all = [...artifacts, ...scope].map((path) => {
    const clean = path.replace(/^\.\//, '').normalize('NFC')
    const wildcard = clean.search(/[*?[{]/)
    return wildcard < 0 ? clean : clean.slice(0, clean.lastIndexOf('/', wildcard) + 1)
  })
  return [...new Set(all)]
}

/** Case is folded, as some file systems do. */
function overlaps(a: string, b: string): boolean {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()]
  return x === y || within(x, y) || within(y, x)
}

/** Whether `path` lies in `folder`; an empty folder is the whole workspace. */
function within(path: string, folder: string): boolean {
  if (folder === '') return true
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}
