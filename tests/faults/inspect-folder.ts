import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { encodeId } from '../../src-contract/ids.ts'
import { runningProcesses, startedWith } from '../../src-main/core/process/process-table.ts'
import { contentName } from '../../src-main/core/workspace/checkpoint-repository.ts'
import { filesBelow } from '../support/markdown-folder.ts'
import type { Findings } from './findings.ts'

/** Every grant and every end of a lock, in order: one holder at a time, and each grant has a newer token (L1). */
export function inspectLocks(db: Database.Database, findings: Findings): void {
  const rows = db
    .prepare<[], { type: string; data: string }>("SELECT type, data FROM event WHERE type LIKE 'lock.%' ORDER BY seq")
    .all()
  const holders = new Map<string, string>()
  let newest = 0
  for (const { type, data } of rows) {
    const { resource, owner, token = 0 } = JSON.parse(data) as { resource: string; owner: string; token?: number }
    if (type === 'lock.ended') holders.delete(resource)
    if (type !== 'lock.granted') continue
    const other = holders.get(resource)
    findings.hold('broken locks', other === undefined, () => `${resource} went to ${owner} while ${other} had it`)
    findings.hold('broken locks', token > newest, () => `${resource} was granted with ${token} after ${newest}`)
    newest = token
    holders.set(resource, owner)
  }
}

/** The private histories, when all work is done: whole, and the same as what lies in the workspaces (E10). */
export function inspectHistories(db: Database.Database, data_dir: string, findings: Findings): void {
  if (!existsSync(join(data_dir, 'git'))) return
  const projects = db
    .prepare<[], { id: number; workspace: string; commit_oid: string }>(
      `SELECT p.id, p.workspace, c.commit_oid FROM project p JOIN checkpoint c ON c.project_id = p.id
       WHERE c.id = (SELECT max(id) FROM checkpoint WHERE project_id = p.id)`,
    )
    .all()
  const folders = readdirSync(join(data_dir, 'git')).sort()
  findings.hold(
    'left-over files',
    folders.length === projects.length && folders.every((name) => /^prj_\w+\.git$/.test(name)),
    () => `git holds ${folders.join(', ')}`,
  )
  for (const name of folders) {
    const folder = join(data_dir, 'git', name)
    const git = (...args: string[]) => spawnSync('git', ['--git-dir', folder, ...args], { encoding: 'utf8' })
    const checked = git('fsck', '--strict', '--no-dangling', '--no-progress')
    findings.hold('broken history', checked.status === 0, () => `${name}: ${checked.stderr}`)
    const left = filesBelow(folder).filter((file) => /index-|\.lock$|tmp_/.test(file))
    findings.hold('left-over files', left.length === 0, () => `${name} holds ${left.join(', ')}`)
  }
  const uncommitted = db
    .prepare<[], number>('SELECT count(*) FROM file_change WHERE checkpoint_id IS NULL')
    .pluck()
    .get()
  findings.hold('broken history', uncommitted === 0, () => `${uncommitted} changes are in no commit`)
  for (const { id, workspace, commit_oid } of projects) {
    const tree = treeOf(join(data_dir, 'git', `${encodeId('project', id)}.git`), commit_oid)
    const files = filesBelow(workspace).filter((path) => !path.startsWith('inputs/'))
    const lying = files.map((path) => [path, contentName(readFileSync(join(workspace, path)))])
    findings.hold(
      'broken history',
      JSON.stringify([...tree].sort()) === JSON.stringify(lying.sort()),
      () => `${commit_oid} has ${JSON.stringify([...tree])}, and there lie ${JSON.stringify(lying)}`,
    )
  }
}

function treeOf(folder: string, commit: string): Map<string, string> {
  const { stdout } = spawnSync('git', ['--git-dir', folder, 'ls-tree', '-r', '-z', commit], { encoding: 'utf8' })
  const entries = stdout.split('\0').filter((entry) => entry !== '')
  return new Map(entries.map((entry) => [entry.split('\t')[1] ?? '', entry.split(/[ \t]/)[2] ?? '']))
}

/** Nothing is left of texts that were being kept when a core died. */
export function inspectBlobs(data_dir: string, findings: Findings): void {
  const folder = join(data_dir, 'blobs')
  const odd = existsSync(folder) ? filesBelow(folder).filter((path) => !/^[0-9a-f]{2}\/[0-9a-f]{64}$/.test(path)) : []
  findings.hold('left-over files', odd.length === 0, () => `blobs holds ${odd.join(', ')}`)
}

/** Marks of the children that a dead core has on record. */
export function marksOf(db: Database.Database): string[] {
  const tokens = db.prepare<[], string>('SELECT token FROM child_process').pluck().all()
  return tokens.map((token) => `BATON_CHILD=${token}`)
}

/** Nothing that carries one of the marks runs any more. */
export function inspectProcesses(marks: ReadonlySet<string>, findings: Findings): void {
  if (marks.size === 0) return
  const running = runningProcesses().filter(({ pid }) => [...marks].some((mark) => startedWith(pid, mark)))
  findings.hold('left-over processes', running.length === 0, () => `${running.map(({ pid }) => pid).join(', ')} run on`)
}
