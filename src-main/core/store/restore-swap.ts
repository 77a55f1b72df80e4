/**
 * Puts a prepared database in the place of the living one (D3), so that a power cut at any moment leaves one of the two
 * whole. The prepared files lie in `restore-draft/`. As soon as `restore.json` says so, the swap is decided: each file is
 * moved aside, then its successor is moved in; where that was interrupted, the next start goes on with it before it opens
 * the database. Without the note nothing has been touched, and the draft is only rubbish.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { backupId } from '#contract/backup.ts'
import { ok, type Result } from '#contract/result.ts'
import type { RestoreFailpoint } from '../failpoint.ts'
import { type Refusal, refuse } from '../refusal.ts'
import { syncFolder, writeDurably } from './durable-file.ts'

const PLAN = 'restore.json'
const DRAFT = 'restore-draft'
/** What is swapped, and what goes aside with it. A write-ahead log must never meet another database than its own. */
const FILES: readonly (readonly [name: string, companions: readonly string[]])[] = [
  ['chain-heads.json', []],
  ['config.yaml', []],
  ['baton.db', ['baton.db-wal', 'baton.db-shm']],
]

const swapPlan = z.strictObject({ v: z.literal(1), backup_id: backupId, aside: z.string().regex(/^replaced-[\w-]+$/) })
/** Which backup is to be swapped in, and the folder below `backups/` in which the replaced files are kept. */
export type SwapPlan = z.infer<typeof swapPlan>

/** Where the files to be swapped in are prepared. */
export function draftFolder(dataDir: string): string {
  return join(dataDir, DRAFT)
}

/** The folder in which a swap keeps what it replaces. */
export function asideFolder(dataDir: string, plan: SwapPlan): string {
  return join(dataDir, 'backups', plan.aside)
}

/** Whether a restore was decided and not ended. */
export function isSwapOpen(dataDir: string): boolean {
  return existsSync(join(dataDir, PLAN))
}

/** Decides the swap and does it. The draft is complete and durable. */
export function swapIn(dataDir: string, plan: SwapPlan, failpoint: RestoreFailpoint): void {
  writeDurably(join(dataDir, PLAN), `${JSON.stringify(plan)}\n`)
  failpoint('restore-planned')
  swap(dataDir, plan, failpoint)
}

/** Ends a swap that was interrupted; must come before the database is opened. Answers with it, or null. */
export function completeSwap(dataDir: string, failpoint: RestoreFailpoint): Result<SwapPlan | null, Refusal> {
  if (!isSwapOpen(dataDir)) return ok(null)
  const plan = readPlan(dataDir)
  if (plan === null) {
    return refuse(
      'conflict',
      `A restore was interrupted, and its note ${join(dataDir, PLAN)} is damaged. Nothing was changed. Delete that file and restore again: baton restore.`,
    )
  }
  swap(dataDir, plan, failpoint)
  return ok(plan)
}

function readPlan(dataDir: string): SwapPlan | null {
  try {
    return swapPlan.parse(JSON.parse(readFileSync(join(dataDir, PLAN), 'utf8')))
  } catch {
    return null
  }
}

function swap(dataDir: string, plan: SwapPlan, failpoint: RestoreFailpoint): void {
  const draft = draftFolder(dataDir)
  const aside = asideFolder(dataDir, plan)
  mkdirSync(aside, { recursive: true, mode: 0o700 })
  for (const [name, companions] of FILES) {
    // What is no longer in the draft is in its place already.
    if (!existsSync(join(draft, name))) continue
    for (const each of [...companions, name]) {
      if (existsSync(join(dataDir, each))) renameSync(join(dataDir, each), join(aside, each))
    }
    failpoint('restore-aside')
    renameSync(join(draft, name), join(dataDir, name))
    failpoint('restore-in')
  }
  syncFolder(aside)
  syncFolder(dataDir)
  failpoint('restore-swapped')
  rmSync(join(dataDir, PLAN))
  syncFolder(dataDir)
  rmSync(draft, { recursive: true, force: true })
}
