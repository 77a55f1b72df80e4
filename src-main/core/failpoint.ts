/** Ends this very process at once, as a power cut would, when it comes by a failpoint that was named at start. */
export type Failpoint<Name extends string = FailpointName> = (name: Name) => void

/** Every place at which a test may kill the process. */
export const FAILPOINTS = [
  // Every commit of the database, and the heads of its chains, which are kept beside it.
  'before-turn-commit',
  'after-turn-commit',
  'before-heads-kept',
  'after-heads-kept',
  // Ledger and journal: a model call. The first and the fourth lie inside a transaction.
  'after-reserve',
  'after-sent',
  'after-model-reply',
  'after-settle',
  'after-model-done',
  // A call that waits for a batch, and the batch. The fifth lies inside a transaction.
  'after-batch-joined',
  'before-batch-sent',
  'after-batch-sent',
  'after-batch-noted',
  'after-batch-settle',
  'before-batch-settled',
  'after-batch-settled',
  // Journal: a tool call, and texts that are too large for its rows.
  'before-tool-prepare',
  'after-tool-prepare',
  'after-tool-effect',
  'after-tool-done',
  'before-blob-placed',
  'after-blob-placed',
  // Plan and project, inside a transaction the latter.
  'after-plan-approved',
  'after-workspace-made',
  // Leases, inside a transaction.
  'after-lease-granted',
  'after-lease-extended',
  'after-lease-ended',
  // Workspace: a write with its copy for undo, a checkpoint, putting files back.
  'before-change-kept',
  'after-change-kept',
  'after-temporary-file',
  'after-rename',
  'before-change-done',
  'after-change-done',
  'before-history-placed',
  'after-history-placed',
  'before-checkpoint',
  'after-checkpoint',
  'after-checkpoint-published',
  'before-put-back',
  'after-put-back',
  // Child processes.
  'after-child-spawned',
  'after-child-recorded',
  'after-child-begun',
  // Recovery, which every start passes; the third lies inside a transaction.
  'recovery-orphans-ended',
  'recovery-leases-swept',
  'recovery-settling',
  'recovery-settled',
  'recovery-calls-settled',
  'recovery-done',
] as const
export type FailpointName = (typeof FAILPOINTS)[number]

/** Places in a restore, which is no part of a job and so has tests of its own. */
export const RESTORE_FAILPOINTS = [
  'restore-copied',
  'restore-prepared',
  'restore-planned',
  'restore-aside',
  'restore-in',
  'restore-swapped',
] as const
export type RestoreFailpoint = Failpoint<(typeof RESTORE_FAILPOINTS)[number]>

/** Places in the import of a project, which is no part of a job either. */
export const IMPORT_FAILPOINTS = [
  'import-received',
  'import-unpacked',
  'import-blobs-kept',
  // Inside the transaction.
  'import-rows-written',
  'import-committed',
  'import-history-placed',
  'import-placed',
  // Behind each slice of events.
  'import-events-written',
] as const
export type ImportFailpoint = Failpoint<(typeof IMPORT_FAILPOINTS)[number]>

/** Places in a call that is made once for its key, with tests of its own. */
export const ONCE_FAILPOINTS = ['once-done'] as const
export type OnceFailpoint = (typeof ONCE_FAILPOINTS)[number]

/** Places in the approval of a changed plan (P7), the first inside its transaction, with tests of their own. */
export const REPLAN_FAILPOINTS = ['replan-written', 'replan-committed'] as const
export type ReplanFailpoint = Failpoint<(typeof REPLAN_FAILPOINTS)[number]>

/** Takes `name`, or `name:3` to let the process pass twice and end it at the third time. */
export function createFailpoint<Name extends string = FailpointName>(names: readonly string[]): Failpoint<Name> {
  if (names.length === 0) return () => undefined
  const left = new Map<string, number>(
    names.map((text) => text.split(':')).map(([name = '', times = '1']) => [name, Number(times)]),
  )
  return (name) => {
    const times = left.get(name)
    if (times === undefined) return
    left.set(name, times - 1)
    if (times <= 1) process.kill(process.pid, 'SIGKILL')
  }
}
