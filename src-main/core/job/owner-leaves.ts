import { OWN_CORE } from '#contract/job-words.ts'
import type { Store } from '../store/store.ts'
import type { Tx } from '../store/write-queue.ts'
import type { JobChanges } from './job-changes.ts'

/** Stays with the job after its owner was let in again, until a worker claims it anew. */
const TAKEN_BACK = 'It was taken back from its worker when its owner was switched off.'

/**
 * Takes the jobs of an owner (a user's public id) back who is switched off (S1), inside that change: their workers lose the
 * lease, and the jobs wait in the queue. Jobs of this core rest with their projects (`project/owner-switch.ts`).
 */
export function createOwnerLeaves({ sqlite }: Store, changes: JobChanges): (tx: Tx, owner: string) => void {
  const underWay = sqlite
    .prepare<[string, string], number>(
      `SELECT id FROM job WHERE state = 'running' AND owner = ? AND core_id <> ? ORDER BY id`,
    )
    .pluck()
  return (tx, owner) => {
    for (const id of underWay.all(owner, OWN_CORE)) changes.giveBack(tx, id, TAKEN_BACK, true)
  }
}
